import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { node1: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, node2: ..., node3: ... }
const hosts = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const webImage = config.get("webImage") ?? "ferry-demo/web:1"; // built from web/Dockerfile

const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, host]) => [name, { ...host, privateKey }]),
  ),
  password: config.requireSecret("weavePassword"),
});

const apples = new ferry.Deployment("apples", {
  cluster,
  compose: "fig.yml",
  variables: { WEB_IMAGE: webImage },
  hosts: {
    redis: config.get("redisHost") ?? "node1", // change it, `pulumi up`, and redis moves with its data
    web: config.get("webHost") ?? "node1",
  },
  deleteData: true, // a demonstration leaves nothing behind; by default the data outlives its resource
});

const redis = apples.replica("redis");
const web = apples.replica("web");

// A client on the overlay that writes to redis all the time and counts what redis acknowledged.
const writer = new ferry.ServiceReplica(
  "apples-writer",
  {
    cluster,
    deployment: "apples",
    service: "writer",
    host: "node3",
    container: {
      image: webImage,
      command: ["/app/writer.js", "redis", "6379", "--status", "/tmp/writer.json"],
    },
  },
  { dependsOn: redis },
);

export const subnet = apples.subnet;
export const redisIp = redis.ip;
export const redisName = redis.dnsName;
export const redisHost = redis.host;
export const webIp = web.ip;
export const webName = web.dnsName;
export const webHost = web.host;
export const writerIp = writer.ip;
export const writerName = writer.dnsName;
export const lastMove = redis.lastMove.apply((move) => move ?? "none yet");
