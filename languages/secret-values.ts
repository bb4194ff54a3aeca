import { runtime } from "@pulumi/pulumi";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How the engine wraps what is secret, and what it knows of outputs. */
const signature = (value: Fields): unknown => value[runtime.specialSigKey];

const isSecret = (value: unknown): boolean =>
  isFields(value) &&
  (signature(value) === runtime.specialSecretSig ||
    (signature(value) === runtime.specialOutputValueSig && value["secret"] === true));

/** The value in clear, as handlers read it. */
export function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (!isFields(value)) return value;
  if (signature(value) === runtime.specialSecretSig) return inClear(value["value"]);
  if (signature(value) === runtime.specialOutputValueSig)
    return "value" in value ? inClear(value["value"]) : runtime.unknownValue;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inClear(each)]));
}

/**
 * What comes out is secret where what went in was, by its name and place: the engine's own rule for
 * providers that see no secrets, which Ferry's handlers are written for.
 */
export function secretAs(like: unknown, value: unknown): unknown {
  if (isSecret(like)) {
    if (isSecret(value) || value === undefined) return value;
    return { [runtime.specialSigKey]: runtime.specialSecretSig, value };
  }
  if (Array.isArray(like) && Array.isArray(value)) {
    const before: readonly unknown[] = like;
    return value.map((each, i) => secretAs(before[i], each));
  }
  if (!isFields(like) || !isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, secretAs(like[key], each)]),
  );
}
