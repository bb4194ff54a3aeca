import { isUnknown } from "@pulumi/pulumi";
import { SIGNATURE_KEY } from "../provider/core/secret-values";
import { UNKNOWN } from "../provider/core/unknown";

type Values = Record<string, unknown>;

/**
 * A resource's inputs as a provider gets them from the engine: what is unknown is a text, and
 * secrets are in clear. Pulumi gives mocks objects of its own for both.
 */
export function fromMocks(inputs: unknown): Values {
  return plain(inputs) as Values;
}

function plain(value: unknown): unknown {
  if (isUnknown(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE_KEY in value) return plain((value as Values)["value"]);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
