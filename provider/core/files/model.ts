import { posix } from "path";
import { journalName } from "../move/journal";
import { CONTENT } from "./tree";

/** Who owns what travels, and who may read it. */
export interface FileAccess {
  /** @default root */
  readonly uid?: number;
  /** @default root's */
  readonly gid?: number;
  /** Permission bits of a file. @default the file's own; 0o444 of `content` */
  readonly mode?: number;
}

/** Where this machine has what travels. The program says it to `check`; state has none of it. */
export type FileSource = FileAccess & {
  /** Its digest takes long, as it stands where others may see it. */
  readonly secret?: boolean;
} & (
    | {
        /** Absolute. */
        readonly path: string;
        /** The folder that links lead no way out of. */
        readonly within: string;
        /** More than this is an error. */
        readonly maxBytes: number;
        /** Files that do not say otherwise by `mode` may be read by anybody. */
        readonly readable?: boolean;
        /** Where there is nothing, an empty folder is meant. */
        readonly orEmpty?: boolean;
      }
    | { readonly content: string }
  );

/** What travels with a replica, by its name in the program, and what the program's machine has. */
export type FileSources = Readonly<Record<string, FileSource>>;

export const DEFAULT_MAX_BYTES = 16 * 1024 ** 2;

/** Modes without a word about them. */
export const DEFAULT_MODE = 0o444;

/** Everything of this kind that hosts have. */
const ALL_FILES = "/var/lib/ferry/files";

/** What a host has for one replica: a folder for each content, named by its digest. */
export function filesFolder(replica: string): string {
  return `${ALL_FILES}/${journalName(replica)}`;
}

/** What is mounted. */
export function mountedPath(replica: string, digest: string): string {
  return `${filesFolder(replica)}/${digest}/${CONTENT}`;
}

/** Digests that mounts of a container name. */
export function digestsIn(replica: string, sources: readonly string[]): string[] {
  const folder = `${filesFolder(replica)}/`;
  return sources.flatMap((source) => {
    const below = source.startsWith(folder) ? source.slice(folder.length) : "";
    const [digest = ""] = below.split(posix.sep);
    return digest === "" ? [] : [digest];
  });
}
