import type { ServerHttp2Stream } from "http2";
import { once } from "events";
import type { SourceEntry } from "../../../core/build/build-request";
import { fieldsOf, framed, message, piecesOf, Unframer } from "./wire";

/** Kinds of packets of BuildKit's folder protocol. */
const STAT = 0;
const REQUEST = 1;
const DATA = 2;
const FINISH = 3;
const FAILURE = 4;

/** Kinds of files in Go's words. */
const GO_DIRECTORY = 0x80000000;
const GO_LINK = 0x08000000;
const GO_STICKY = 0x00100000;
const GO_SETGID = 0x00400000;
const GO_SETUID = 0x00800000;

/**
 * Shows a folder to BuildKit, which asks for the contents that it lacks. Owners and times are left
 * out: they say nothing that a build should follow from.
 */
export async function sendFolder(
  stream: ServerHttp2Stream,
  entries: readonly SourceEntry[],
): Promise<void> {
  const send = async (packet: Buffer) => {
    if (!stream.write(framed(packet))) await once(stream, "drain");
  };
  const unframer = new Unframer();
  const list = (async () => {
    for (const entry of entries) await send(message([1, STAT], [2, statOf(entry)]));
    await send(message());
  })();
  // One at a time: the link is the bound, and files come in the order in which they are asked for.
  for await (const piece of piecesOf(stream)) {
    for (const packet of unframer.take(piece)) {
      const fields = new Map(fieldsOf(packet));
      const kind = fields.get(1) ?? STAT;
      const id = (fields.get(3) as number | undefined) ?? 0;
      if (kind === REQUEST) await sendContent(send, entries[id], id);
      if (kind === FAILURE) return;
      if (kind !== FINISH) continue;
      await list;
      await send(message([1, FINISH]));
      return;
    }
  }
  await list;
}

async function sendContent(
  send: (packet: Buffer) => Promise<void>,
  entry: SourceEntry | undefined,
  id: number,
): Promise<void> {
  try {
    if (entry !== undefined)
      for await (const chunk of entry.read()) await send(message([1, DATA], [3, id], [4, chunk]));
  } catch (error) {
    await send(message([1, FAILURE], [4, (error as Error).message]));
    throw error;
  }
  await send(message([1, DATA], [3, id]));
}

function statOf({ path, kind, mode, size, target }: SourceEntry): Buffer {
  return message(
    [1, path],
    [2, goMode(kind, mode)],
    ...(kind === "file" ? ([[5, size]] as const) : []),
    [7, target ?? ""],
  );
}

function goMode(kind: SourceEntry["kind"], mode: number): number {
  const ofKind = { file: 0, folder: GO_DIRECTORY, link: GO_LINK }[kind];
  const special =
    (mode & 0o1000 ? GO_STICKY : 0) +
    (mode & 0o2000 ? GO_SETGID : 0) +
    (mode & 0o4000 ? GO_SETUID : 0);
  return ofKind + special + (mode & 0o777);
}
