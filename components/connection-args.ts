import { all, output, Output, secret, unsecret, type Input, type Unwrap } from "@pulumi/pulumi";
import type { Connection, Connections } from "../provider/core/connection";
import { mistake } from "../provider/resources/mistake";
import type { BootstrapArgs } from "./bootstrap-args";

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

/** A host of a cluster: how it is reached, and what is to become of it. */
export interface HostArgs extends ConnectionArgs {
  /**
   * Replicas leave this host in the next `up`, with their addresses, names and data: those without
   * a `host` of their own are placed elsewhere; one whose `host` says this host is an error.
   * Nothing new is placed here. Leaving the host out of `hosts` does the same, and takes it out of
   * the network after.
   *
   * @default false
   */
  drain?: Input<boolean>;
  /**
   * Prepares a machine that has sshd and nothing else: Docker, the tools, the weave command with its
   * images. Resources of `@pulumi/command` that a preview shows; nothing that is there is replaced.
   * Must be plain, in a plain object, so that it is known which resources there are.
   *
   * @default false
   */
  bootstrap?: boolean | BootstrapArgs;
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

/** All hosts' connections as one value. A secret as a whole: it holds keys. */
export function resolveConnections(hosts: Record<string, Input<HostArgs>>): Output<Connections> {
  const resolved = Object.entries(hosts).map(([name, host]) =>
    connectionOf(host).apply((fields) => [name, fields as Connection] as const),
  );
  return secret(all(resolved).apply((entries) => Object.fromEntries(entries)));
}

/** A host's connection alone. A secret as a whole: it holds keys. */
export function connectionOf(host: Input<HostArgs>): Output<Unwrap<ConnectionArgs>> {
  return secret(output(host)).apply(({ drain: _, bootstrap: __, ...connection }) => connection);
}

/** What the program says of preparing a host; hosts that are outputs may say nothing. */
export function bootstrapOf(name: string, host: Input<HostArgs>): true | BootstrapArgs | undefined {
  if (Output.isInstance(host) || host instanceof Promise) {
    output(host).apply(({ bootstrap = false }) => {
      if (bootstrap === false) return;
      throw mistake(
        `hosts.${name}: \`bootstrap\` must stand in a plain object, of which single fields may be outputs.`,
      );
    });
    return undefined;
  }
  const { bootstrap = false } = host;
  return bootstrap === false ? undefined : bootstrap;
}

/**
 * Names of the hosts that replicas are to leave, in order; no secret, though it stands beside keys.
 */
export function drainingHosts(hosts: Record<string, Input<HostArgs>>): Output<string[]> {
  const flags = Object.entries(hosts).map(([name, host]) =>
    output(host).apply(({ drain }) => (drain === true ? [name] : [])),
  );
  return unsecret(all(flags)).apply((each) => each.flat().sort());
}
