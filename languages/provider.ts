import type { ComponentResourceOptions, Inputs, provider } from "@pulumi/pulumi";
import type { Kind } from "../provider/core/kinds";
import type { DynamicMethods } from "../provider/handlers/dynamic";
import { kindOf } from "../provider/resources/kind-resource";
import { constructOf } from "./construct";
import { inClear, secretAs } from "./secret-values";

type Props = Record<string, unknown>;

/**
 * Ferry as a plugin of its own, for programs in other languages: it makes the components, and keeps
 * the resources below them by the handlers that a Node program's resources have. There is no
 * process for dynamic resources where there is no Node program.
 */
export class FerryProvider implements provider.Provider {
  constructor(
    readonly version: string,
    /** What the analyzer has made of `languages/index.ts`. */
    readonly schema: string,
    private readonly methods: Readonly<Record<Kind, DynamicMethods>>,
  ) {}

  async construct(
    name: string,
    type: string,
    inputs: Inputs,
    options: ComponentResourceOptions,
  ): Promise<provider.ConstructResult> {
    const construct = constructOf(type.replace(/^pulumi-ferry:(index)?:/, ""));
    if (construct === undefined) throw new Error(`pulumi-ferry has no component '${type}'.`);
    const made = await construct(name, inputs, options);
    return { urn: made.component.urn, state: made.state };
  }

  async check(urn: string, olds: Props, news: Props): Promise<provider.CheckResult> {
    const checked = await this.#of(urn).check(clear(olds), clear(news));
    return { ...checked, inputs: secretAs(news, checked.inputs) };
  }

  async diff(id: string, urn: string, olds: Props, news: Props): Promise<provider.DiffResult> {
    return this.#of(urn).diff(id, clear(olds), clear(news));
  }

  async create(urn: string, inputs: Props): Promise<provider.CreateResult> {
    return asSecretAs(inputs, () => this.#of(urn).create(clear(inputs)));
  }

  async read(id: string, urn: string, props: Props = {}): Promise<provider.ReadResult> {
    // Inputs that are found are marked by what state says of them: outputs are secret more often.
    const found = await this.#of(urn).read(id, clear(props));
    return { ...found, props: secretAs(props, found.props) };
  }

  async update(id: string, urn: string, olds: Props, news: Props): Promise<provider.UpdateResult> {
    return asSecretAs(news, () => this.#of(urn).update(id, clear(olds), clear(news)));
  }

  async delete(id: string, urn: string, props: Props): Promise<void> {
    await this.#of(urn).delete(id, clear(props));
  }

  #of(urn: string): DynamicMethods {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const kind = kindOf(type);
    if (kind === undefined) throw new Error(`pulumi-ferry has no resource '${type}'.`);
    return this.methods[kind];
  }
}

const clear = (props: Props): Props => inClear(props) as Props;

/** Also what a half-made resource has, which its error carries. */
async function asSecretAs<T extends { readonly outs?: unknown }>(
  inputs: Props,
  call: () => Promise<T>,
): Promise<T> {
  try {
    const made = await call();
    return { ...made, outs: secretAs(inputs, made.outs) };
  } catch (error) {
    const half = error as { properties?: unknown };
    if (half.properties !== undefined) half.properties = secretAs(inputs, half.properties);
    throw error;
  }
}
