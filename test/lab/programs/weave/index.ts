import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

type Hosts = Record<string, Omit<ferry.ConnectionArgs, "privateKey">>;

const config = new pulumi.Config();
const args = config.requireObject<ferry.WeaveClusterArgs>("args");
const hosts = config.requireObject<Hosts>("hosts");
const privateKey = config.requireSecret("privateKey");
const password = config.getSecret("weavePassword");

const cluster = new ferry.WeaveCluster("net", {
  ...args,
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, host]) => [name, { ...host, privateKey }]),
  ),
  ...(password === undefined ? {} : { password }),
});

export const hostNames = cluster.hostNames;
export const peerNames = cluster.peerNames;
export const health = cluster.health;
export const bootScript = cluster.observerBootScript;
