import { isSecret, Output } from "@pulumi/pulumi";
import type { SecretPath } from "../core/secret-values";

/**
 * Where in a resource's args a secret stands. The engine takes the marks off before it asks a
 * provider, which then could not tell what it must keep out of its messages.
 */
export async function secretPaths(value: unknown, path: SecretPath = []): Promise<SecretPath[]> {
  if (Output.isInstance(value)) return (await isSecret(value)) ? [path] : [];
  if (value instanceof Promise) return secretPaths(await value, path);
  if (Array.isArray(value)) {
    const inside = await Promise.all(value.map((each) => secretPaths(each, path)));
    return inside.some((paths) => paths.length > 0) ? [path] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.entries(value).map(([name, each]) => secretPaths(each, [...path, name]));
  return (await Promise.all(inside)).flat();
}
