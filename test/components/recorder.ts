import * as pulumi from "@pulumi/pulumi";
import { withClusterHosts } from "../../provider/core/cluster-hosts";
import { unpacked } from "../../provider/core/packed";

/** A resource as the program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Each program has a copy of the SDK of its own, and what it still has to register is known there.
 */
const IDLE = Symbol.for("ferry/test/idle");

/** All that the SDK has begun is done. It is what ends a real program, though not in its types. */
function idle(): Promise<void> {
  const { waitForRPCs } = pulumi.runtime as unknown as { waitForRPCs: () => Promise<void> };
  return waitForRPCs().catch(() => undefined);
}

/** What a resource of this type has beside its inputs. */
type Answer = (type: string, inputs: Record<string, unknown>) => Record<string, unknown>;

/**
 * Stands in for the engine: records every resource, and answers as the handlers' `check` would for
 * what dependants need in preview: the pool's subnets and leases, a replica's names.
 */
export function record(
  preview: boolean,
  answer: Answer = answered,
  state: Record<string, unknown> = {},
): Registered[] {
  const registered: Registered[] = Object.defineProperty([], IDLE, { value: idle });
  void pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        const given = asRead(inputs as Record<string, unknown>);
        registered.push({ type, name, inputs: given });
        // The same kinds, by the type that they have where Ferry's own plugin keeps them.
        const kind = type.replace(/^pulumi-ferry:ferry:/, "pulumi-nodejs:dynamic/ferry:");
        return { id: `${name}-id`, state: { ...given, ...answer(kind, given) } };
      },
      call: ({ token, inputs }) =>
        token === "pulumi:pulumi:readStackResourceOutputs"
          ? { outputs: state }
          : (inputs as Record<string, unknown>),
    },
    "shop",
    "test",
    preview,
  );
  return registered;
}

/** What a provider reads of what a program says. */
function asRead(inputs: Record<string, unknown>): Record<string, unknown> {
  const { clusterHosts: hosts, ...others } = unpacked(inputs);
  if (hosts === undefined) return others;
  const text = typeof hosts === "string" ? hosts : (hosts as { value: unknown }).value;
  return withClusterHosts({ ...others, clusterHosts: text });
}

interface Requests {
  requests: { deployment: string; subnet?: string; replicas: { key: string; ip?: string }[] }[];
}

function answered(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (type === TYPES.mesh) {
    const found = { range: "10.32.0.0/13", domain: "weave.local", version: "2.6.5" };
    const health = { status: "healthy", problems: [], peers: {}, absent: [] };
    return { health, ...(inputs["existing"] === true ? { found } : {}) };
  }
  if (type === TYPES.dockerImage) {
    const name = (inputs["imageName"] as string).replace(/:[^:/]*$/, "");
    return { repoDigest: `${name}@sha256:${"a".repeat(64)}` };
  }
  if (type === TYPES.lateSubnet) {
    const { replicas } = inputs as { replicas: { key: string }[] };
    const leases = replicas.map(({ key }, r) => [key, `10.47.0.${r + 2}`]);
    return { subnet: "10.47.0.0/24", leases: Object.fromEntries(leases) };
  }
  if (type !== TYPES.pool) return {};
  const deployments = (inputs as unknown as Requests).requests.map(
    ({ deployment, replicas }, d) => [
      deployment,
      {
        subnet: `10.40.${d}.0/24`,
        leases: Object.fromEntries(
          replicas.map(({ key, ip }, r) => [key, ip ?? `10.40.${d}.${r + 2}`]),
        ),
      },
    ],
  );
  return { deployments: Object.fromEntries(deployments) };
}

/** The value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => (resolve(value), value)));
}

/** Waits until a program has registered all that it declares. */
export async function allRegistered(registered: readonly Registered[]): Promise<void> {
  const { [IDLE]: idleNow } = registered as unknown as { [IDLE]: typeof idle };
  for (let seen = -1; seen !== registered.length;) {
    seen = registered.length;
    await idleNow();
    // What waits for the end of the program goes on then.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const TYPES = {
  dockerImage: "docker:index/image:Image",
  host: "pulumi-nodejs:dynamic/ferry:Host",
  pool: "pulumi-nodejs:dynamic/ferry:AddressPool",
  lateSubnet: "pulumi-nodejs:dynamic/ferry:LateSubnet",
  separation: "pulumi-nodejs:dynamic/ferry:Separation",
  peer: "pulumi-nodejs:dynamic/ferry:Peer",
  mesh: "pulumi-nodejs:dynamic/ferry:Mesh",
  volume: "pulumi-nodejs:dynamic/ferry:Volume",
  replica: "pulumi-nodejs:dynamic/ferry:Replica",
  upkeep: "pulumi-nodejs:dynamic/ferry:Upkeep",
  ports: "pulumi-nodejs:dynamic/ferry:Ports",
};

/** Inputs of the resources of one kind, by the resource's name. */
export function inputsOf(
  registered: readonly Registered[],
  type: string,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    registered.filter((each) => each.type === type).map(({ name, inputs }) => [name, inputs]),
  );
}
