import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

const config = new pulumi.Config();
const hosts = config.requireObject<Record<string, { host: string; hostKey: string }>>("hosts");
const privateKey = config.requireSecret("privateKey");

const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, host]) => [name, { ...host, privateKey }]),
  ),
});

new ferry.Deployment("apples", {
  cluster,
  compose: "compose.yml",
  variables: {
    TOKEN: config.requireSecret("token"),
    TOOL: config.require("tool"),
    CONTEXT: config.require("context"),
  },
  hosts: { web: config.get("webHost") ?? "node1", base: "node1", fetched: "node2", tool: "node2" },
});
