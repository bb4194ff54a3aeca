import { createPrivateKey, type KeyObject } from "crypto";
import { utils, type ParsedKey } from "ssh2";
import { cipherOf, ed25519Container, unlockChacha, usesChacha } from "./openssh-key";

/**
 * Why a text is no key to log in with, and what to do about it. Nothing of the text is ever in it.
 */
export interface KeyTrouble {
  /** Goes on after "its `privateKey` ". */
  readonly reason: string;
  readonly advice: string;
}

/**
 * Reads a private key in any form in which one is handed on: OpenSSH's, PKCS1, SEC1 and PKCS8,
 * locked or not. Lines may be indented, end as Windows ends them, or be written as "\n", as a
 * program's text or an environment variable has them.
 */
export function readPrivateKey(text: string, passphrase?: string): ParsedKey | KeyTrouble {
  const armor = ARMOR.exec(text.replaceAll("\\r", "").replaceAll("\\n", "\n"));
  if (!armor) return withoutArmor(text);
  const [, kind = "", body = ""] = armor;
  if (/PUBLIC KEY$|^CERTIFICATE/.test(kind)) return PUBLIC;
  if (!KINDS.includes(kind)) return NO_KEY;
  const lines = body.split(/[\r\n]+/).map((line) => line.trim());
  const headers = lines.filter((line) => /^[A-Za-z-]+: /.test(line));
  const base64 = lines.filter((line) => !headers.includes(line)).join("");
  const bytes = base64.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(bytes)) return DAMAGED;
  const secret = passphrase === "" ? undefined : passphrase;
  if (kind === OPENSSH) return readOpenssh(Buffer.from(bytes, "base64"), secret);
  const locked = kind === "ENCRYPTED PRIVATE KEY" || headers.some((line) => /ENCRYPTED/.test(line));
  return readPem(pem(kind, bytes, headers), locked, secret);
}

export function isTrouble(read: ParsedKey | KeyTrouble): read is KeyTrouble {
  return "reason" in read;
}

/** What the library gives back in place of a key may be any error, Node's own among them. */
function isKey(parsed: ParsedKey | Error): parsed is ParsedKey {
  return "getPublicSSH" in parsed;
}

const OPENSSH = "OPENSSH PRIVATE KEY";
const KINDS: readonly string[] = [
  OPENSSH,
  "PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY",
  "RSA PRIVATE KEY",
  "EC PRIVATE KEY",
  "DSA PRIVATE KEY",
];
const ARMOR = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/;
const CURVES: readonly unknown[] = ["prime256v1", "secp384r1", "secp521r1"];

const NO_KEY: KeyTrouble = {
  reason: "is not a private key in PEM or OpenSSH form",
  advice: 'Give the whole text of the file, from "-----BEGIN" to the end',
};
const DAMAGED: KeyTrouble = {
  reason:
    "is not a private key in PEM or OpenSSH form: what is between its first and last line is damaged",
  advice: "Give the whole text of the file as it is",
};
const PUBLIC: KeyTrouble = {
  reason: "is a public key",
  advice: "Give the private one, whose file has the same name without .pub",
};
const PATH: KeyTrouble = {
  reason: "is the path of a file and not a key",
  advice: 'Give the text of that file, as readFileSync(path, "utf8") has it',
};
const PUTTY: KeyTrouble = {
  reason: "is a file of PuTTY's",
  advice: "Convert it: puttygen key.ppk -O private-openssh -o key",
};
const NO_PASSPHRASE: KeyTrouble = {
  reason: "is locked and `privateKeyPassword` is missing",
  advice: "Give `privateKeyPassword`, or let an agent hold the key (`agentSocketPath`)",
};
const WRONG_PASSPHRASE: KeyTrouble = {
  reason: "is locked and `privateKeyPassword` does not open it",
  advice: "Check `privateKeyPassword`",
};

function withoutArmor(text: string): KeyTrouble {
  const trimmed = text.trim();
  if (trimmed === "") return { reason: "is empty", advice: NO_KEY.advice };
  if (trimmed.startsWith("PuTTY-User-Key-File-")) return PUTTY;
  if (/^(ssh-|ecdsa-|sk-)\S+ +AAAA|^---- BEGIN SSH2 PUBLIC KEY/.test(trimmed)) return PUBLIC;
  if (/-----BEGIN /.test(trimmed)) {
    return { ...DAMAGED, reason: `${NO_KEY.reason}: its end is missing` };
  }
  return /^(~|\.{0,2}\/|[A-Za-z]:\\)[^\n]*$/.test(trimmed) ? PATH : NO_KEY;
}

function readOpenssh(container: Buffer, passphrase: string | undefined): ParsedKey | KeyTrouble {
  const cipher = cipherOf(container);
  if (cipher === undefined) return DAMAGED;
  if (cipher !== "none" && passphrase === undefined) return NO_PASSPHRASE;
  const opened =
    usesChacha(container) && passphrase !== undefined
      ? unlockChacha(container, passphrase)
      : container;
  if (!opened) return WRONG_PASSPHRASE;
  const parsed = utils.parseKey(pem(OPENSSH, opened.toString("base64")), passphrase);
  if (isKey(parsed)) return parsed;
  // The library's own words may quote the key; only what kind of trouble it is goes on.
  if (/private key type/i.test(parsed.message)) {
    return {
      reason: "is of a kind that only its token can use (a FIDO key)",
      advice: "Let an agent hold it (`agentSocketPath`)",
    };
  }
  if (/Unsupported cipher/.test(parsed.message)) return oddLock(cipher);
  return cipher === "none" ? DAMAGED : WRONG_PASSPHRASE;
}

function oddLock(cipher: string): KeyTrouble {
  return {
    reason: `is locked in a way that cannot be opened here (${cipher.slice(0, 40)})`,
    advice: "Lock it anew: ssh-keygen -p -f FILE",
  };
}

function readPem(
  text: string,
  locked: boolean,
  passphrase: string | undefined,
): ParsedKey | KeyTrouble {
  if (locked && passphrase === undefined) return NO_PASSPHRASE;
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, ...(passphrase !== undefined && { passphrase }) });
  } catch (error) {
    if (!locked) return DAMAGED;
    const { code = "" } = error as NodeJS.ErrnoException;
    return /UNSUPPORTED/.test(code) ? oddLock("an old cipher") : WRONG_PASSPHRASE;
  }
  return forSsh(key);
}

/** In a form that the SSH library reads: it knows no PKCS8. */
function forSsh(key: KeyObject): ParsedKey | KeyTrouble {
  const kind = key.asymmetricKeyType ?? "unknown";
  const curve: unknown = key.asymmetricKeyDetails?.namedCurve;
  let text: string | undefined;
  if (kind === "rsa") text = key.export({ type: "pkcs1", format: "pem" }).toString();
  else if (kind === "ec" && CURVES.includes(curve)) {
    text = key.export({ type: "sec1", format: "pem" }).toString();
  } else if (kind === "ed25519") {
    const { d = "", x = "" } = key.export({ format: "jwk" });
    const halves = [d, x].map((half) => Buffer.from(half, "base64url")) as [Buffer, Buffer];
    text = pem(OPENSSH, ed25519Container(...halves).toString("base64"));
  }
  const parsed = text === undefined ? undefined : utils.parseKey(text);
  if (parsed && isKey(parsed)) return parsed;
  const name = typeof curve === "string" ? `${kind} (${curve})` : kind;
  return {
    reason: `is of the kind ${name}, with which nobody can log in`,
    advice: "Make one of the kind ed25519, ecdsa or rsa: ssh-keygen -t ed25519",
  };
}

function pem(kind: string, base64: string, headers: readonly string[] = []): string {
  const head = headers.length === 0 ? "" : `${headers.join("\n")}\n\n`;
  const body = (base64.match(/.{1,64}/g) ?? []).join("\n");
  return `-----BEGIN ${kind}-----\n${head}${body}\n-----END ${kind}-----\n`;
}
