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
 * Takes apart what Docker writes for a container without a terminal: frames of a kind, three zeros, a length and bytes.
 * With a terminal there are no frames, and all of it is standard output.
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

/**
 * Reads the JSON lines that Docker writes as it pulls or loads, to their end. Docker answers 200 before it begins, so a
 * failure only shows here. Returns its text, or undefined when all went well.
 */
export async function progressError(stream: Readable): Promise<string | undefined> {
  const decoder = new StringDecoder();
  let rest = "";
  let error: string | undefined;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) error = errorIn(line) ?? error;
  }
  return errorIn(rest + decoder.end()) ?? error;
}

function errorIn(line: string): string | undefined {
  if (line.trim() === "") return undefined;
  try {
    const message = JSON.parse(line) as { error?: string; errorDetail?: { message?: string } };
    return message.errorDetail?.message ?? message.error;
  } catch {
    // Progress is for people; a line that is not JSON is no failure.
    return undefined;
  }
}
