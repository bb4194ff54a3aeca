import { ComponentResource } from "@pulumi/pulumi";
import type { Known } from "./known";

/**
 * A component whose parts may be declared after its constructor: whoever depends on it waits for
 * them, as the SDK looks for a component's parts when its data is there.
 */
export abstract class LateComponent extends ComponentResource {
  /**
   * The SDK calls it amid the constructor, before any field of this class is there.
   *
   * @internal
   */
  protected override initialize(): Promise<void> {
    return new Promise((resolve) => waiting.set(this, resolve));
  }

  /**
   * Has the constructor declare its parts; one that throws has declared all that it will.
   *
   * @internal
   */
  protected declaring<T>(declare: () => T, partsOf: (declared: T) => Known<unknown>): T {
    const done = waiting.get(this) ?? (() => undefined);
    let parts: Known<unknown> | undefined;
    try {
      const declared = declare();
      parts = partsOf(declared);
      return declared;
    } finally {
      if (parts === undefined || "now" in parts) done();
      else isThere(parts.later).then(done, done);
    }
  }
}

/**
 * Known or not: by then the parts are declared, or will not be in this run. Not in the SDK's types,
 * though all of its releases have it.
 */
const isThere = (of: unknown): Promise<boolean> =>
  (of as { readonly isKnown: Promise<boolean> }).isKnown;

const waiting = new WeakMap<LateComponent, () => void>();
