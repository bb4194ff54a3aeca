import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { node1: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, node2: ..., ... }
const reached = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const hosts = Object.fromEntries(
  Object.entries(reached).map(([name, host]) => [name, { ...host, privateKey }]),
);

// The network is somebody else's: it is looked at, and nothing of it is launched, changed or reset.
// What this program brings is a pool of its own, apart from that of the program that keeps the
// network (there: `pool: "10.40.0.0/14"`).
const cluster = ferry.WeaveCluster.existing("net", {
  hosts,
  pool: config.get("pool") ?? "10.44.0.0/14",
  exclude: config.getObject<string[]>("exclude") ?? [],
});

const pears = new ferry.Deployment("pears", {
  cluster,
  compose: `
services:
  box:
    image: ${config.get("image") ?? "busybox:1"}
    command: sleep 100000
    stop_grace_period: 1s
`,
});

export const ip = pears.replica("box").ip;
export const dnsName = pears.replica("box").dnsName;
export const host = pears.replica("box").host;

export const hostNames = cluster.hostNames;
export const peerNames = cluster.peerNames;
export const health = cluster.health;
