import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

type Hosts = Record<string, Omit<ferry.ConnectionArgs, "privateKey">>;

const config = new pulumi.Config();
const hosts = config.requireObject<Hosts>("hosts");
const privateKey = config.requireSecret("privateKey");

const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, host]) => [name, { ...host, privateKey }]),
  ),
});

new ferry.Deployment("app", {
  cluster,
  compose: "compose.yml",
  hosts: { redis: config.require("host") },
  deleteData: true,
  flocker: {
    control: config.require("control"),
    ca: config.requireSecret("ca"),
    cert: config.requireSecret("cert"),
    key: config.requireSecret("key"),
  },
});
