import { mergeOptions, secret, type CustomResourceOptions, type Inputs } from "@pulumi/pulumi";
import type { Kind } from "../core/kinds";
import { PACKED } from "../core/packed";
import { KindResource } from "./kind-resource";
import { secretPaths } from "./secret-inputs";
import { withoutStacks } from "./without-stacks";

function pack(args: Inputs, names: readonly string[]): Inputs {
  const plain = names.filter((name) => args[name] !== undefined && isPlain(args[name]));
  if (plain.length === 0) return args;
  const part = (isPacked: boolean) =>
    Object.fromEntries(
      Object.entries(args as Record<string, unknown>).filter(
        ([name]) => plain.includes(name) === isPacked,
      ),
    );
  return { ...part(false), [PACKED]: JSON.stringify(part(true)) };
}

const isPlain = (value: unknown) =>
  typeof value !== "object" || (Array.isArray(value) && value.every(isText));
const isText = (value: unknown) => typeof value === "string";

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
  /**
   * Args that go to the provider as one text, unless they are outputs: the SDK makes a dozen
   * promises for each one that does not.
   */
  readonly packed?: readonly string[];
}

/**
 * The base of Ferry's resources. The args are copied, since the SDK writes `__provider` into the
 * object that it is given. `secretInputs` is read by the provider and not kept as an input.
 */
export abstract class FerryResource extends KindResource {
  protected constructor(
    kind: Kind,
    name: string,
    args: Inputs,
    { outputs = [], secrets = [], secretOutputs = [], packed = [] }: Shape,
    opts: CustomResourceOptions | undefined,
  ) {
    const toBeKnown = Object.fromEntries(outputs.map((output) => [output, undefined]));
    const hidden = Object.fromEntries(
      secrets.flatMap((each) => (args[each] === undefined ? [] : [[each, secret(args[each])]])),
    );
    const given: Inputs = { ...args, ...hidden };
    const always = new Set(secrets);
    const others = Object.fromEntries(Object.entries(args).filter(([each]) => !always.has(each)));
    const props = { ...toBeKnown, ...pack(given, packed), secretInputs: secretPaths(others) };
    const restore = withoutStacks();
    try {
      super(
        kind,
        name,
        props,
        mergeOptions(opts, { additionalSecretOutputs: [...secrets, ...secretOutputs] }),
      );
    } finally {
      restore();
    }
  }
}
