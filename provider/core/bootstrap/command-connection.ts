import type { Connection } from "../connection";
import { plainAddress } from "../host-address";

/**
 * `connection` as `@pulumi/command` has it, by which a host is prepared: the same fields for the most
 * part, read by another program.
 */
export interface CommandConnection {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly password?: string;
  readonly agentSocketPath?: string;
  readonly hostKey?: string;
  readonly perDialTimeout?: number;
  readonly dialErrorLimit?: number;
  readonly proxy?: CommandConnection;
}

/**
 * The counterpart of a connection; where a form of it has none, why, to be read after the host's
 * name. What would silently mean less over there (a key that nobody checks) counts as having none.
 */
export function commandConnection(connection: Connection): CommandConnection | string {
  const { proxy, ...own } = connection;
  const hop = oneHop(own);
  if (typeof hop === "string" || proxy === undefined) return hop;
  if (proxy.proxy !== undefined) return "`proxy` leads through another one, and it knows one alone";
  const through = oneHop(proxy);
  return typeof through === "string" ? `\`proxy\`: ${through}` : { ...hop, proxy: through };
}

function oneHop(connection: Connection): CommandConnection | string {
  const plain = plainAddress(connection);
  if (typeof plain === "string") return `\`host\` ${plain}`;
  if (plain.sshConfig !== undefined && plain.sshConfig !== false) {
    return "it reads no `sshConfig`; write host, user, key and hostKey into the program";
  }
  if (plain.agentKey !== undefined) {
    return "it offers all of an agent's keys and knows no `agentKey`; give a `privateKey`";
  }
  const key = plain.hostKey === undefined ? undefined : pinned(plain.hostKey);
  if (typeof key === "object") return key.why;
  if (key === undefined && plain.trustOnFirstUse !== true) {
    return "without a `hostKey` it would take any host for the right one; pin the key, or say `trustOnFirstUse`";
  }
  const { host, port, user, privateKey, privateKeyPassword, password } = plain;
  const { agentSocketPath, perDialTimeout, dialErrorLimit } = plain;
  const fields = {
    ...{ host, port, user, privateKey, privateKeyPassword, password },
    ...{ agentSocketPath, hostKey: key, perDialTimeout, dialErrorLimit },
  };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as CommandConnection;
}

const KEY =
  /(?:^|\s)((?:sk-)?(?:ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa)(?:@openssh\.com)?) ([A-Za-z0-9+/]+=*)(?:\s|$)/;

/**
 * The one key that the host is held to: its kind decides which key the host shows, so one of each
 * kind is no question, and two are.
 */
function pinned(hostKey: string): string | { readonly why: string } {
  const lines = hostKey
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (lines.some((line) => line.startsWith("@"))) {
    return { why: "it knows no revoked keys and no authorities (`@` in `hostKey`)" };
  }
  const keys = lines.flatMap((line) => {
    const [, kind, text] = KEY.exec(line) ?? [];
    return kind === undefined || text === undefined ? [] : [{ kind, text }];
  });
  if (keys.length < lines.length || keys.length === 0) {
    return {
      why: "its `hostKey` has to be a whole public key (`ssh-ed25519 AAAA...`): it can compare no fingerprint",
    };
  }
  const usable = keys.filter(({ kind }) => kind !== "ssh-rsa");
  const first =
    usable.find(({ kind }) => kind === "ssh-ed25519") ??
    usable.find(({ kind }) => kind === "ecdsa-sha2-nistp256") ??
    usable[0];
  if (first === undefined) {
    return {
      why: "it compares no RSA key with those that today's sshd shows; pin the ssh-ed25519 key",
    };
  }
  const { kind, text } = first;
  if (usable.some((other) => other.kind === kind && other.text !== text)) {
    return { why: `\`hostKey\` has two keys of kind ${kind}, and it compares with one alone` };
  }
  return `${kind} ${text}`;
}
