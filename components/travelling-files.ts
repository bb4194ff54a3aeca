import { dirname, relative, resolve, sep } from "path";
import { output, secret, type Input } from "@pulumi/pulumi";
import { FerryError } from "../provider/core/errors";
import { DEFAULT_MAX_BYTES, type FileAccess, type FileSource } from "../provider/core/files/model";
import { digestOfSource } from "../provider/local/read-tree";
import { mistake } from "../provider/resources/mistake";
import { isPlain } from "./known";

/**
 * A file or a folder that travels with a replica: one of `path` and `content`. It is carried to the
 * replica's host, and mounted there read-only.
 */
export interface FileArgs extends FileAccess {
  /** Seen from the program's folder. State has a digest of it, and no path. */
  path?: string;
  /** The folder that links lead no way out of. @default that of `path` */
  within?: string;
  /** Its content itself, in place of `path`. */
  content?: Input<string>;
  /** Encrypted in state, whatever `content` is. @default false */
  secret?: boolean;
  /** Most bytes that it may have. @default 16 MiB */
  maxBytes?: number;
  /** Anybody may read it, whatever its own mode says. @default false */
  readable?: boolean;
  /** Where there is nothing at `path`, an empty folder is meant. @default false */
  orEmpty?: boolean;
}

interface Travelling {
  readonly digest: Input<string>;
  readonly source: Input<FileSource>;
}

/** Replicas of one service have the same ones, which are read once. */
const known = new WeakMap<FileArgs, Travelling>();

/** For state, what stands for it; for the provider's process, where it is. */
export function travellingFiles(of: string, files: Readonly<Record<string, FileArgs>>) {
  const all = Object.entries(files).map(([name, args]): [string, Travelling] => {
    const found = known.get(args) ?? travelling(`${of}: files: '${name}'`, args);
    known.set(args, found);
    return [name, found];
  });
  if (all.length === 0) return {};
  return {
    files: Object.fromEntries(all.map(([name, { digest }]) => [name, digest])),
    fileSources: Object.fromEntries(all.map(([name, { source }]) => [name, source])),
  };
}

function travelling(of: string, args: FileArgs): Travelling {
  const { path, content, within, uid, gid, mode, maxBytes = DEFAULT_MAX_BYTES } = args;
  const hide = (value: Input<string>): Input<string> =>
    args.secret === true ? secret(value) : value;
  const access = {
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mode === undefined ? {} : { mode }),
    ...(args.secret === true ? { secret: true } : {}),
  };
  if ((path === undefined) === (content === undefined))
    throw mistake(`${of} needs one of path and content.`);
  if (path !== undefined) {
    const at = resolve(path);
    const source = {
      ...access,
      path: at,
      within: boundOf(at, within),
      maxBytes,
      ...(args.readable === true ? { readable: true } : {}),
      ...(args.orEmpty === true ? { orEmpty: true } : {}),
    };
    return { digest: hide(digested(of, source)), source };
  }
  const given = hide(content as Input<string>);
  const digestOf = (text: string) => digested(of, { ...access, content: text });
  if (isPlain(given)) return { digest: digestOf(given), source: { ...access, content: given } };
  const late = output(given);
  return {
    digest: late.apply(digestOf),
    source: late.apply((text) => ({ ...access, content: text })),
  };
}

/** What is named outside of the folder is the program's own word; links lead no further. */
function boundOf(path: string, within: string | undefined): string {
  if (within === undefined) return dirname(path);
  const way = relative(resolve(within), path);
  return way === ".." || way.startsWith(`..${sep}`) ? dirname(path) : resolve(within);
}

function digested(of: string, source: FileSource): string {
  try {
    return digestOfSource(source);
  } catch (error) {
    throw error instanceof FerryError ? mistake(`${of}: ${error.message}`) : error;
  }
}
