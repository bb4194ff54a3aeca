import { plainAddress } from "./host-address";

/**
 * How a host is reached. The field names are those of `@pulumi/command`'s `connection`, so that one
 * object serves both; `trustOnFirstUse` is ours, because a host key that nobody checks is no host
 * key.
 */
export interface Connection {
  /** Address or name that the operator's machine dials; `user@` and `:port` may be in it. */
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** root, or a user of the docker group that may `sudo` without a password. @default "root" */
  readonly user?: string;
  /** Private key in PEM or OpenSSH form. A secret. */
  readonly privateKey?: string;
  /** Passphrase of `privateKey`. A secret. */
  readonly privateKeyPassword?: string;
  /** A secret. */
  readonly password?: string;
  /** Path of an SSH agent's socket. */
  readonly agentSocketPath?: string;
  /**
   * The one key of the agent's that is offered, by its public half or `SHA256:...` fingerprint.
   * @default all of them
   */
  readonly agentKey?: string;
  /**
   * The host's public key: `ssh-ed25519 AAAA...`, or its `SHA256:...` fingerprint; or lines of
   * known_hosts. Required unless `trustOnFirstUse`.
   */
  readonly hostKey?: string;
  /**
   * What it showed when it was first trusted ("ssh-ed25519 SHA256:..."): where `hostKey` is absent,
   * it is held to that. For whoever keeps it; no user writes it.
   */
  readonly knownHostKey?: string;
  /** Accept whatever key the host shows when none is pinned. @default false */
  readonly trustOnFirstUse?: boolean;
  /** Seconds for one attempt to connect. @default 15 */
  readonly perDialTimeout?: number;
  /** How often to try again before giving up. @default 3 */
  readonly dialErrorLimit?: number;
  /**
   * What OpenSSH's settings on the machine that runs `pulumi` say of `host` holds where this says
   * nothing: true for ~/.ssh/config and the system's, or a file's path. @default false
   */
  readonly sshConfig?: boolean | string;
  /** A jump host. */
  readonly proxy?: Connection;
}

/** Whatever key the host shows first is its key from then on. */
export function isTrusting({ hostKey, trustOnFirstUse }: Connection): boolean {
  return hostKey === undefined && trustOnFirstUse === true;
}

/** Every host of a cluster by the name that the program gives it. */
export type Connections = Readonly<Record<string, Connection>>;

/**
 * Where a connection leads and as whom, jump hosts and all. Two connections with one key may share
 * a session and each other's newer credentials; a private address behind two bastions is two
 * places.
 */
export function connectionKey(connection: Connection): string {
  const plain = plainAddress(connection);
  const { user = "root" } = typeof plain === "string" ? connection : plain;
  return `${user}@${placeKey(connection)}`;
}

/** As `connectionKey`, whoever logs in on the host itself. */
export function placeKey(connection: Connection): string {
  const plain = plainAddress(connection);
  const { host, port = 22, proxy } = typeof plain === "string" ? connection : plain;
  const through = proxy === undefined ? "" : ` via ${connectionKey(proxy)}`;
  return `[${host}]:${port}${through}`;
}
