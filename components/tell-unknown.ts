import { log, runtime, type Output, type Resource } from "@pulumi/pulumi";

/**
 * Says in a preview that something follows from what is not known before `up`: what it declares is
 * then missing there, and what is there of it looks as if it were to be deleted.
 */
export function tellUnknown(decides: Output<unknown>, resource: Resource, who: string): void {
  if (!runtime.isDryRun()) return;
  // Not in the SDK's types, though all of its releases have it.
  const { isKnown } = decides as unknown as { readonly isKnown: Promise<boolean> };
  void isKnown.then((isThere) => {
    if (isThere) return;
    void log.warn(
      `${who} follows from a value that is not known before \`up\`: this preview cannot show its resources, and ` +
        "shows those that are there as deleted. `up` decides by the value itself.",
      resource,
    );
  });
}
