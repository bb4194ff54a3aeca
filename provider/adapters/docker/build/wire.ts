import type { Readable } from "stream";

/** As much of protobuf's encoding as BuildKit's few messages need. */

export type Field = readonly [number, number | string | Buffer];

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A message of these fields, in this order; one that is 0 or empty is left out, as is usual. */
export function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === "number")
        return value === 0 ? [] : [varint(number * 8 + VARINT), varint(value)];
      const bytes = Buffer.from(value);
      if (bytes.length === 0) return [];
      return [varint(number * 8 + BYTES), varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** A message's fields as they come; a field of fixed length is passed over. */
export function fieldsOf(encoded: Buffer): (readonly [number, number | Buffer])[] {
  const found: (readonly [number, number | Buffer])[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = encoded[at++];
      if (byte === undefined) throw new RangeError("a message of BuildKit's ends too early");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < encoded.length) {
    const key = next();
    const [number, kind] = [Math.floor(key / 8), key % 8];
    if (kind === VARINT) found.push([number, next()]);
    else if (kind === FIXED64) at += 8;
    else if (kind === FIXED32) at += 4;
    else if (kind === BYTES) {
      const length = next();
      found.push([number, encoded.subarray(at, at + length)]);
      at += length;
    } else throw new RangeError(`a message of BuildKit's has a field of kind ${kind}`);
  }
  return found;
}

export const textOf = (value: number | Buffer | undefined): string =>
  Buffer.isBuffer(value) ? value.toString() : "";

/** gRPC puts a flag and the length before each message. */
export function framed(encoded: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(encoded.length, 1);
  return Buffer.concat([head, encoded]);
}

/** Takes messages out of what comes in pieces. */
export class Unframer {
  private rest: Buffer = Buffer.alloc(0);

  take(piece: Buffer): Buffer[] {
    this.rest = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const messages: Buffer[] = [];
    while (this.rest.length >= 5) {
      const end = 5 + this.rest.readUInt32BE(1);
      if (this.rest.length < end) break;
      messages.push(this.rest.subarray(5, end));
      this.rest = this.rest.subarray(end);
    }
    return messages;
  }
}

/** As they come in; who has read enough may still write to the stream. */
export const piecesOf = (stream: Readable): AsyncIterable<Buffer> =>
  stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
