import { output, type ComponentResource, type Input } from "@pulumi/pulumi";
import { mistake } from "../provider/resources/mistake";

type Kind<T> = (abstract new (...args: never[]) => T) & { readonly name: string };

/**
 * Components by what programs call them, their URNs: no component of a package can be an argument
 * of another one (the analyzer takes resources of `@pulumi/*` alone). All of a run are made in one
 * process, and who is referred to is made before who refers to it, as its reference is its output.
 */
const made = new Map<string, ComponentResource>();

export async function remember(component: ComponentResource): Promise<void> {
  made.set((await valueOf(component.urn)) as string, component);
}

/** @throws RunError when it is none of this run's. */
export async function referred<T>(
  who: string,
  property: string,
  reference: Input<string>,
  kind: Kind<T>,
): Promise<T> {
  const urn = await valueOf(reference);
  const found = urn === undefined ? undefined : made.get(urn);
  if (found instanceof kind) return found;
  const what = urn === undefined ? "what is given is not known" : `'${urn}' is none`;
  throw mistake(
    `${who}: ${property} must be the \`reference\` of a ${kind.name} that the same program declares, and ${what}.`,
  );
}

/** Nothing where it is unknown. Not in the SDK's types, though all of its releases have it. */
export function valueOf<T>(input: Input<T>): Promise<T | undefined> {
  return (output(input) as unknown as { promise(): Promise<T | undefined> }).promise();
}
