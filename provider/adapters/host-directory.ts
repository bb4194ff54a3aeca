import { connectionKey, placeKey, type Connection } from "../core/connection";
import { FerryError } from "../core/errors";
import { plainAddress } from "../core/host-address";
import type { Effort, Host, HostDirectory } from "../core/adapter-ports";
import { sshDocker } from "./docker/docker";
import { SshConnection } from "./ssh/connection";
import { at, connectFailure, type Endpoint } from "./ssh/failures";
import { withSshConfig } from "./ssh/from-ssh-config";
import { readMachine } from "./ssh/machine";
import { Semaphore } from "./ssh/semaphore";
import { SshShell } from "./ssh/shell";

function parts(connection: SshConnection, endpoint: () => Endpoint) {
  const shell = new SshShell(connection, endpoint);
  const docker = sshDocker(connection, endpoint);
  return {
    shell,
    docker,
    machine: () => connection.remembered(() => readMachine(shell, docker)),
  };
}

/**
 * An attempt is shared by all names that lead to a host, and what came of it remembered: each is
 * told of its own.
 */
function reportedOf(endpoint: Endpoint, error: unknown): unknown {
  if (!(error instanceof FerryError) || error.fault.host === endpoint.name) return error;
  return new FerryError({ ...error.fault, ...at(endpoint) }, { cause: error });
}

/** With the parts of the address in their places, jump hosts' too. */
function plainConnection(name: string, settings: Connection): Connection {
  const plain = plainAddress(settings);
  if (typeof plain === "string") {
    throw connectFailure(
      { name, settings },
      {
        kind: "settings",
        reason: `its \`host\` ${plain}`,
        advice: 'Write a name ("node1.example.org") or an address ("192.0.2.1", "2001:db8::1")',
        touched: "unsent",
      },
    );
  }
  const { proxy } = plain;
  return proxy ? { ...plain, proxy: plainConnection(`jump host of ${name}`, proxy) } : plain;
}

/**
 * The real hosts: one SSH connection each, made at the first `open` and shared by everything that
 * follows.
 */
export function sshHostDirectory(): HostDirectory {
  const connections = new Map<string, SshConnection>();
  const semaphores = new Map<string, Semaphore>();
  const hosts = new Map<string, Host>();
  const fromFiles = new Map<string, Connection>();

  const connectionTo = (name: string, settings: Connection): SshConnection => {
    const key = connectionKey(settings);
    const jump = settings.proxy && connectionTo(`jump host of ${name}`, settings.proxy);
    const existing = connections.get(key);
    if (existing) {
      existing.renew({ name, settings });
      return existing;
    }
    const place = placeKey(settings);
    const connecting = semaphores.get(place) ?? new Semaphore(1);
    semaphores.set(place, connecting);
    const made = new SshConnection({ name, settings }, connecting, jump);
    connections.set(key, made);
    return made;
  };

  // Files are read once in a run: one that changes meanwhile must not make two hosts of one.
  const resolved = (name: string, settings: Connection): Connection => {
    if (settings.sshConfig === undefined) return plainConnection(name, settings);
    const key = JSON.stringify(settings);
    const known = fromFiles.get(key) ?? withSshConfig(name, plainConnection(name, settings));
    fromFiles.set(key, known);
    return known;
  };

  const hostOn = (
    name: string,
    connection: SshConnection,
    settings: Connection,
    asked: Connection,
  ): Host => {
    const key = `${name} ${connectionKey(settings)}`;
    const endpoint = () => ({ name, settings: connection.endpoint.settings });
    const shared = hosts.get(key) ?? parts(connection, endpoint);
    const host = { ...shared, name, connection: settings, asked, hostKey: connection.shownKey };
    hosts.set(key, host);
    return host;
  };

  return {
    async open(name: string, settings: Connection | undefined, effort?: Effort): Promise<Host> {
      if (!settings) {
        throw new FerryError({
          kind: "settings",
          host: name,
          reason: `opening host '${name}' failed: no host of that name has a connection`,
          advice: "Add it to `hosts`",
        });
      }
      const plain = resolved(name, settings);
      const connection = connectionTo(name, plain);
      try {
        await connection.ready(effort);
      } catch (error) {
        throw reportedOf({ name, settings: plain }, error);
      }
      return hostOn(name, connection, plain, settings);
    },
    close(): Promise<void> {
      for (const connection of [...connections.values()].reverse()) connection.close();
      connections.clear();
      hosts.clear();
      return Promise.resolve();
    },
  };
}
