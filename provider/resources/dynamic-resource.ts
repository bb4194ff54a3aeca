import {
  dynamic,
  mergeOptions,
  secret,
  type CustomResourceOptions,
  type Inputs,
} from "@pulumi/pulumi";
import type { Kind } from "../core/kinds";
import { thinProvider, thinProviderBelow } from "../thin";
import { foundFrom } from "./found-from";
import { mistake } from "./mistake";
import { secretPaths } from "./secret-inputs";

/** Where our kinds show in a state file: `pulumi-nodejs:dynamic/ferry:Replica`. */
const MODULE = "ferry";

const TYPES: Record<Kind, string> = {
  host: "Host",
  addressPool: "AddressPool",
  lateSubnet: "LateSubnet",
  peer: "Peer",
  mesh: "Mesh",
  volume: "Volume",
  replica: "Replica",
};

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

/** What a kind makes of its args. */
export interface Shape {
  /** What the handler adds to the inputs. */
  readonly outputs?: readonly string[];
  /** Args that are secret whatever the program says of them, in inputs and outputs. */
  readonly secrets?: readonly string[];
  /**
   * Outputs that are secret even where the program's word was not: they may be what an earlier
   * program said.
   */
  readonly secretOutputs?: readonly string[];
}

/**
 * The base of Ferry's resources. The args are copied, since the SDK writes `__provider` into the
 * object that it is given. `secretInputs` is read by the provider and not kept as an input.
 */
export abstract class FerryResource extends dynamic.Resource {
  protected constructor(
    kind: Kind,
    name: string,
    args: Inputs,
    { outputs = [], secrets = [], secretOutputs = [] }: Shape,
    opts: CustomResourceOptions | undefined,
  ) {
    const toBeKnown = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const hidden = Object.fromEntries(
      secrets.flatMap((each) => (args[each] === undefined ? [] : [[each, secret(args[each])]])),
    );
    const given: Inputs = { ...args, ...hidden };
    super(
      providerOf(kind),
      name,
      { ...toBeKnown, ...given, secretInputs: secretPaths(given) },
      mergeOptions(opts, { additionalSecretOutputs: [...secrets, ...secretOutputs] }),
      MODULE,
      TYPES[kind],
    );
  }
}
