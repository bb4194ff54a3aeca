import { all, output, secret, type Input, type Output } from "@pulumi/pulumi";
import type { Connection, Connections } from "../provider/core/connection";

/**
 * How a host is reached: the fields of `@pulumi/command`'s `connection`, and `trustOnFirstUse`.
 *
 * @example
 * { host: "203.0.113.7", user: "deploy", privateKey: config.requireSecret("key"), hostKey: "ssh-ed25519 AAAA..." }
 */
export interface ConnectionArgs extends JumpHostArgs {
  /** A jump host through which this one is reached. */
  proxy?: Input<JumpHostArgs>;
}

/** The fields of a connection without a further jump. */
export interface JumpHostArgs {
  /** Address or name that the machine running `pulumi` dials. */
  host: Input<string>;
  /** @default 22 */
  port?: Input<number>;
  /** root, or a user of the docker group who may `sudo` without a password. @default "root" */
  user?: Input<string>;
  /** Private key in PEM or OpenSSH form. Kept as a secret. */
  privateKey?: Input<string>;
  /** Passphrase of `privateKey`. Kept as a secret. */
  privateKeyPassword?: Input<string>;
  /** Kept as a secret. */
  password?: Input<string>;
  /** Path of an SSH agent's socket. */
  agentSocketPath?: Input<string>;
  /** The host's public key ("ssh-ed25519 AAAA...") or its "SHA256:..." fingerprint. Required unless `trustOnFirstUse`. */
  hostKey?: Input<string>;
  /** Accept whatever key the host shows when `hostKey` is absent. @default false */
  trustOnFirstUse?: Input<boolean>;
  /** Seconds for one attempt to connect. @default 15 */
  perDialTimeout?: Input<number>;
  /** How often to try again. @default 3 */
  dialErrorLimit?: Input<number>;
}

/** All hosts' connections as one value. A secret as a whole: it holds keys. */
export function resolveConnections(
  hosts: Record<string, Input<ConnectionArgs>>,
): Output<Connections> {
  const resolved = Object.entries(hosts).map(([name, connection]) =>
    output(connection).apply((fields) => [name, fields as Connection] as const),
  );
  return secret(all(resolved).apply((entries) => Object.fromEntries(entries)));
}
