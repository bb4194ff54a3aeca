import { spawnSync } from "child_process";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "crypto";
import { mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { isTrouble, readPrivateKey } from "../../provider/adapters/ssh/private-key";

/** Keys as ssh-keygen, openssl and Node make them, here and now. */

const folder = mkdtempSync(join(tmpdir(), "ferry-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PASSPHRASE = "correct horse";
let made = 0;

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

interface Made {
  readonly text: string;
  /** "ssh-ed25519 AAAA". */
  readonly publicKey: string;
}

const publicOf = (file: string) =>
  readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");

function keygen(...args: string[]): Made {
  const file = join(folder, `key-${made++}`);
  run("ssh-keygen", "-q", "-f", file, ...args);
  return { text: readFileSync(file, "utf8"), publicKey: publicOf(file) };
}

function read(text: string, passphrase?: string): string {
  const key = readPrivateKey(text, passphrase);
  if (isTrouble(key)) throw new Error(key.reason);
  expect(key.isPrivateKey()).toBe(true);
  // It signs what its public half accepts, which a key that was only read in part does not.
  const data = Buffer.from("data");
  const signature = key.sign(data);
  expect(Buffer.isBuffer(signature) && key.verify(data, signature)).toBe(true);
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

const trouble = (text: string, passphrase?: string) => {
  const key = readPrivateKey(text, passphrase);
  return isTrouble(key) ? key.reason : "none";
};

const pkcs8 = (key: KeyObject, passphrase?: string) =>
  key
    .export({
      type: "pkcs8",
      format: "pem",
      ...(passphrase !== undefined && { cipher: "aes-256-cbc", passphrase }),
    })
    .toString();

const KINDS = [
  ["rsa", () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
  ["P-256", () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
  ["P-384", () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
  ["P-521", () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey],
  ["ed25519", () => generateKeyPairSync("ed25519").privateKey],
] as const;

/** What ssh-keygen says that the public half is. */
function publicHalf(key: KeyObject): string {
  const wire = (...parts: (string | Buffer)[]) =>
    Buffer.concat(
      parts.flatMap((part) => {
        const bytes = Buffer.from(part as string);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes.length);
        return [length, bytes];
      }),
    ).toString("base64");
  const jwk = createPublicKey(key).export({ format: "jwk" });
  const part = (text: string | undefined) => Buffer.from(text ?? "", "base64url");
  const positive = (bytes: Buffer) =>
    (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  if (jwk.kty === "RSA") {
    return `ssh-rsa ${wire("ssh-rsa", positive(part(jwk.e)), positive(part(jwk.n)))}`;
  }
  if (jwk.kty === "OKP") return `ssh-ed25519 ${wire("ssh-ed25519", part(jwk.x))}`;
  const curve = `nistp${(jwk.crv ?? "").slice(2)}`;
  const point = Buffer.concat([Buffer.from([4]), part(jwk.x), part(jwk.y)]);
  return `ecdsa-sha2-${curve} ${wire(`ecdsa-sha2-${curve}`, curve, point)}`;
}

describe.each(KINDS)("a key of the kind %s", (_kind, make) => {
  test("in PKCS8, as @pulumi/tls gives it, and locked", () => {
    for (let i = 0; i < 3; i++) {
      const key = make();
      expect(read(pkcs8(key))).toBe(publicHalf(key));
      expect(read(pkcs8(key, PASSPHRASE), PASSPHRASE)).toBe(publicHalf(key));
    }
    const locked = pkcs8(make(), PASSPHRASE);
    expect(trouble(locked)).toBe("is locked and `privateKeyPassword` is missing");
    expect(trouble(locked, "wrong")).toBe("is locked and `privateKeyPassword` does not open it");
  });
});

test.each([
  ["-t", "rsa", "-b", "2048", "-m", "PEM"],
  ["-t", "ecdsa", "-m", "PEM"],
  ["-t", "rsa", "-b", "2048"],
  ["-t", "ecdsa", "-b", "521"],
  ["-t", "ed25519"],
])("what ssh-keygen %s %s %s %s makes, locked and not", (...args) => {
  const plain = keygen(...args, "-N", "");
  expect(read(plain.text)).toBe(plain.publicKey);
  expect(read(plain.text, "a passphrase that is not needed")).toBe(plain.publicKey);
  const locked = keygen(...args, "-N", PASSPHRASE);
  expect(read(locked.text, PASSPHRASE)).toBe(locked.publicKey);
  expect(trouble(locked.text, "wrong")).toContain("`privateKeyPassword` does not open it");
  for (const none of [undefined, ""]) {
    expect(trouble(locked.text, none)).toContain("`privateKeyPassword` is missing");
  }
});

test.each([
  "chacha20-poly1305@openssh.com",
  "aes256-ctr",
  "aes256-gcm@openssh.com",
  "aes128-gcm@openssh.com",
  "aes256-cbc",
  "3des-cbc",
])("OpenSSH's form locked with %s", (cipher) => {
  for (const type of ["ed25519", "ecdsa"]) {
    const key = keygen("-t", type, "-Z", cipher, "-a", "2", "-N", PASSPHRASE);
    expect(read(key.text, PASSPHRASE)).toBe(key.publicKey);
    expect(trouble(key.text, "wrong")).toContain("`privateKeyPassword` does not open it");
    expect(trouble(key.text)).toContain("`privateKeyPassword` is missing");
  }
});

const SHAPES: Readonly<Record<string, (text: string) => string>> = {
  indented: (text) => text.replace(/^/gm, "      "),
  "with tabs": (text) => text.replace(/^/gm, "\t"),
  "as Windows ends lines": (text) => text.replaceAll("\n", "\r\n"),
  "without the last newline": (text) => text.trim(),
  "with empty lines around": (text) => `\n\n${text}\n\n`,
  "on one line": (text) => text.trim().replaceAll("\n", "\\n"),
  "with a mark of the order of bytes": (text) => `\uFEFF${text}`,
};

test.each(Object.entries(SHAPES))("%s", (_shape, shaped) => {
  const keys = [
    keygen("-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com", "-N", PASSPHRASE),
    keygen("-t", "rsa", "-b", "2048", "-m", "PEM", "-N", PASSPHRASE),
    keygen("-t", "ecdsa", "-N", ""),
  ];
  for (const key of keys) expect(read(shaped(key.text), PASSPHRASE)).toBe(key.publicKey);
  const other = generateKeyPairSync("ed25519").privateKey;
  expect(read(shaped(pkcs8(other)))).toBe(publicHalf(other));
});

test("what is no private key is told as what it is, and nothing of it is shown", () => {
  const { text, publicKey } = keygen("-t", "ed25519", "-N", "");
  const other = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey;
  const spki = createPublicKey(other).export({ type: "spki", format: "pem" }).toString();
  const cases: readonly [string, string][] = [
    ["", "is empty"],
    [" \n", "is empty"],
    [publicKey, "is a public key"],
    [spki, "is a public key"],
    ["PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", "is a file of PuTTY's"],
    ["~/.ssh/id_ed25519", "is the path of a file"],
    ["/root/.ssh/id_rsa", "is the path of a file"],
    ["./id", "is the path of a file"],
    ["hunter2", "is not a private key"],
    [text.slice(0, 200), "its end is missing"],
    [text.replace(/\n[A-Za-z]{4}/, "\n§§§§"), "is damaged"],
    [text.replace(/\n.{40}/, "\n"), "is damaged"],
    [pkcs8(other), "is of the kind ec (secp256k1)"],
    [pkcs8(generateKeyPairSync("x25519").privateKey), "is of the kind x25519"],
    [pkcs8(generateKeyPairSync("ed25519").privateKey).replace(/\n.{20}/, "\n"), "is damaged"],
  ];
  for (const [given, said] of cases) {
    const key = readPrivateKey(given, PASSPHRASE);
    const words = isTrouble(key) ? `${key.reason}. ${key.advice}.` : "none";
    expect(words).toContain(said);
    const parts = given.match(/[A-Za-z0-9+/]{20,}/g) ?? [];
    for (const part of parts) expect(words).not.toContain(part);
  }
});
