import { output, Output, type Input } from "@pulumi/pulumi";

/**
 * What decides which resources there are: the program has it now, or an output brings it. What
 * follows from it is declared at once, or as soon as it is there.
 */
export type Known<T> = { readonly now: T } | { readonly later: Output<() => T> };

export function known<T>(input: Input<T>): Known<T> {
  // Boxed, as the SDK looks into all that an output holds: outputs in it stay what they are, so that
  // one that is unknown is not the whole, and resources are not searched.
  if (Output.isInstance<T>(input)) return { later: input.apply((value) => boxed(value)) };
  if (input instanceof Promise) return { later: output(input.then((value) => boxed(value))) };
  return { now: input as T };
}

/** There while the program runs: neither an output nor a promise. */
export function isPlain<T>(input: Input<T>): input is T {
  return !Output.isInstance(input) && !(input instanceof Promise);
}

export function follow<T, U>(value: Known<T>, next: (value: T) => U): Known<U> {
  return "now" in value
    ? { now: next(value.now) }
    : { later: value.later.apply((given) => boxed(next(given()))) };
}

/** What is at hand of it, as an output. */
export function outputIn<T, U>(value: Known<T>, part: (value: T) => Input<U>): Output<U> {
  const later = "now" in value ? output(boxed(value.now)) : value.later;
  return later.apply((given) => part(given())) as Output<U>;
}

/** What an input brings, or, where it brings nothing, the other one. */
export function orElse<T>(
  given: Input<T | undefined> | undefined,
  other: Input<T | undefined> | undefined,
): Input<T | undefined> | undefined {
  if (given === undefined) return other;
  if (isPlain(given) || other === undefined || other === given) return given;
  return output(given).apply((value) => (value ?? other) as Input<T | undefined>) as Output<T>;
}

export const boxed =
  <T>(value: T) =>
  (): T =>
    value;

/** Stands for what is not known before `up`. */
export const PENDING = Symbol("not known before up");

/** A preview goes on with what it knows. */
export function asFarAsKnown<T>(of: Output<T>): Output<T | typeof PENDING> {
  // Not in the SDK's types, though all of its releases have them.
  const inside = of as unknown as {
    readonly isKnown: Promise<boolean>;
    promise(): Promise<T>;
  };
  type KnownOrPending = T | typeof PENDING;
  const asked: Promise<() => KnownOrPending> = inside.isKnown.then(async (isThere) => {
    const value = isThere ? await inside.promise() : PENDING;
    return () => value;
  });
  return output(asked).apply((value) =>
    (value as () => Input<KnownOrPending>)(),
  ) as Output<KnownOrPending>;
}
