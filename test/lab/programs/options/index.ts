import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

interface Scene {
  /** The resources' names: of the cluster, the deployment, the replica and the volume beside it. */
  names: { cluster: string; deployment: string; replica: string; volume: string };
  /** What they were called before; for Pulumi's `aliases`. */
  before?: { cluster?: string; deployment?: string; replica?: string; volume?: string };
  /** Where the replica of the deployment and the one beside it run. */
  host: string;
  /** The service of the replica beside it. */
  service: string;
  /** Goes into the environment of both. */
  word: string;
  /** Pulumi's own, on deployment, replica and volume. */
  options?: pulumi.ComponentResourceOptions;
  /** Pulumi's own, given to each of Ferry's replicas by a transform. */
  transformed?: pulumi.CustomResourceOptions;
  /** "deployment", "replica": not declared. */
  without?: string[];
}

const config = new pulumi.Config();
const scene = config.requireObject<Scene>("scene");
const hosts = config.requireObject<Record<string, ferry.HostArgs>>("hosts");
const { names, before = {}, host, service, word, without = [] } = scene;

const called = (
  what: keyof Scene["names"],
  { options }: Pick<Scene, "options"> = scene,
): pulumi.ComponentResourceOptions => {
  const former = before[what];
  return { ...options, ...(former === undefined ? {} : { aliases: [{ name: former }] }) };
};

if (scene.transformed !== undefined) {
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
    type.endsWith("dynamic/ferry:Replica")
      ? { props, opts: pulumi.mergeOptions(opts, scene.transformed) }
      : undefined,
  );
}

const cluster = new ferry.WeaveCluster(names.cluster, { hosts }, called("cluster", {}));

export const replicas: Record<string, unknown> = {};
const show = (name: string, { host, ip, containerId }: ferry.ServiceReplica) =>
  (replicas[name] = { host, ip, containerId });

if (!without.includes("deployment")) {
  const apples = new ferry.Deployment(
    names.deployment,
    {
      cluster,
      name: "apples",
      compose: `
services:
  db:
    image: redis:7
    volumes: ["data:/data"]
volumes: { data: {} }
`,
      hosts: { db: host },
      environment: { db: { WORD: word } },
      healthTimeoutSeconds: 20,
    },
    called("deployment"),
  );
  show("db", apples.replica("db"));
}

if (!without.includes("replica")) {
  const volume = new ferry.FlockerVolume(
    names.volume,
    { cluster, deployment: "pears", key: "files" },
    called("volume"),
  );
  const web = new ferry.ServiceReplica(
    names.replica,
    {
      cluster,
      deployment: "pears",
      service,
      host,
      container: {
        image: "shop/web:1",
        mounts: [{ type: "volume", volume: "files", target: "/files" }],
      },
      environment: { WORD: word },
      volumes: [volume],
      healthTimeoutSeconds: 20,
    },
    called("replica"),
  );
  show("web", web);
}
