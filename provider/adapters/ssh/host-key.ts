import { createHash } from "crypto";
import type { ServerHostKeyAlgorithm } from "ssh2";

/** What the user pinned: a whole key, or only its fingerprint. */
export interface PinnedKey {
  /** "SHA256:..." without padding, as OpenSSH prints it. */
  readonly fingerprint: string;
  /** "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa": unknown when only a fingerprint was given. */
  readonly type?: string;
}

/** Which keys of a host are taken. */
export interface HostKeys {
  /** Any of these; empty where nothing is pinned. */
  readonly pinned: readonly PinnedKey[];
  /** Fingerprints of keys that are refused, whatever else is said of them. */
  readonly revoked: readonly string[];
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
 * Reads `hostKey`: "ssh-ed25519 AAAA... comment", the same with host names in front as in
 * known_hosts, or "SHA256:..."; one a line. Lines with "@revoked" name keys that are refused. Else
 * what is wrong with it.
 */
export function parseHostKeys(text: string): HostKeys | string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const reported = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const [marked, plain] = [reported.filter(isMarked), reported.filter((line) => !isMarked(line))];
  if (marked.some((line) => !/^@(revoked|cert-authority)\s/.test(line))) return NO_KEY;
  const revoked = marked.filter((line) => line.startsWith("@revoked")).map(parseLine);
  const pinned = plain.map(parseLine);
  const all = [...pinned, ...revoked];
  if (reported.length === 0 || all.includes(undefined)) return NO_KEY;
  const known = (keys: readonly (PinnedKey | undefined)[]) => keys.flatMap((key) => key ?? []);
  const keys = { pinned: known(pinned), revoked: known(revoked).map((key) => key.fingerprint) };
  if (keys.pinned.length > 0) return keys;
  return marked.length > revoked.length
    ? "is the key of a certificate authority (@cert-authority), and no key of a host"
    : "names only keys that are revoked (@revoked)";
}

const NO_KEY = "is neither a public key nor a fingerprint";

const isMarked = (line: string) => line.startsWith("@");

/** "ssh-ed25519 SHA256:...", which is what is kept of a key that was shown. */
export function describeKey(key: Buffer): string {
  return `${keyType(key)} ${fingerprint(key)}`;
}

export function isTaken(keys: HostKeys, key: Buffer): boolean {
  const shown = fingerprint(key);
  return !keys.revoked.includes(shown) && keys.pinned.some((each) => each.fingerprint === shown);
}

function parseLine(line: string): PinnedKey | undefined {
  const words = line.split(/\s+/);
  const print = words.at(-1) ?? "";
  if (words.length <= 2 && /^SHA256:[A-Za-z0-9+/]{43}=?$/.test(print)) {
    const [type] = words.length === 2 ? words : [undefined];
    return { fingerprint: print.replace(/=$/, ""), ...(type !== undefined && { type }) };
  }
  const at = words.findIndex((word) => word.startsWith("AAAA"));
  const blob = at < 1 ? undefined : words[at];
  if (blob === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return undefined;
  const key = Buffer.from(blob, "base64");
  const type = keyType(key);
  return type === words[at - 1] ? { fingerprint: fingerprint(key), type } : undefined;
}

/**
 * The lists of algorithms to ask for, one list per handshake. A whole key tells its kind, so a
 * server that has other keys too shows the right one. A fingerprint does not: then one kind is
 * asked for after another.
 */
export function algorithmsFor(pinned: readonly PinnedKey[]): ServerHostKeyAlgorithm[][] {
  if (pinned.length === 0) return [FAMILIES.flat()];
  if (pinned.some(({ type }) => type === undefined)) return FAMILIES.map((family) => [...family]);
  const wanted = FAMILIES.flatMap((family) => pinned.map((key) => ofKind(key.type, family)));
  const found = [...new Set(wanted.flat())];
  return [found.length === 0 ? FAMILIES.flat() : found];
}

function ofKind(type: string | undefined, family: readonly ServerHostKeyAlgorithm[]) {
  if (!family.some((algorithm) => algorithm === type)) return [];
  return type === "ssh-rsa" ? family : family.filter((algorithm) => algorithm === type);
}
