import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { old: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, new: ... }
const reached = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const hosts = Object.fromEntries(
  Object.entries(reached).map(([name, host]) => [name, { ...host, privateKey }]),
);

const cluster = new ferry.WeaveCluster("net", {
  hosts,
  password: config.requireSecret("weavePassword"),
});

// The server that it is to run on: at first the one that it runs on already.
const server = config.require("server");
// What docker-compose calls the project: the name of the folder that it was run in. Once the
// application is taken over, this may go.
const project = config.get("project");

const shop = new ferry.Deployment("shop", {
  cluster,
  compose: "compose.yml",
  variables: config.getObject<Record<string, string>>("variables") ?? {},
  ...(project === undefined ? {} : { adopt: { project } }),
  hosts: { redis: server, worker: server },
});

export const redisIp = shop.replica("redis").ip;
export const redisName = shop.replica("redis").dnsName;
export const redisHost = shop.replica("redis").host;
export const redisVolume = shop.volume("data").volumeName;
