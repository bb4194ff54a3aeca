"use strict";
/**
 * The redis protocol (RESP2), as much as this example needs: arrays of strings out, any reply in.
 * It knows nothing of sockets, so that it can be tried with every way a reply may be cut into reads.
 */

/** Redis answered, and the answer is an error: the command was not carried out. */
class ReplyError extends Error {
  constructor(message) {
    super(message);
    this.name = "ReplyError";
    /** The first word: `LOADING`, `WRONGTYPE`, `MISCONF`, ... */
    this.code = message.split(" ", 1)[0];
  }
}

/** One command as bytes. Lengths are in bytes, not characters. */
function encode(args) {
  const parts = [`*${args.length}\r\n`];
  for (const arg of args) {
    const text = String(arg);
    parts.push(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);
  }
  return Buffer.from(parts.join(""));
}

/** Turns bytes, however they arrive, into replies. An error reply is returned, not thrown. */
class ReplyParser {
  #buffer = Buffer.alloc(0);

  /** @returns the replies that are complete now, in order. @throws if the peer does not speak RESP. */
  push(chunk) {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const replies = [];
    let offset = 0;
    for (;;) {
      const parsed = parseAt(this.#buffer, offset);
      if (parsed === undefined) break;
      replies.push(parsed.value);
      offset = parsed.next;
    }
    this.#buffer = this.#buffer.subarray(offset);
    return replies;
  }
}

/** The reply that starts at `offset` and where the next one starts, or undefined if it is not all there yet. */
function parseAt(buffer, offset) {
  const end = buffer.indexOf("\r\n", offset);
  if (end === -1) return undefined;
  const text = buffer.toString("utf8", offset + 1, end);
  const next = end + 2;
  switch (String.fromCharCode(buffer[offset])) {
    case "+":
      return { value: text, next };
    case "-":
      return { value: new ReplyError(text), next };
    case ":":
      return { value: wholeNumber(text), next };
    case "$":
      return parseBulk(buffer, wholeNumber(text), next);
    case "*":
      return parseArray(buffer, wholeNumber(text), next);
    default:
      throw new Error("the peer does not speak the redis protocol");
  }
}

function parseBulk(buffer, length, start) {
  if (length === -1) return { value: null, next: start };
  const end = start + length;
  if (buffer.length < end + 2) return undefined;
  return { value: buffer.toString("utf8", start, end), next: end + 2 };
}

function parseArray(buffer, length, start) {
  if (length === -1) return { value: null, next: start };
  const value = [];
  let next = start;
  for (let i = 0; i < length; i++) {
    const item = parseAt(buffer, next);
    if (item === undefined) return undefined;
    value.push(item.value);
    next = item.next;
  }
  return { value, next };
}

function wholeNumber(text) {
  if (!/^-?\d+$/.test(text)) throw new Error("the peer does not speak the redis protocol");
  return Number(text);
}

module.exports = { encode, ReplyError, ReplyParser };
