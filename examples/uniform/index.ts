import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { node1: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, node2: ..., ... }
const reached = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const hosts = Object.fromEntries(
  Object.entries(reached).map(([name, host]) => [name, { ...host, privateKey }]),
);

// Every peer dials every other one. Add a host or take one out, and `pulumi up` does the rest, one
// host at a time.
const cluster = new ferry.WeaveCluster("net", {
  hosts,
  topology: "uniform",
  password: config.requireSecret("weavePassword"),
});

export const hostNames = cluster.hostNames;
export const peerNames = cluster.peerNames;
export const health = cluster.health;
