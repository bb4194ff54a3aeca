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

const apples = new ferry.Deployment("apples", {
  cluster,
  compose: "compose.yml",
  variables: { GREETING: config.get("greeting") ?? "hello" },
  hosts: { web: config.get("webHost") ?? "node1", worker: "node2" },
  deleteData: true,
});

export const web = apples.replica("web").host;
