import { all, output, Output, secret, unsecret, type Input, type Unwrap } from "@pulumi/pulumi";
import type { Connection, Connections } from "../../provider/core/connection";
import { mistake } from "../../provider/resources/mistake";
import type { ConnectionArgs } from "../connection-args";
import type { BootstrapArgs } from "./bootstrap-args";

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
   * What deployments ask for by `place`'s `on`, and Compose's `node.labels`. In no state; where they
   * are secret, in no message either.
   *
   * @example { disk: "ssd", zone: "a" }
   */
  labels?: Input<Record<string, Input<string>>>;
  /** CPUs that replicas may reserve. @default what was found when the host was prepared */
  cpus?: Input<number>;
  /**
   * Memory that replicas may reserve: bytes, or a text as Compose has it.
   *
   * @default what was found when the host was prepared
   * @example "14g"
   */
  memory?: Input<number | string>;
  /**
   * Prepares a machine that has sshd and nothing else: Docker, the tools, the weave command with its
   * images. Resources of `@pulumi/command` that a preview shows; nothing that is there is replaced.
   * Must be plain, in a plain object, so that it is known which resources there are.
   *
   * @default false
   */
  bootstrap?: boolean | BootstrapArgs;
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
  return secret(output(host)).apply(withoutRest);
}

function withoutRest({
  drain: _drain,
  bootstrap: _bootstrap,
  labels: _labels,
  cpus: _cpus,
  memory: _memory,
  ...connection
}: Unwrap<HostArgs>): Unwrap<ConnectionArgs> {
  return connection;
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
