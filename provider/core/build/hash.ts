import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import { isRemote, type Build } from "./build";

/** What a hash has of a file, a folder or a link. */
export interface HashedEntry {
  readonly path: string;
  readonly kind: "file" | "folder" | "link";
  readonly mode: number;
  /** Of a file's content, or where a link leads. */
  readonly content: string;
}

/**
 * Stands for all that an image is built from. Neither times nor owners are in it, nor what does not
 * change the image: where things lie on this machine, values of secrets, keys, what caches are used.
 * What lies elsewhere is in it by its URL.
 */
export function buildHash(of: {
  readonly build: Build;
  readonly dockerfile: string;
  readonly context: readonly HashedEntry[];
  readonly contexts: Readonly<Record<string, readonly HashedEntry[]>>;
}): string {
  const { build, dockerfile } = of;
  const { target, args, labels, network, extraHosts, shmSizeBytes, platforms, ulimits } = build;
  const { ssh, context } = build;
  const images = Object.entries(build.additionalContexts ?? {}).filter(
    ([name]) => !(name in of.contexts),
  );
  const hash = createHash("sha256").update(
    canonicalJson({
      ...{ target, args, labels, network, extraHosts, shmSizeBytes, platforms, dockerfile },
      ...(ulimits === undefined ? {} : { ulimits }),
      ...(ssh === undefined ? {} : { ssh: Object.keys(ssh).sort() }),
      ...(isRemote(context) ? { remote: context } : {}),
      secrets: Object.keys(build.secrets ?? {}).sort(),
      images: Object.fromEntries(images),
    }),
  );
  update(hash, of.context);
  for (const [name, entries] of Object.entries(of.contexts).sort()) {
    hash.update(`\0${name}\0`);
    update(hash, entries);
  }
  return hash.digest("hex").slice(0, 16);
}

/** The same for a folder alone. */
export function folderHash(entries: readonly HashedEntry[]): string {
  const hash = createHash("sha256");
  update(hash, entries);
  return hash.digest("hex").slice(0, 16);
}

/** In the order of their paths, however they come. */
function update(hash: { update(text: string): unknown }, entries: readonly HashedEntry[]): void {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, kind, mode, content } of sorted)
    hash.update(JSON.stringify([path, kind, mode, content]));
}
