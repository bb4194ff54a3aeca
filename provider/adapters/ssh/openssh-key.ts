import { createDecipheriv } from "crypto";
import { pbkdf } from "bcrypt-pbkdf";

/**
 * OpenSSH's own form of private keys, as far as the SSH library lacks it: it opens every cipher but
 * chacha20-poly1305@openssh.com, and knows no PKCS8, out of which an Ed25519 key can only be put
 * into this form.
 */

const MAGIC = Buffer.from("openssh-key-v1\0");
const CHACHA = "chacha20-poly1305@openssh.com";
const CHACHA_KEY_BYTES = 64;
const TAG_BYTES = 16;
const BLOCK_BYTES = 8;

/** How an OpenSSH key is locked: "none", "aes256-ctr"... undefined when it is no such key. */
export function cipherOf(container: Buffer): string | undefined {
  if (!container.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  return new Fields(container, MAGIC.length).next()?.toString("latin1");
}

export function usesChacha(container: Buffer): boolean {
  return cipherOf(container) === CHACHA;
}

/** The same key without a lock, or undefined when the passphrase does not open it. */
export function unlockChacha(container: Buffer, passphrase: string): Buffer | undefined {
  const fields = new Fields(container, MAGIC.length + 4 + CHACHA.length);
  const derivation = fields.next()?.toString("latin1");
  const options = fields.next();
  const count = fields.number();
  const publicKey = fields.next();
  const locked = fields.next();
  if (derivation !== "bcrypt" || !options || count !== 1 || !publicKey || !locked) return undefined;
  if (fields.left() !== TAG_BYTES) return undefined;
  const given = new Fields(options, 0);
  const salt = given.next();
  const rounds = given.number();
  if (!salt || rounds === undefined) return undefined;
  const secret = Buffer.from(passphrase);
  const key = Buffer.alloc(CHACHA_KEY_BYTES);
  if (pbkdf(secret, secret.length, salt, salt.length, key, key.length, rounds) !== 0)
    return undefined;
  // The stream's block 0 makes the tag's key, so the text begins with block 1. Two equal numbers at
  // its beginning show whether the passphrase was right.
  const start = Buffer.alloc(16);
  start.writeUInt32LE(1, 0);
  const decipher = createDecipheriv("chacha20", key.subarray(0, 32), start);
  const opened = Buffer.concat([decipher.update(locked), decipher.final()]);
  if (opened.length < 8 || opened.readUInt32BE(0) !== opened.readUInt32BE(4)) return undefined;
  return inContainer(publicKey, opened);
}

/** An Ed25519 key, out of its two halves of 32 bytes. */
export function ed25519Container(privateHalf: Buffer, publicHalf: Buffer): Buffer {
  const kind = string("ssh-ed25519");
  const publicKey = Buffer.concat([kind, string(publicHalf)]);
  const body = Buffer.concat([
    Buffer.alloc(8),
    publicKey,
    string(Buffer.concat([privateHalf, publicHalf])),
    string(""),
  ]);
  const missing = (BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES;
  const padding = Buffer.from(Array.from({ length: missing }, (_, i) => i + 1));
  return inContainer(publicKey, Buffer.concat([body, padding]));
}

function inContainer(publicKey: Buffer, body: Buffer): Buffer {
  const one = Buffer.from([0, 0, 0, 1]);
  const unlocked = [string("none"), string("none"), string("")];
  return Buffer.concat([MAGIC, ...unlocked, one, string(publicKey), string(body)]);
}

function string(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Reads what SSH writes: numbers, and strings with their length before them. undefined beyond the
 * end.
 */
class Fields {
  constructor(
    private readonly from: Buffer,
    private at: number,
  ) {}

  number(): number | undefined {
    if (this.left() < 4) return undefined;
    this.at += 4;
    return this.from.readUInt32BE(this.at - 4);
  }

  next(): Buffer | undefined {
    const length = this.number();
    if (length === undefined || this.left() < length) return undefined;
    this.at += length;
    return this.from.subarray(this.at - length, this.at);
  }

  left(): number {
    return this.from.length - this.at;
  }
}
