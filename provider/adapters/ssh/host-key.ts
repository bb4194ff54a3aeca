import { createHash } from "crypto";
import type { ServerHostKeyAlgorithm } from "ssh2";

/** What the user pinned: a whole key, or only its fingerprint. */
export interface PinnedKey {
  /** "SHA256:..." without padding, as OpenSSH prints it. */
  readonly fingerprint: string;
  /** "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa": unknown when only a fingerprint was given. */
  readonly type?: string;
}

/** Signature algorithms by kind of key, in the order in which they are asked for. */
const FAMILIES: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ["ssh-ed25519"],
  ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
  ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
];

/** OpenSSH's fingerprint of a key in wire form. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that a key in wire form says it has. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return length > 0 && length <= 64 ? key.subarray(4, 4 + length).toString("latin1") : "unknown";
}

/**
 * Reads `hostKey`: "ssh-ed25519 AAAA... comment", the same with host names in front as in known_hosts, or
 * "SHA256:...". undefined when it is none of these.
 */
export function parsePinnedKey(text: string): PinnedKey | undefined {
  const words = text.trim().split(/\s+/);
  const only = words.length === 1 ? words[0] : undefined;
  if (only !== undefined && /^SHA256:[A-Za-z0-9+/]{43}=?$/.test(only)) {
    return { fingerprint: only.replace(/=$/, "") };
  }
  const at = words.findIndex((word) => word.startsWith("AAAA"));
  const blob = at < 1 ? undefined : words[at];
  if (blob === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return undefined;
  const key = Buffer.from(blob, "base64");
  const type = keyType(key);
  return type === words[at - 1] ? { fingerprint: fingerprint(key), type } : undefined;
}

/**
 * The lists of algorithms to ask for, one list per handshake. A whole key tells its kind, so a server that has other
 * keys too shows the right one. A fingerprint does not: then one kind is asked for after another.
 */
export function algorithmsFor(pinned: PinnedKey | undefined): ServerHostKeyAlgorithm[][] {
  if (!pinned) return [FAMILIES.flat()];
  const { type } = pinned;
  if (type === undefined) return FAMILIES.map((family) => [...family]);
  const family = FAMILIES.find((algorithms) => algorithms.some((algorithm) => algorithm === type));
  if (!family) return [FAMILIES.flat()];
  return [type === "ssh-rsa" ? [...family] : family.filter((algorithm) => algorithm === type)];
}
