import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

type Hosts = Record<string, Omit<ferry.ConnectionArgs, "privateKey">>;

const config = new pulumi.Config();
const hosts = config.requireObject<Hosts>("hosts");
const privateKey = config.requireSecret("privateKey");
const former = config.get("formerCluster");

const cluster = new ferry.WeaveCluster(
  config.require("cluster"),
  {
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, host]) => [name, { ...host, privateKey }]),
    ),
  },
  former === undefined ? {} : { aliases: [{ name: former }] },
);
const replicaHost = config.get("replicaHost");
const formerly = config.get("formerly");
const apples = new ferry.Deployment("apples", {
  cluster,
  compose:
    "redis:\n  image: ferry-demo/redis:1\n  command: --appendonly yes --appendfsync always\n  volumes:\n    - data:/data\n",
  ...(replicaHost === undefined ? {} : { hosts: { redis: replicaHost } }),
  ...(formerly === undefined ? {} : { formerly }),
  deleteData: true,
});

export const health = cluster.health;
export const replicas = Object.values(apples.services)
  .flat()
  .map(({ host, ip, containerName, lastMove }) => ({ host, ip, containerName, lastMove }));
