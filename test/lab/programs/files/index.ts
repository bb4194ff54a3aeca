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

new ferry.Deployment("apples", {
  cluster,
  compose: "app/compose.yml",
  variables: { TOKEN: config.requireSecret("token") },
  hosts: { box: config.require("host") },
  deleteData: true,
});
