import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();

// { node1: { host: "203.0.113.7", hostKey: "ssh-ed25519 AAAA..." }, node2: ... }
const hosts = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");
const host = config.get("host") ?? "node1"; // change it, `pulumi up`, and Flocker moves the data

const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, each]) => [name, { ...each, privateKey }]),
  ),
});

new ferry.Deployment("app", {
  cluster,
  compose: "compose.yml",
  variables: { WEB_IMAGE: config.get("webImage") ?? "ferry-demo/web:1" },
  hosts: { web: host, redis: host },
  deleteData: true, // a demonstration leaves nothing behind; by default the data outlives its resource
  flocker: {
    control: config.require("control"),
    ca: config.requireSecret("ca"),
    cert: config.requireSecret("cert"),
    key: config.requireSecret("key"),
  },
});
