import type { Readable } from "stream";
import { StringDecoder } from "string_decoder";

export interface Demultiplexed {
  readonly stdout: string;
  readonly stderr: string;
  /** In the order in which they were written. */
  readonly both: string;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes apart what Docker writes for a container without a terminal: frames of a kind, three zeros,
 * a length and bytes. With a terminal there are no frames, and all of it is standard output.
 */
export function demultiplex(raw: Buffer, tty: boolean): Demultiplexed {
  if (tty) return { stdout: raw.toString(), stderr: "", both: raw.toString() };
  const frames: { kind: number; content: Buffer }[] = [];
  for (let at = 0; at + HEADER_BYTES <= raw.length;) {
    const end = at + HEADER_BYTES + raw.readUInt32BE(at + 4);
    frames.push({ kind: raw[at] ?? 0, content: raw.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  const text = (wanted: (kind: number) => boolean) =>
    Buffer.concat(
      frames.filter(({ kind }) => wanted(kind)).map(({ content }) => content),
    ).toString();
  return {
    stdout: text((kind) => kind !== STDERR),
    stderr: text((kind) => kind === STDERR),
    both: text(() => true),
  };
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What Docker wrote as it pulled or loaded. */
export interface Progressed {
  /** Absent when all went well. */
  readonly error?: string;
  /** Images that came: references, or ids of those without one. */
  readonly loaded: readonly string[];
}

interface ProgressLine {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly stream?: string;
}

/**
 * Reads the JSON lines that Docker writes as it pulls or loads, to their end. Docker answers 200
 * before it begins, so a failure only shows here.
 */
export async function readProgress(stream: Readable): Promise<Progressed> {
  const decoder = new StringDecoder();
  const loaded: string[] = [];
  let rest = "";
  let error: string | undefined;
  const take = (line: string) => {
    const message = progressLine(line);
    error = message.errorDetail?.message ?? message.error ?? error;
    const [, image] = /^Loaded image(?: ID)?: (\S+)/.exec(message.stream ?? "") ?? [];
    if (image !== undefined) loaded.push(image);
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  take(rest + decoder.end());
  return { loaded, ...(error === undefined ? {} : { error }) };
}

function progressLine(line: string): ProgressLine {
  if (line.trim() === "") return {};
  try {
    return JSON.parse(line) as ProgressLine;
  } catch {
    // Progress is for people; a line that is not JSON is no failure.
    return {};
  }
}
