import { CustomResource, dynamic, type CustomResourceOptions, type Inputs } from "@pulumi/pulumi";
import type { Kind } from "../core/kinds";
import { thinProvider, thinProviderBelow } from "../thin";
import { foundFrom } from "./found-from";
import { keptHere } from "./keeper";
import { mistake } from "./mistake";

/** Where our kinds show in a state file: `pulumi-nodejs:dynamic/ferry:Replica`. */
const MODULE = "ferry";

/** The same where no program in Node is: `pulumi-ferry:ferry:Replica`. */
const OWN_TYPES = `pulumi-ferry:${MODULE}:`;

const TYPES: Record<Kind, string> = {
  host: "Host",
  addressPool: "AddressPool",
  lateSubnet: "LateSubnet",
  peer: "Peer",
  mesh: "Mesh",
  separation: "Separation",
  volume: "Volume",
  replica: "Replica",
  upkeep: "Upkeep",
  ports: "Ports",
};

/** Where Pulumi's process for dynamic resources keeps them. */
const DYNAMIC_TYPES = `pulumi-nodejs:dynamic/${MODULE}:`;

/** Which of ours a resource's type in the engine's words is. */
export function kindOf(type: string): Kind | undefined {
  const kinds = Object.keys(TYPES) as Kind[];
  return kinds.find((kind) => [DYNAMIC_TYPES, OWN_TYPES].some((all) => type === all + TYPES[kind]));
}

/** One object per kind, because the SDK serialises each object once. */
const providers = new Map<Kind, dynamic.ResourceProvider>();

function providerOf(kind: Kind): dynamic.ResourceProvider {
  const provider = providers.get(kind) ?? makeProvider(kind);
  providers.set(kind, provider);
  return provider;
}

function makeProvider(kind: Kind): dynamic.ResourceProvider {
  const from = foundFrom(process.cwd());
  if (from !== "nowhere") return from === "sdk" ? thinProviderBelow(kind) : thinProvider(kind);
  throw mistake(
    `pulumi-ferry is not found from ${process.cwd()}, where Pulumi looks for what its resources do. Add it to the program's ` +
      "own package.json, in the version that the package which uses it asks for.",
  );
}

/** Kept by Pulumi's process for dynamic resources; the SDK writes `__provider` into `props`. */
class DynamicKind extends dynamic.Resource {
  constructor(kind: Kind, name: string, props: Inputs, opts: CustomResourceOptions) {
    super(providerOf(kind), name, props, opts, MODULE, TYPES[kind]);
  }
}

class OwnKind extends CustomResource {
  constructor(kind: Kind, name: string, props: Inputs, opts: CustomResourceOptions) {
    super(OWN_TYPES + TYPES[kind], name, props, opts);
  }
}

/** A resource of one of Ferry's kinds. */
export const KindResource: typeof OwnKind = keptHere() ? OwnKind : DynamicKind;
