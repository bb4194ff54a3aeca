import { BASES_LABEL, BUILD_LABEL, hashInName } from "../../core/build/build";
import type { Host, ImageState } from "../../core/adapter-ports";
import { FerryError, unclaimed } from "../../core/errors";
import type { ReplicaTools } from "./replica-tools";

/**
 * Removes an image that Ferry has built from hosts on which nothing runs it any more, by whatever
 * name, unless this program still has a service with it.
 */
export async function removeUnusedImage(
  { builds, progress }: Pick<ReplicaTools, "builds" | "progress">,
  label: string,
  image: string,
  hosts: Iterable<Host>,
): Promise<void> {
  const hash = hashInName(image);
  if (hash === undefined || builds.isWanted(hash)) return;
  await Promise.all(
    [...hosts].map(async (host) => {
      try {
        await removeFrom(host, hash, (other) => builds.isWanted(other));
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        progress.warn(`${label}: image '${image}' may still be there: ${unclaimed(error).message}`);
      }
    }),
  );
}

/** With those of them that it was built on. */
async function removeFrom(
  host: Host,
  hash: string,
  isWanted: (hash: string) => boolean,
): Promise<void> {
  const names = await host.docker.imageNames({ [BUILD_LABEL]: hash });
  if (names.length === 0) return;
  const used = new Set((await host.docker.containers({})).map(({ imageId }) => imageId));
  for (const name of names) {
    const image = await host.docker.image(name);
    if (image === undefined || used.has(image.id)) continue;
    await host.docker.removeImage(name);
    for (const base of basesOf(image)) if (!isWanted(base)) await removeFrom(host, base, isWanted);
  }
}

function basesOf({ content }: ImageState): string[] {
  const labels = content?.config["Labels"] as Record<string, string> | undefined;
  return labels?.[BASES_LABEL]?.split(" ") ?? [];
}
