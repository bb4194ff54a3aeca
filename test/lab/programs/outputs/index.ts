import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

interface Scene {
  /** Comes out of a resource, so that nobody knows it before that has been made. */
  late: { compose: string; replicas: number };
  /** Where services of "apples" run. */
  hosts: Record<string, string>;
}

interface Given {
  given: Scene["late"];
}

const outsOf = ({ given }: Given) => ({ given, ...given });

/** Gives out what it was given, once it is there. */
class Late extends pulumi.dynamic.Resource {
  declare readonly compose: pulumi.Output<string>;
  declare readonly replicas: pulumi.Output<number>;

  constructor(name: string, props: Scene["late"]) {
    super(
      {
        create: (inputs: Given) => Promise.resolve({ id: name, outs: outsOf(inputs) }),
        update: (_id: string, _olds: Given, news: Given) => Promise.resolve({ outs: outsOf(news) }),
      },
      name,
      { compose: undefined, replicas: undefined, given: props },
    );
  }
}

const config = new pulumi.Config();
const scene = config.requireObject<Scene>("scene");
const late = new Late("late", scene.late);

const cluster = new ferry.WeaveCluster("net", {
  hosts: config.requireSecretObject<Record<string, ferry.HostArgs>>("hosts"),
});

const apples = new ferry.Deployment("apples", {
  cluster,
  compose: `
services:
  db: { image: "redis:7", volumes: ["data:/data"], environment: { GREETING: "\${GREETING}" } }
  web: { image: "shop/web:1" }
volumes: { data: {} }
`,
  variables: config.requireSecretObject<Record<string, string>>("variables"),
  environment: config.requireSecretObject<Record<string, Record<string, string>>>("environment"),
  hosts: pulumi.output(scene.hosts),
  healthTimeoutSeconds: 20,
});

const pears = new ferry.Deployment("pears", {
  cluster,
  compose: late.compose,
  scale: { db: late.replicas },
  healthTimeoutSeconds: 20,
});

const reported = ({ host, ip }: ferry.ServiceReplica) => ({ host, ip });

export const hostNames = cluster.hostNames;
export const db = apples.parts.apply(({ services }) => services["db"]?.map(reported));
export const web = apples.parts.apply(({ services }) => services["web"]?.map(reported));
export const late_db = pears.parts.apply(({ services }) => services["db"]?.map(reported));
export const subnets = [apples.subnet, pears.subnet];
export { apples, pears };
