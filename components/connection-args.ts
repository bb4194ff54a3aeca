import type { Input } from "@pulumi/pulumi";

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
  /** Address or name that the machine running `pulumi` dials; `user@` and `:port` may be in it. */
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
  /**
   * The one key of the agent's that is offered, by its public half or "SHA256:..." fingerprint.
   * @default all of them
   */
  agentKey?: Input<string>;
  /**
   * The host's public key ("ssh-ed25519 AAAA..."), its "SHA256:..." fingerprint, or its lines of
   * known_hosts. Required unless `trustOnFirstUse`.
   */
  hostKey?: Input<string>;
  /** Accept whatever key the host shows when `hostKey` is absent. @default false */
  trustOnFirstUse?: Input<boolean>;
  /**
   * Takes from OpenSSH's settings on the machine that runs `pulumi` what is not said here:
   * HostName, User, Port, IdentityFile, IdentityAgent, ProxyJump, and the host's key from
   * known_hosts. `true` for ~/.ssh/config and the system's, or a file's path. The files are read at
   * use; nothing of them is in state.
   *
   * @default false
   */
  sshConfig?: Input<boolean | string>;
  /** Seconds for one attempt to connect. @default 15 */
  perDialTimeout?: Input<number>;
  /** How often to try again. @default 3 */
  dialErrorLimit?: Input<number>;
}
