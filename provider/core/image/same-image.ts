import { canonicalJson } from "../canonical-json";
import type { ImageState } from "../adapter-ports";

/**
 * Whether two hosts' images are one and the same program. Ids do not tell by themselves: Docker's
 * classic store takes the hash of the configuration for one, containerd's that of the manifest. A
 * digest that both have from a registry says it, and else the layers with what the configuration
 * says a container of it runs. `unknown`: one of them tells neither, and is then to be taken for
 * another one.
 */
export function compareImages(a: ImageState, b: ImageState): "same" | "different" | "unknown" {
  if (a.architecture !== b.architecture) return "different";
  const known = new Set(digestsOf(a));
  if (digestsOf(b).some((digest) => known.has(digest))) return "same";
  if (a.content === undefined || b.content === undefined) return "unknown";
  return canonicalJson(a.content) === canonicalJson(b.content) ? "same" : "different";
}

function digestsOf({ id, digests = [] }: ImageState): string[] {
  return [id, ...digests.map((digest) => digest.slice(digest.indexOf("@") + 1))];
}

/** "sha256:0d3f...": as much of it as `docker images` shows. */
export function shortId({ id }: Pick<ImageState, "id">): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}
