import type { ComponentResourceOptions, Input, Resource } from "@pulumi/pulumi";

/** A component's `dependsOn` does not reach its children by itself: they are given it. */
export function dependencies(opts: ComponentResourceOptions | undefined): Input<Resource>[] {
  const given = opts?.dependsOn;
  if (given === undefined) return [];
  if (Array.isArray(given)) return given;
  return [given as Input<Resource>];
}
