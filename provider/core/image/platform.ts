/** What processors run beside the programs of their own kind. */
const RUN_AS_WELL: Readonly<Record<string, readonly string[]>> = { amd64: ["386"], arm64: ["arm"] };

/** Whether a host of one kind of processor runs an image of another one by itself: "amd64", "arm64". */
export function runsOn(image: string, host: string): boolean {
  return image === host || image === "" || (RUN_AS_WELL[host] ?? []).includes(image);
}

/** Why two hosts cannot have one image from one another; undefined when they can. */
export function platformProblem(
  reference: string,
  image: { readonly host: string; readonly architecture: string },
  target: { readonly host: string; readonly architecture: string },
): string | undefined {
  if (runsOn(image.architecture, target.architecture)) return undefined;
  return (
    `host '${image.host}' has '${reference}' for ${image.architecture}, and host '${target.host}' is ` +
    target.architecture
  );
}
