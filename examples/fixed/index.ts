import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { node1: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, node2: ..., ... }
const reached = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const hosts = Object.fromEntries(
  Object.entries(reached).map(([name, host]) => [name, { ...host, privateKey }]),
);

// The core divides Weave's range and is dialled by everybody; all other hosts are observers, as
// many as there are.
const core = config.getObject<string[]>("core") ?? Object.keys(hosts).slice(0, 2);

const cluster = new ferry.WeaveCluster("net", {
  hosts,
  topology: "fixed",
  core,
  password: config.requireSecret("weavePassword"),
});

export const hostNames = cluster.hostNames;
export const peerNames = cluster.peerNames;
export const health = cluster.health;
// For the image or the cloud-init of hosts that come by themselves: each joins as an observer when
// it boots.
export const observerBootScript = cluster.observerBootScript;
