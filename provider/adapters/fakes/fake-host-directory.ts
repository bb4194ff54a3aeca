import type { Connection } from "../../core/connection";
import type { Host, HostDirectory } from "../../core/adapter-ports";
import { fakeDocker } from "./fake-docker";
import { failureOf, fakeKeyOf, nextFailure, onHost, reach } from "./fake-host";
import { fakeShell } from "./fake-shell";
import { hostAt, type FakeWorld } from "./fake-world";

/**
 * The hosts of a fake world: by the places that connections lead to where it knows them, else by
 * name.
 */
export function fakeHostDirectory(world: FakeWorld): HostDirectory {
  return {
    open(name: string, settings: Connection): Promise<Host> {
      const endpoint = { name, settings };
      return new Promise((resolve) => {
        world.change((state) => {
          const host = hostAt(state, endpoint);
          reach(host, endpoint);
          const failure = nextFailure(host, "open");
          if (failure) throw failureOf(endpoint, failure);
        });
        const shell = fakeShell(world, endpoint);
        const docker = fakeDocker(world, endpoint);
        const machine = async () => {
          await docker.info();
          return onHost(world, endpoint, "machine", (host) => ({ ...host.machine }));
        };
        const hostKey = world.change((state) => fakeKeyOf(hostAt(state, endpoint)));
        resolve({ name, connection: settings, asked: settings, hostKey, shell, docker, machine });
      });
    },
    close: () => Promise.resolve(),
  };
}
