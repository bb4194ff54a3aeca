import { join } from "node:path";

import { SIGNATURE_KEY } from "../../../provider/core/secret-values";
import type { ReplicaState } from "../../../provider/core/replica/model";
import type { DynamicMethods } from "../../../provider/handlers/dynamic";

/** The other end of ReplicaProcess: takes one call after another and answers each. */

export interface Call {
  readonly method: "check" | "create" | "read" | "update";
  readonly args: readonly unknown[];
}

export type Answer<T = unknown> =
  { readonly value: T } | { readonly failure: string; readonly partial?: ReplicaState };

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

const { dynamicProviders } = require(join(__dirname, "../../../dist/provider/handlers")) as {
  dynamicProviders: { replica: DynamicMethods };
};
const methods = dynamicProviders.replica as unknown as Methods;

async function answer({ method, args }: Call): Promise<Answer> {
  try {
    const value = await methods[method]!(...args);
    if (method !== "check") return { value };
    const { inputs, failures } = value as { inputs: unknown; failures: unknown[] };
    return failures.length === 0 ? { value: inputs } : { failure: JSON.stringify(failures) };
  } catch (error) {
    const { message, properties } = error as Error & { properties?: ReplicaState };
    return { failure: message, ...(properties === undefined ? {} : { partial: properties }) };
  }
}

/** What a provider marks as secret the engine hands on without the mark. */
function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE_KEY in value && "value" in value) return unmarked(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unmarked(each)]));
}

process.on("message", (call: Call) => {
  void answer(call).then((result) => process.send?.(unmarked(result)));
});
process.on("disconnect", () => process.exit(0));
