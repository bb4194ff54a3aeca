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
   * Called once by the constructor.
   *
   * @internal
   */
  protected declaredWith(parts: Known<unknown>): void {
    const done = waiting.get(this) ?? (() => undefined);
    if ("now" in parts) {
      done();
      return;
    }
    // Known or not: by then they are declared, or will not be in this run. Not in the SDK's types,
    // though all of its releases have it.
    const { isKnown } = parts.later as unknown as { readonly isKnown: Promise<boolean> };
    isKnown.then(done, done);
  }
}

const waiting = new WeakMap<LateComponent, () => void>();
