import { X509Certificate } from "crypto";
import type { Host } from "../../../core/adapter-ports";
import { FerryError } from "../../../core/errors";
import { hostProgram } from "../../../on-host/load";

export const FLOCKER_NODE = hostProgram("volume/flocker-node.sh");

/** Where Flocker's agents have what names them, on every installation of it. */
export const NODE_CERTIFICATE = "/etc/flocker/node.crt";

/**
 * Flocker's name for a host, which its certificate says: an address may be one of several, and a
 * boot's id, by which its plugin asks, is the host's kernel's. undefined: no agent of Flocker's is
 * there.
 */
export async function nodeOf(host: Host): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await host.shell.script(FLOCKER_NODE, [NODE_CERTIFICATE], {
    root: true,
  });
  if (exitCode !== 0) {
    throw fault(host, `reading ${NODE_CERTIFICATE}`, stderr.trim().split("\n").at(-1) ?? "");
  }
  if (stdout.trim() === "") return undefined;
  return uuidIn(stdout);
}

/** Of one that a volume is to be on. */
export async function requireNode(host: Host, volume: string): Promise<string> {
  const node = await nodeOf(host);
  if (node !== undefined) return node;
  const what = `using volume '${volume}' of Flocker's`;
  throw fault(
    host,
    what,
    `it has no ${NODE_CERTIFICATE} of a node, so that it is none of Flocker's`,
  );
}

function uuidIn(certificate: string): string | undefined {
  try {
    const { subject } = new X509Certificate(certificate);
    return /^CN=node-([0-9a-f-]{36})$/m.exec(subject)?.[1];
  } catch {
    return undefined;
  }
}

function fault({ name: host }: Host, what: string, reason: string): FerryError {
  return new FerryError({
    ...{ kind: "settings", what, host, reason },
    advice: "Let the replica be on hosts where Flocker's agent runs",
  });
}
