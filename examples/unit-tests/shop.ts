import * as ferry from "pulumi-ferry";

const COMPOSE = `
services:
  db:
    image: postgres:17
    volumes: [data:/var/lib/postgresql/data]
  pages:
    image: shop/pages:1
    links: [db]
volumes:
  data: {}
`;

/** A shop, on a cluster that another part of the program has made. */
export function shop(cluster: ferry.Cluster, pages: number): ferry.Deployment {
  return new ferry.Deployment("shop", {
    cluster,
    compose: COMPOSE,
    scale: { pages },
    hosts: { db: "node1" },
  });
}
