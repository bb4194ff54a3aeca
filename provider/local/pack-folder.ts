import { createReadStream } from "fs";
import { lstatSync, readdirSync, readlinkSync, type Stats } from "fs";
import { join } from "path";
import { Readable } from "stream";
import { FerryError } from "../core/errors";
import { archiveEnd, archiveHead, archivePadding, CONTENT } from "../core/files/tree";

/**
 * A folder of data as an archive, read as it is asked for: it may be large. Owners, modes and links
 * are as they are. undefined where there is nothing in it, or nothing at all.
 */
export function packFolder(folder: string): Readable | undefined {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (inUserTerms(folder, () => readdirSync(folder)).length === 0) return undefined;
  return Readable.from(whole(folder));
}

async function* whole(folder: string): AsyncGenerator<Buffer> {
  yield* folderEntries(folder, CONTENT);
  yield* archiveEnd();
}

async function* folderEntries(folder: string, path: string): AsyncGenerator<Buffer> {
  const stats = inUserTerms(folder, () => lstatSync(folder));
  yield* archiveHead({ path, kind: "folder", ...ownedAs(stats) });
  for (const name of inUserTerms(folder, () => readdirSync(folder))) {
    const [at, inside] = [join(folder, name), `${path}/${name}`];
    const each = inUserTerms(at, () => lstatSync(at));
    if (each.isDirectory()) yield* folderEntries(at, inside);
    else if (each.isFile()) yield* file(at, inside, each);
    else if (each.isSymbolicLink()) {
      const target = inUserTerms(at, () => readlinkSync(at));
      yield* archiveHead({ path: inside, kind: "link", target, ...ownedAs(each) });
    }
    // Sockets, pipes and devices are no data.
  }
}

async function* file(at: string, path: string, stats: Stats): AsyncGenerator<Buffer> {
  const { size } = stats;
  yield* archiveHead({ path, kind: "file", size, ...ownedAs(stats) });
  let read = 0;
  try {
    if (size > 0)
      for await (const chunk of createReadStream(at, { end: size - 1 })) {
        read += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
  } catch (error) {
    throw unreadable(at, (error as NodeJS.ErrnoException).code ?? "");
  }
  if (read < size)
    throw refusal(at, "was changed while it was read", "Stop what writes to it, for as long");
  yield archivePadding(size);
}

const ownedAs = ({ mode, uid, gid, mtimeMs }: Stats) => ({
  mode: mode & 0o7777,
  uid,
  gid,
  modified: mtimeMs / 1000,
});

function inUserTerms<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unreadable(path, (error as NodeJS.ErrnoException).code ?? "");
  }
}

const unreadable = (path: string, code: string) =>
  refusal(path, `cannot be read (${code})`, "Let whoever runs this read it");

const refusal = (path: string, reason: string, advice: string) =>
  new FerryError({ kind: "settings", reason: `'${path}' ${reason}`, advice });
