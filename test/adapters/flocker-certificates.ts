import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A Flocker cluster's own certificates, as `flocker-ca` makes them but for their kind of key. */
export class FlockerCertificates {
  readonly ca: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "flocker-ca-"));

  constructor() {
    this.#openssl(["req", "-x509", ...NEW_KEY, ...this.#key("ca"), "-subj", "/CN=cluster"]);
    this.ca = this.#read("ca.crt");
  }

  control(): Identity {
    return this.#sign("control", "control-service", "subjectAltName=DNS:control-service");
  }

  user(name: string): Identity {
    return this.#sign("user", `user-${name}`, "extendedKeyUsage=clientAuth");
  }

  node(uuid: string): Identity {
    return this.#sign("node", `node-${uuid}`, "extendedKeyUsage=clientAuth");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #sign(file: string, name: string, extension: string): Identity {
    const request = ["-keyout", `${file}.key`, "-out", `${file}.csr`, "-subj", `/CN=${name}`];
    this.#openssl(["req", ...NEW_KEY, ...request]);
    writeFileSync(join(this.#folder, "extension"), extension);
    const by = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extension"];
    this.#openssl(["x509", "-req", "-in", `${file}.csr`, "-out", `${file}.crt`, ...by]);
    return { cert: this.#read(`${file}.crt`), key: this.#read(`${file}.key`) };
  }

  #key(file: string): string[] {
    return ["-keyout", `${file}.key`, "-out", `${file}.crt`];
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }

  #openssl(args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: "pipe" });
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
