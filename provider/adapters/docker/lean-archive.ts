import { Readable } from "stream";
import { chainIds, chainOfFolder } from "../../core/image/shared-layers";

const BLOCK = 512;

/** More than any description of a layer has. */
const LONGEST_DESCRIPTION = 1024 * 1024;

/** What `docker save` writes, without the files of these layers: those that an image begins with. */
export function leanArchive(
  archive: Readable,
  layers: readonly string[],
  topmost: readonly string[],
): Readable {
  const without = new LeftOut(layers, topmost);
  const lean = Readable.from(passedOn(archive, without), { objectMode: false });
  lean.once("close", () => archive.destroy());
  return lean;
}

/** Which files are left out, as it turns out while they come. */
class LeftOut {
  private readonly blobs: ReadonlySet<string>;
  private readonly chains: readonly string[];
  private readonly folders = new Set<string>();

  constructor(layers: readonly string[], above: readonly string[]) {
    this.chains = chainIds(layers);
    // One that is there once more further up is needed for that.
    const files = layers.filter((layer) => !above.includes(layer));
    this.blobs = new Set(files.map((layer) => layer.replace("sha256:", "blobs/sha256/")));
  }

  has(name: string): boolean {
    const folder = /^([0-9a-f]{64})\/layer\.tar$/.exec(name)?.[1];
    return folder === undefined ? this.blobs.has(name) : this.folders.has(folder);
  }

  /** A layer's description comes before the layer. */
  read(name: string, content: string): void {
    const folder = folderOf(name);
    if (folder === undefined) return;
    if (chainOfFolder(folder, content, this.chains) !== undefined) this.folders.add(folder);
  }
}

const folderOf = (name: string) => /^([0-9a-f]{64})\/json$/.exec(name)?.[1];

async function* passedOn(archive: Readable, without: LeftOut): AsyncGenerator<Buffer> {
  const source = new Pieces(archive);
  let isExtended = false;
  for (;;) {
    const header = await source.exactly(BLOCK);
    if (header.length < BLOCK) {
      yield header;
      return;
    }
    const { name, size, isFile, extends: isAhead } = read(header);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    // What an extension says before a file would be taken for the next one's.
    const stays = isExtended;
    isExtended = isAhead;
    if (isFile && !stays && without.has(name)) {
      for await (const _ of source.pieces(padded));
      continue;
    }
    yield header;
    if (folderOf(name) !== undefined && size <= LONGEST_DESCRIPTION) {
      const content = await source.exactly(padded);
      without.read(name, content.subarray(0, size).toString());
      yield content;
    } else yield* source.pieces(padded);
  }
}

/** The end of an archive is blocks of zeros, which are files without a name and a content. */
function read(header: Buffer) {
  const text = (from: number, to: number) => {
    const end = header.indexOf(0, from);
    return header.toString("latin1", from, end < 0 || end > to ? to : end);
  };
  // Go's archives have the size of what is larger than 8 GiB as a number of bytes.
  const isBinary = ((header[124] ?? 0) & 0x80) !== 0;
  const size = isBinary
    ? Number(header.readBigUInt64BE(128))
    : parseInt(text(124, 136).trim() || "0", 8);
  const kind = text(156, 157);
  return {
    name: text(0, 100),
    size,
    isFile: kind === "0" || kind === "",
    extends: /[xLK]/.test(kind),
  };
}

/** A stream by the number of bytes that are wanted. */
class Pieces {
  private readonly source: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.source = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Fewer where it ends. */
  async exactly(bytes: number): Promise<Buffer> {
    const found: Buffer[] = [];
    for await (const piece of this.pieces(bytes)) found.push(piece);
    return Buffer.concat(found);
  }

  async *pieces(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0;) {
      if (this.rest.length === 0) {
        const next = await this.source.next();
        if (next.done === true) return;
        this.rest = next.value;
      }
      const piece = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
