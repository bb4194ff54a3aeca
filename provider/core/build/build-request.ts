import type { Ulimit } from "../container-spec";
import type { RegistryCredentials } from "../adapter-ports";

/** What a host is asked to build. Everything in it is there; nothing is looked up any more. */
export interface BuildRequest {
  /** The image's name, with its tag. */
  readonly tag: string;
  /** Its text. */
  readonly dockerfile: string;
  /** In the order of their paths. */
  readonly context: readonly SourceEntry[];
  readonly target?: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** By the id that the Dockerfile asks for. They come neither onto a disk nor into the image. */
  readonly secrets: Readonly<Record<string, Buffer>>;
  /** In place of context and Dockerfile: what the host's builder fetches. */
  readonly remote?: { readonly url: string; readonly dockerfile?: string };
  /** SSH agents and keys of this machine that it may use, by id: paths, or "" for our own agent. */
  readonly agents?: Readonly<Record<string, string>>;
  /** Who a registry takes us for, whose images it builds on. */
  readonly credentials: (registry: string) => Promise<RegistryCredentials | undefined>;
  /** Replaced by *** in whatever is told of it. */
  readonly redact: readonly string[];
  readonly cacheFrom?: readonly string[];
  readonly network?: "none" | "host";
  readonly shmSizeBytes?: number;
  readonly ulimits?: readonly Ulimit[];
  /** "name:address". */
  readonly extraHosts?: readonly string[];
  readonly noCache?: boolean;
  /** Asks a registry for the images that it builds on, also where the host has them. */
  readonly pull?: boolean;
}

/** A file, a folder or a link of this machine, as a build sees it. */
export interface SourceEntry {
  /** From the context's folder on, with slashes. */
  readonly path: string;
  readonly kind: "file" | "folder" | "link";
  /** Permissions. */
  readonly mode: number;
  readonly size: number;
  /** Where a link leads. */
  readonly target?: string;
  /** The content, in pieces of no more than a megabyte. Nothing for what is no file. */
  read(): AsyncIterable<Buffer>;
}
