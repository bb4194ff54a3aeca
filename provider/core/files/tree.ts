import { createHash, scryptSync } from "crypto";

/** A file or a folder that travels; links in it have been followed. */
export interface TreeEntry extends Omit<Owned, "modified"> {
  /** Seen from what travels: "" is that itself. */
  readonly path: string;
  /** Absent for a folder. */
  readonly content?: Buffer;
}

/** Changes whenever the same bytes would be written to hosts in another way. */
const FORM = "pulumi-ferry files 1\n";

/** As much of a name as two different contents never share. */
const DIGEST_BYTES = 16;

const byPath = (a: TreeEntry, b: TreeEntry) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

const sorted = (tree: readonly TreeEntry[]) => [...tree].sort(byPath);

/** Stands for names, bytes, modes and owners, whatever order they were read in. */
export function digestOf(tree: readonly TreeEntry[]): string {
  const hash = createHash("sha256").update(FORM);
  for (const { path, mode, uid, gid, content } of sorted(tree)) {
    const kind = content === undefined ? "folder" : `file ${content.length}`;
    hash.update(`${JSON.stringify(path)} ${mode.toString(8)} ${uid} ${gid} ${kind}\n`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest().subarray(0, DIGEST_BYTES).toString("hex");
}

/**
 * The same for what is secret. It stands in a path that anybody on the host may see, so guessing a
 * short password by it must take long.
 */
export function slowDigestOf(tree: readonly TreeEntry[]): string {
  return scryptSync(digestOf(tree), FORM, DIGEST_BYTES).toString("hex");
}

const BLOCK = 512;
const LONGEST_NAME = 100;

/** What `files/put.sh` looks for: an archive that ends without it has been cut short. */
const END = "whole";

/** Where an archive has what travels. */
export const CONTENT = "content";

/** As tar's own format, with GNU's long names. */
export function archiveOf(tree: readonly TreeEntry[]): Buffer {
  const entries = sorted(tree).flatMap((entry) => {
    const path = entry.path === "" ? CONTENT : `${CONTENT}/${entry.path}`;
    return tarEntry({ ...entry, path });
  });
  return Buffer.concat([...entries, ...archiveEnd()]);
}

/** Without it an archive is not whole. */
export function archiveEnd(): Buffer[] {
  const end = tarEntry({ path: END, mode: 0o600, uid: 0, gid: 0, content: Buffer.alloc(0) });
  return [...end, Buffer.alloc(2 * BLOCK)];
}

function tarEntry({ path, content, ...of }: TreeEntry): Buffer[] {
  if (content === undefined) return archiveHead({ path, kind: "folder", ...of });
  const head = archiveHead({ path, kind: "file", size: content.length, ...of });
  return [...head, content, archivePadding(content.length)];
}

/** What stands before the bytes of an entry. */
export interface ArchiveEntry extends Owned {
  readonly path: string;
  readonly kind: "file" | "folder" | "link";
  /** Of a file. */
  readonly size?: number;
  /** Of a link. */
  readonly target?: string;
}

interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds. */
  readonly modified?: number;
}

const TYPES = { file: "0", folder: "5", link: "2" } as const;

/** A file's bytes and their padding come after it. */
export function archiveHead({ path, kind, size = 0, target = "", ...of }: ArchiveEntry): Buffer[] {
  const name = Buffer.from(kind === "folder" ? `${path}/` : path);
  const link = Buffer.from(target);
  return [...long("L", name), ...long("K", link), header(name, TYPES[kind], size, of, link)];
}

function long(type: string, text: Buffer): Buffer[] {
  if (text.length <= LONGEST_NAME) return [];
  const data = Buffer.concat([text, Buffer.alloc(1)]);
  const nobody = { mode: 0, uid: 0, gid: 0 };
  const head = header(Buffer.from("././@LongLink"), type, data.length, nobody, Buffer.alloc(0));
  return [head, data, archivePadding(data.length)];
}

/** Up to the next block. */
export const archivePadding = (size: number) => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

function header(
  name: Buffer,
  type: string,
  size: number,
  { mode, uid, gid, modified = 0 }: Owned,
  link: Buffer,
): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block, 0, 0, LONGEST_NAME);
  number(block, 100, 8, mode);
  number(block, 108, 8, uid);
  number(block, 116, 8, gid);
  number(block, 124, 12, size);
  number(block, 136, 12, Math.max(0, Math.floor(modified)));
  block.write(type, 156);
  link.copy(block, 157, 0, LONGEST_NAME);
  block.write("ustar  ", 257);
  block.fill(" ", 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** Octal, or as GNU has it, binary, where that has no room for it. */
function number(block: Buffer, at: number, length: number, value: number): void {
  const octal = value.toString(8);
  if (octal.length < length) {
    block.write(octal.padStart(length - 1, "0"), at);
    return;
  }
  block.writeUIntBE(value, at + length - 6, 6);
  block[at] = 0x80;
}
