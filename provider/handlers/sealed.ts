import { canonicalJson } from "../core/canonical-json";
import { secretTexts, withSecrets, type SecretPath } from "../core/secret-values";
import type { Props } from "./handler";
import type { KnownSecrets } from "./known-secrets";

/**
 * What the program says of its inputs' secrecy; the engine takes the marks off before it calls a
 * provider.
 */
const SAID = "secretInputs";

/**
 * Keeps secrets secret on their way through one kind's handler, which sees them in clear: what goes
 * back to the engine is marked, and what they read is remembered, so that no message shows it.
 */
export class Sealed {
  /**
   * By what tells resources of a kind apart: `create` and `update` are not told what `check` was.
   */
  readonly #said = new Map<string, SecretPath[]>();

  constructor(
    private readonly handler: {
      readonly secrets?: readonly string[];
      readonly replaces?: readonly string[];
    },
    private readonly known: KnownSecrets,
  ) {}

  /** Before a `check`. */
  checking(olds: Props, news: Props): void {
    this.#learn(olds, pathsIn(olds));
    this.#learn(news, pathsIn(news));
  }

  /**
   * What is wrong with inputs, in words: what is quoted there may be no more than a part of a
   * secret.
   */
  reported(reason: string, news: Props): string {
    const texts = this.#texts(news, pathsIn(news)).map((text) => text.toLowerCase());
    const isPart = (quoted: string) => texts.some((text) => text.includes(quoted.toLowerCase()));
    return this.known
      .hide(reason)
      .replace(/'([^']+)'/g, (all, quoted: string) => (isPart(quoted) ? "'***'" : all));
  }

  /** What `check` answers, for the program's own word in `news`. */
  checked(inputs: object, news: Props): Props {
    const said = pathsIn(news);
    this.#said.set(this.#identity(inputs), said);
    return withSecrets(inputs, [...this.#always(), ...said]);
  }

  /** Before anything is done with what state or the program says. */
  meeting(...values: Props[]): void {
    for (const each of values) this.#learn(each, [...pathsIn(each), ...this.#saidOf(each)]);
  }

  /** Outputs made from inputs. With `olds`, they may be the old ones as well. */
  made(outs: object, inputs: Props, olds: Props = {}): Props {
    return this.#withWord(outs, [...this.#saidOf(inputs), ...pathsIn(olds)]);
  }

  /** What was found of a resource whose state is `outs`. */
  found(outs: object, state: Props): Props {
    return this.#withWord(outs, pathsIn(state));
  }

  /** The inputs that go with what was found. */
  foundInputs(inputs: object, state: Props): Props {
    return withSecrets(inputs, [...this.#always(), ...pathsIn(state)]);
  }

  /**
   * Kept beside the outputs, for runs without the program. Absent where nothing is secret but what
   * always is.
   */
  #withWord(outs: object, said: readonly SecretPath[]): Props {
    const word = said.filter(([first = ""]) => !this.#isAlways(first));
    const each = [...new Map(word.map((path) => [canonicalJson(path), path])).values()];
    return {
      ...withSecrets(outs, [...this.#always(), ...each]),
      ...(each.length === 0 ? {} : { [SAID]: each }),
    };
  }

  #learn(values: Props, paths: readonly SecretPath[]): void {
    this.known.learn(this.#texts(values, paths));
  }

  #texts(values: Props, paths: readonly SecretPath[]): string[] {
    return secretTexts(withoutWord(values), [...this.#always(), ...paths]);
  }

  #always(): SecretPath[] {
    return (this.handler.secrets ?? []).map((name) => [name]);
  }

  #isAlways(name: string): boolean {
    return this.handler.secrets?.includes(name) === true;
  }

  #saidOf(values: object): SecretPath[] {
    return this.#said.get(this.#identity(values)) ?? [];
  }

  #identity(values: object): string {
    const names = this.handler.replaces ?? [];
    return canonicalJson(names.map((name) => (values as Props)[name] ?? null));
  }
}

/** Without what is no business of a handler's. */
export function withoutWord(values: Props): Props {
  const { [SAID]: _, ...rest } = values;
  return rest;
}

function pathsIn(values: Props): SecretPath[] {
  const said = values[SAID];
  return Array.isArray(said) ? said.filter((path): path is string[] => Array.isArray(path)) : [];
}
