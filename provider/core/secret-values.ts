import { isUnknown } from "./unknown";

/** Where in a resource's inputs a secret stands: names from the outside in. A list is one value. */
export type SecretPath = readonly string[];

/**
 * How a secret is written in what a provider answers; the engine reads it as a secret, whatever its
 * name (the SDK's `runtime.specialSigKey` and `specialSecretSig`; a test compares them).
 */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

type Values = Record<string, unknown>;

/**
 * A copy in which everything at these paths is a secret for the engine. It only carries the mark
 * over by itself from what the program gave to what has the same name: not to old values in place
 * of unknown ones, nor to what was spelled anew. Where a path leads nowhere any more, what is left
 * of its way is the secret.
 */
export function withSecrets(values: object, paths: readonly SecretPath[]): Values {
  return paths.reduce<Values>((copy, path) => markedAt(copy, path), { ...values });
}

function markedAt(values: Values, [name, ...rest]: SecretPath): Values {
  if (name === undefined) return values;
  const value = values[name];
  if (value === undefined || isUnknown(value) || isMarked(value)) return values;
  const inner = rest[0];
  const goesOn = inner !== undefined && isValues(value) && value[inner] !== undefined;
  return { ...values, [name]: goesOn ? markedAt(value, rest) : marked(value) };
}

const marked = (value: unknown) => ({ [SIGNATURE_KEY]: SECRET_SIGNATURE, value });
const isMarked = (value: unknown) => isValues(value) && SIGNATURE_KEY in value;

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Fields of a connection that are secret; the others, its address above all, stand in messages. */
const CONNECTION_SECRETS: readonly string[] = ["privateKey", "privateKeyPassword", "password"];
/** Inputs that are secret as a whole, of which only the credentials never stand in messages. */
const CONNECTIONS: readonly string[] = ["connection", "connections", "place"];

/**
 * The texts at these paths that no message may show. What stands in clear elsewhere in the same
 * inputs is none: the service's own name, say, which somebody's environment repeats.
 */
export function secretTexts(values: object, paths: readonly SecretPath[]): string[] {
  const texts = paths.flatMap((path) => {
    const found = at(values, path);
    return CONNECTIONS.includes(path[0] ?? "") ? credentialsIn(found) : textsIn(found);
  });
  const clear = new Set(textsIn(without(values as Values, paths)));
  return [...new Set(texts)].filter((text) => !clear.has(text));
}

function at(values: unknown, [name, ...rest]: SecretPath): unknown {
  if (name === undefined) return values;
  if (!isValues(values)) return undefined;
  const next = values[name];
  const [inner] = rest;
  return inner !== undefined && isValues(next) && next[inner] === undefined ? next : at(next, rest);
}

function without(values: Values, paths: readonly SecretPath[]): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
      const inside = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
      if (inside.length === 0) return [[name, value]];
      if (!isValues(value)) return [];
      // As `withSecrets`: where a path leads nowhere any more, what is left of its way is the
      // secret.
      const whole = inside.some(([inner]) => inner === undefined || value[inner] === undefined);
      return whole ? [] : [[name, without(value, inside)]];
    }),
  );
}

/** Names of entries are none: a variable's name is told where something is wrong with it. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return isUnknown(value) ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (isValues(value)) return Object.values(value).flatMap(textsIn);
  return [];
}

function credentialsIn(value: unknown): string[] {
  if (Array.isArray(value) || !isValues(value)) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    CONNECTION_SECRETS.includes(name) ? textsIn(each) : credentialsIn(each),
  );
}
