import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

interface Args {
  hosts: Record<string, Omit<ferry.HostArgs, "labels"> & { labels?: Record<string, string> }>;
  /** By name; those whose name begins with "late" are declared once the cluster is there. */
  deployments: Record<string, Omit<ferry.DeploymentArgs, "cluster">>;
}

const config = new pulumi.Config();
const args = config.requireObject<Args>("args");
const key = config.getSecret("privateKey");
const label = config.getSecret("label");

const hosts = Object.entries(args.hosts).map(([name, host]) => [
  name,
  {
    ...host,
    ...(key === undefined ? {} : { privateKey: key }),
    labels: { ...host.labels, ...(label !== undefined && name === "node2" ? { hush: label } : {}) },
  },
]);
const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(hosts) as Record<string, ferry.HostArgs>,
});

type Placed = Record<string, pulumi.Output<string>[]>;

const declare = (name: string): Placed => {
  const { place, ...given } = args.deployments[name]!;
  const hushed = place !== undefined && label !== undefined;
  const deployment = new ferry.Deployment(name, {
    cluster,
    ...given,
    ...(place === undefined ? {} : { place }),
    ...(hushed ? { place: { ...(place as object), "*": { on: { hush: label } } } } : {}),
  });
  return Object.fromEntries(
    Object.entries(deployment.services).map(([service, replicas]) => [
      service,
      replicas.map(({ host }) => host),
    ]),
  );
};

const names = Object.keys(args.deployments);
const isLate = (name: string) => name.startsWith("late");

export const placed = Object.fromEntries(
  names.filter((name) => !isLate(name)).map((name) => [name, declare(name)]),
);
export const late = cluster.health.apply(() =>
  pulumi.output(Object.fromEntries(names.filter(isLate).map((name) => [name, declare(name)]))),
);
