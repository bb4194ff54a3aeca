import { dynamic, mergeOptions, type CustomResourceOptions, type Inputs } from "@pulumi/pulumi";
import type { Kind } from "../core/kinds";
import { thinProvider } from "../thin";

/** Where our kinds show in a state file: `pulumi-nodejs:dynamic/ferry:Replica`. */
const MODULE = "ferry";

const TYPES: Record<Kind, string> = {
  host: "Host",
  addressPool: "AddressPool",
  peer: "Peer",
  mesh: "Mesh",
  volume: "Volume",
  replica: "Replica",
};

/** One object per kind, because the SDK serialises each object once. */
const providers = new Map<Kind, dynamic.ResourceProvider>();

function providerOf(kind: Kind): dynamic.ResourceProvider {
  const provider = providers.get(kind) ?? thinProvider(kind);
  providers.set(kind, provider);
  return provider;
}

/**
 * The base of Ferry's resources. `outputs` names what the handler adds to the inputs; `secrets` names what stays
 * encrypted in state. The args are copied, since the SDK writes `__provider` into the object that it is given.
 */
export abstract class FerryResource extends dynamic.Resource {
  protected constructor(
    kind: Kind,
    name: string,
    args: Inputs,
    outputs: readonly string[],
    secrets: readonly string[],
    opts: CustomResourceOptions | undefined,
  ) {
    const toBeKnown = Object.fromEntries(outputs.map((output) => [output, undefined]));
    super(
      providerOf(kind),
      name,
      { ...toBeKnown, ...args },
      mergeOptions(opts, { additionalSecretOutputs: [...secrets] }),
      MODULE,
      TYPES[kind],
    );
  }
}
