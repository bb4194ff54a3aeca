import { createHmac } from "crypto";
import { matchesHost } from "./ssh-config";

/**
 * The lines of known_hosts that are about a host, revoked keys among them. `name` is as `ssh` looks
 * it up.
 */
export function linesAbout(text: string, name: string): string[] {
  return text.split(/\r?\n/).filter((line) => {
    const words = line.trim().split(/\s+/);
    const names = words[0]?.startsWith("@") ? words[1] : words[0];
    if (names === undefined || names === "" || names.startsWith("#")) return false;
    return names.startsWith("|1|") ? isHashOf(names, name) : matchesHost(names.split(","), name);
  });
}

/** "node1", or "[node1]:2222" where the port is another one. */
export function knownAs(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

function isHashOf(hashed: string, name: string): boolean {
  const [, , salt = "", hash = ""] = hashed.split("|");
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
}
