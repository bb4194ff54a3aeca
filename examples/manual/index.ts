import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { node1: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, node2: ..., ... }
const reached = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const hosts = Object.fromEntries(
  Object.entries(reached).map(([name, host]) => [name, { ...host, privateKey }]),
);

// The first peer starts alone; every further one dials those that were there before it.
const names = Object.keys(hosts);
const targets = Object.fromEntries(
  names.slice(1).map((name, i): [string, string[]] => [name, names.slice(0, i + 1)]),
);

const cluster = new ferry.WeaveCluster("net", {
  hosts,
  topology: "manual",
  targets,
  password: config.requireSecret("weavePassword"),
});

export const hostNames = cluster.hostNames;
export const peerNames = cluster.peerNames;
export const health = cluster.health;
