import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as Pulumi from "@pulumi/pulumi";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import type * as Provider from "../../languages/provider";
import type * as Keeper from "../../provider/resources/keeper";
import type { DynamicMethods } from "../../provider/handlers/dynamic";
import type { Kind } from "../../provider/core/kinds";
import type * as Recorder from "./recorder";

const ROOT = join(__dirname, "../..");
const NAMES = ["WeaveCluster", "Peer", "Deployment", "ServiceReplica", "FlockerVolume"] as const;
type Name = (typeof NAMES)[number];

/** What Pulumi's analyzer of components makes of this package, as `pulumi package add` reads it. */
const analyzed = new Analyzer(
  ROOT,
  "pulumi-ferry",
  JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Record<string, unknown>,
  new Set(NAMES),
).analyze();

test("the analyzer reads all five components, and asks for what cannot be left out", () => {
  const required = (name: Name) =>
    Object.entries(analyzed.components[name]?.inputs ?? {})
      .filter(([, { optional }]) => optional !== true)
      .map(([input]) => input);
  expect(Object.fromEntries(NAMES.map((name) => [name, required(name)]))).toEqual({
    WeaveCluster: ["hosts"],
    Peer: ["connection"],
    Deployment: ["cluster", "compose"],
    ServiceReplica: ["cluster", "deployment", "service", "container"],
    FlockerVolume: ["cluster", "deployment"],
  });
  expect(analyzed.components["WeaveCluster"]?.inputs["password"]).toMatchObject({ type: "string" });
});

/** Not in the SDK's types, though all of its releases have it. */
interface Promised {
  promise(): Promise<unknown>;
}

/** The plugin in a process of its own, with mocks for an engine. */
function plugin({ preview = false } = {}) {
  jest.resetModules();
  (require("../../provider/resources/keeper") as typeof Keeper).keepResourcesHere();
  const recorder = require("./recorder") as typeof Recorder;
  const registered = recorder.record(preview);
  const pulumi = require("@pulumi/pulumi") as typeof Pulumi;
  const { FerryProvider } = require("../../languages/provider") as typeof Provider;
  const none = {} as Record<Kind, DynamicMethods>;
  const ferry = new FerryProvider("0.0.0", "{}", none);

  /** One call of the engine's: its answer is there once all that it registers is. */
  async function construct(
    component: Name,
    name: string,
    inputs: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const type = `pulumi-ferry:index:${component}`;
    const { state } = await ferry.construct(name, type, inputs, {});
    await recorder.allRegistered(registered);
    // What is unknown is not there, and keeps nothing else from being known.
    const values = Object.entries(state).map(async ([key, value]) => [
      key,
      await (pulumi.output(value as unknown) as unknown as Promised).promise(),
    ]);
    return Object.fromEntries(await Promise.all(values)) as Record<string, unknown>;
  }
  return { registered, construct };
}

const HOSTS = {
  node1: { host: "10.9.0.1", hostKey: "ssh-ed25519 A", sshConfigFile: "/etc/ssh/mine" },
  node2: { host: "10.9.0.2", hostKey: "ssh-ed25519 A" },
};
const COMPOSE = `
services:
  db: { image: "redis:7", volumes: ["data:/data"] }
  web: { image: "shop/web:1", scale: 2 }
volumes: { data: {} }
`;

test("each component comes with all that its schema says, in calls one after the other", async () => {
  const { construct, registered } = plugin();
  const made = {
    WeaveCluster: await construct("WeaveCluster", "net", { hosts: HOSTS }),
    Peer: await construct("Peer", "alone", { connection: HOSTS.node2, network: "other" }),
  };
  const cluster = made.WeaveCluster["reference"];
  const volume = await construct("FlockerVolume", "keep", { cluster, deployment: "plums" });
  const mounts = [{ type: "volume", volume: "keep", target: "/data" }];
  const all: Record<Name, Record<string, unknown>> = {
    ...made,
    FlockerVolume: volume,
    Deployment: await construct("Deployment", "apples", {
      ...{ cluster, compose: COMPOSE, hosts: { db: "node2" } },
      replicaHosts: { web: ["node1", "node2"] },
    }),
    ServiceReplica: await construct("ServiceReplica", "plums", {
      ...{ cluster, deployment: "plums", service: "db", host: "node1" },
      ...{ container: { image: "redis:7", mounts }, volumes: [volume["reference"]] },
    }),
  };
  for (const name of NAMES) {
    const seen = Object.keys(analyzed.components[name]?.outputs ?? {});
    expect([name, Object.keys(all[name]).sort()]).toEqual([name, seen.sort()]);
  }
  expect(all.Deployment).toMatchObject({
    subnet: "10.47.0.0/24",
    addresses: { db: ["10.47.0.2"], web: ["10.47.0.3", "10.47.0.4"] },
    placement: { db: ["node2"], web: ["node1", "node2"] },
    volumeNames: { data: "apples_data" },
  });
  expect(all.ServiceReplica).toMatchObject({ ip: "10.47.0.2", host: "node1" });
  const kinds = new Set(registered.map(({ type }) => type.split(":").slice(0, 2).join(":")));
  expect([...kinds].sort()).toEqual(["pulumi-ferry:ferry", "pulumi-ferry:index"]);
  const host = registered.find(({ name }) => name === "net-node1")?.inputs["connection"];
  expect(host).toMatchObject({ value: { sshConfig: "/etc/ssh/mine" } });
});

test("what runs already, and how replicas change, is said as in TypeScript", async () => {
  const { construct, registered } = plugin();
  const { reference: cluster } = await construct("WeaveCluster", "net", { hosts: HOSTS });
  const volume = await construct("FlockerVolume", "keep", {
    ...{ cluster, deployment: "plums", adopt: "shop" },
  });
  await construct("Deployment", "apples", {
    ...{ cluster, compose: COMPOSE, adopt: { containers: { web: ["one", "two"] } } },
  });
  const adopt = { project: "shop", service: "db" };
  await construct("ServiceReplica", "plums", {
    ...{ cluster, deployment: "plums", service: "db", host: "node1", adopt },
    ...{ changes: { parallelism: 2 }, volumes: [volume["reference"]] },
    container: { image: "redis:7", postStart: [{ argv: ["begin"], user: "root" }] },
  });
  // A component has the name of what it is made of.
  const inputs = (name: string) =>
    registered.find((each) => each.name === name && each.type.includes(":ferry:"))?.inputs;
  expect(inputs("apples-web-1")).toMatchObject({ adopt: { container: "two" } });
  expect(inputs("apples-db-0")).toMatchObject({ adopt: { project: "apples", service: "db" } });
  expect(inputs("keep")).toMatchObject({ adopt: "shop_keep" });
  expect(inputs("plums")).toMatchObject({
    ...{ adopt, changes: { parallelism: 2 } },
    spec: { postStart: [{ argv: ["begin"], user: "root" }] },
  });
});

test("a first preview knows addresses", async () => {
  const { construct } = plugin({ preview: true });
  const { reference } = await construct("WeaveCluster", "net", { hosts: HOSTS });
  const apples = await construct("Deployment", "apples", { cluster: reference, compose: COMPOSE });
  expect(apples["addresses"]).toEqual({ db: ["10.47.0.2"], web: ["10.47.0.3", "10.47.0.4"] });
});

test("what is no cluster of the program's is told as such", async () => {
  const { construct } = plugin();
  const { reference } = await construct("WeaveCluster", "net", { hosts: HOSTS });
  const volume = await construct("FlockerVolume", "keep", {
    ...{ cluster: reference, deployment: "plums" },
  });
  const deployed = (cluster: unknown) =>
    construct("Deployment", "apples", { cluster, compose: COMPOSE });
  await expect(deployed("net")).rejects.toThrow(
    "Deployment 'apples': cluster must be the `reference` of a WeaveCluster that the same program declares, and 'net' is none.",
  );
  await expect(deployed(volume["reference"])).rejects.toThrow(/FlockerVolume::keep' is none/);
});
