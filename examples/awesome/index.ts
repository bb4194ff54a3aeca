import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { node1: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, node2: ... }
const reached = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const hosts = Object.fromEntries(
  Object.entries(reached).map(([name, host]) => [name, { ...host, privateKey }]),
);

const cluster = new ferry.WeaveCluster("net", {
  hosts,
  password: config.requireSecret("weavePassword"),
});

// Other images than the public ones, by the variables of the files: { "NODE_IMAGE": "node:22" }.
const variables = config.getObject<Record<string, string>>("variables") ?? {};
// Where the wiki and its database are. Another host, and `pulumi up` moves both with their data.
const wikiHost = config.require("wikiHost");

const shop = new ferry.Deployment("shop", { cluster, compose: "shop/compose.yml", variables });

const wiki = new ferry.Deployment("wiki", {
  cluster,
  compose: "wiki/compose.yml",
  variables,
  hosts: { wiki: wikiHost, db: wikiHost },
});

const monitoring = new ferry.Deployment("monitoring", {
  cluster,
  compose: "monitoring/compose.yml",
  variables: { ...variables, METRICS_TOKEN: config.requireSecret("metricsToken") },
});

const queue = new ferry.Deployment("queue", { cluster, compose: "queue/compose.yml", variables });

const proxy = new ferry.Deployment("proxy", { cluster, compose: "proxy/compose.yml", variables });

const job = new ferry.Deployment("job", { cluster, compose: "job/compose.yml", variables });

/** On which host each application is reached. */
export const reachedAt = {
  shop: shop.replica("shop").host,
  wiki: wiki.replica("wiki").host,
  monitoring: monitoring.replica("collector").host,
  queue: queue.replica("redis").host,
  proxy: proxy.replica("proxy").host,
  job: job.replica("records").host,
};
export const workers = queue.services["worker"].map(({ host, containerName }) => ({
  host,
  containerName,
}));
