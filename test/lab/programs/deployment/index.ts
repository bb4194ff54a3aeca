import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

interface Args {
  cluster?: ferry.WeaveClusterArgs;
  hosts: Record<string, ferry.HostArgs>;
  deployment: Omit<ferry.DeploymentArgs, "cluster">;
}

const config = new pulumi.Config();
const args = config.requireObject<Args>("args");
const privateKey = config.requireSecret("privateKey");
const hosts = Object.entries(args.hosts).map(
  ([name, host]) => [name, { privateKey, ...host }] as const,
);

const cluster = new ferry.WeaveCluster("net", {
  ...args.cluster,
  hosts: Object.fromEntries(hosts),
});
const apples = new ferry.Deployment("apples", { cluster, ...args.deployment });

export const replicas = Object.values(apples.services)
  .flat()
  .map(({ host, ip, containerName, containerId, lastMove }) => ({
    host,
    ip,
    containerName,
    containerId,
    lastMove,
  }));
