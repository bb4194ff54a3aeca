import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  type Stats,
} from "fs";
import { join, relative, sep } from "path";
import { FerryError } from "../core/errors";
import { archiveOf, digestOf, slowDigestOf, type TreeEntry } from "../core/files/tree";
import { DEFAULT_MODE, type FileAccess, type FileSource } from "../core/files/model";

/** What is to travel, as this machine has it now. @throws FerryError that says what keeps it here */
export function readTree(source: FileSource): TreeEntry[] {
  if ("content" in source) {
    const { content, mode = DEFAULT_MODE, uid = 0, gid = 0 } = source;
    return [{ path: "", mode, uid, gid, content: Buffer.from(content) }];
  }
  if (source.orEmpty === true && !existsSync(source.path))
    return [{ path: "", mode: 0o555, uid: 0, gid: 0 }];
  return new Reading(source).entries();
}

/** Stands for it; see core/files/tree.ts. */
export function digestOfSource(source: FileSource): string {
  const tree = readTree(source);
  return "content" in source || source.secret === true ? slowDigestOf(tree) : digestOf(tree);
}

/** To be brought to a host; undefined where it is another content by now. */
export function archiveOfSource(source: FileSource, digest: string): Buffer | undefined {
  const tree = readTree(source);
  const slow = "content" in source || source.secret === true;
  return (slow ? slowDigestOf(tree) : digestOf(tree)) === digest ? archiveOf(tree) : undefined;
}

const MIB = 1024 ** 2;

/**
 * Of the bits of a mode those that mean something where nobody can write. Others differ between two
 * clones of one repository.
 */
const READ_AND_RUN = 0o7555;

type OfPath = Extract<FileSource, { path: string }>;

class Reading {
  private bytes = 0;
  private readonly found: TreeEntry[] = [];
  private readonly within: string;

  constructor(private readonly source: OfPath) {
    this.within = inUserTerms(source.path, () => realpathSync(source.within));
  }

  entries(): TreeEntry[] {
    this.read(this.source.path, "", []);
    return this.found;
  }

  /** `open` are the real paths of the folders that it is in. */
  private read(path: string, name: string, open: readonly string[]): void {
    const real = this.followed(path);
    const stats = inUserTerms(path, () => statSync(real));
    if (stats.isDirectory()) this.readFolder(path, name, real, stats, open);
    else if (stats.isFile()) this.readFile(path, name, real, stats);
    else throw refusal(path, "is neither a file nor a folder", "Leave it out");
  }

  private followed(path: string): string {
    const isLink = inUserTerms(path, () => lstatSync(path).isSymbolicLink());
    const real = inUserTerms(path, () => realpathSync(path));
    if (!isLink && this.found.length > 0) return real;
    const way = relative(this.within, real);
    if (way !== ".." && !way.startsWith(`..${sep}`)) return real;
    throw refusal(
      path,
      `leads to '${real}', out of the folder '${this.source.within}'`,
      "Put what it means there into that folder",
    );
  }

  private readFolder(
    path: string,
    name: string,
    real: string,
    stats: Stats,
    open: readonly string[],
  ): void {
    if (open.includes(real)) throw refusal(path, "is a link that goes in a circle", "Remove it");
    this.found.push({ path: name, ...this.access(stats) });
    for (const each of inUserTerms(path, () => readdirSync(real)).sort())
      this.read(join(real, each), name === "" ? each : `${name}/${each}`, [...open, real]);
  }

  private readFile(path: string, name: string, real: string, stats: Stats): void {
    this.count(path, stats.size);
    const content = inUserTerms(path, () => readFileSync(real));
    // It may have grown meanwhile.
    this.count(path, content.length - stats.size);
    const { readable = false } = this.source;
    const own = this.access(stats).mode | (readable ? DEFAULT_MODE : 0);
    const { mode = own } = this.source;
    this.found.push({ path: name, ...this.access(stats), mode, content });
  }

  private count(path: string, bytes: number): void {
    this.bytes += bytes;
    const { maxBytes, path: whole } = this.source;
    if (this.bytes <= maxBytes) return;
    throw refusal(
      whole,
      `has more than ${Math.round((maxBytes / MIB) * 10) / 10} MiB, counted up to '${path}'`,
      "Say `x-ferry: {files: data}` where it is data, which a volume holds, or `x-ferry: {maxSize: 64m}`",
    );
  }

  private access({ mode, uid, gid }: Stats): Required<FileAccess> {
    return {
      mode: mode & READ_AND_RUN,
      uid: this.source.uid ?? (uid === process.getuid?.() ? 0 : uid),
      gid: this.source.gid ?? (ownGroups().has(gid) ? 0 : gid),
    };
  }
}

/** What belongs to whoever runs the program belongs to root there: another one runs it tomorrow. */
const ownGroups = (): ReadonlySet<number> =>
  new Set([process.getgid?.() ?? 0, ...(process.getgroups?.() ?? [])]);

function inUserTerms<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw refusal(path, "is not there", "Make it, or mend the path");
    if (code === "ELOOP") throw refusal(path, "is a link that goes in a circle", "Remove it");
    throw refusal(path, `cannot be read (${code})`, "Let whoever runs this read it");
  }
}

function refusal(path: string, reason: string, advice: string): FerryError {
  return new FerryError({ kind: "settings", reason: `'${path}' ${reason}`, advice });
}
