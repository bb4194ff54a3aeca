import { readFile } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

/** How a deployment is declared, and what of it. */
interface Wish {
  deployment: string;
  when: "at once" | "after a file" | "in apply" | "in a component, after a file";
  web: number;
  /** The resource's name, where it is another one. */
  resource?: string;
  formerResource?: string;
}

const config = new pulumi.Config();
const wishes = config.requireObject<Wish[]>("wishes");
const failing = config.get("failing");

class Shop extends pulumi.ComponentResource {
  constructor(name: string, declare: (parent: pulumi.Resource) => ferry.Deployment) {
    super("test:index:Shop", name);
    declare(this);
    this.registerOutputs();
  }
}

export = async () => {
  const cluster = new ferry.WeaveCluster("net", {
    hosts: config.requireObject<Record<string, ferry.HostArgs>>("hosts"),
  });
  const addresses: Record<string, pulumi.Output<string[]>> = {};
  const declare = (
    { deployment, web, resource = deployment, formerResource }: Wish,
    parent?: pulumi.Resource,
  ) => {
    const made = new ferry.Deployment(
      resource,
      {
        cluster,
        name: deployment,
        compose: "web:\n  image: shop/web:1\n",
        scale: { web },
      },
      {
        ...(parent === undefined ? {} : { parent }),
        ...(formerResource === undefined ? {} : { aliases: [{ name: formerResource }] }),
      },
    );
    addresses[deployment] = pulumi.all((made.services["web"] ?? []).map(({ ip }) => ip));
    return made;
  };
  const are = (when: Wish["when"]) => wishes.filter((wish) => wish.when === when);
  for (const wish of are("at once")) declare(wish);
  if (failing === "before the wait") throw new pulumi.RunError("failed before the wait");
  await readFile("Pulumi.yaml");
  if (failing === "after the wait") throw new pulumi.RunError("failed after the wait");
  for (const wish of are("after a file")) declare(wish);
  for (const wish of are("in a component, after a file")) {
    new Shop(`shop-${wish.deployment}`, (parent) => declare(wish, parent));
    await readFile("Pulumi.yaml");
  }
  const applied = are("in apply");
  if (applied.length > 0) {
    await new Promise<void>((done) => {
      cluster.hostNames.apply(() => {
        for (const wish of applied) declare(wish);
        done();
      });
    });
  }
  return { addresses, subnets: cluster.deployments };
};
