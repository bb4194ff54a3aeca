import { labConnections, snapshot, type HostSnapshot } from "../../lab";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { weaveOn } from "../../provider/adapters/weave/host-weave";
import type { Connections } from "../../provider/core/connection";
import type { Weave } from "../../provider/core/weave/weave-port";
import { OwnLab } from "./own-lab";

export const pause = (milliseconds: number) =>
  new Promise<void>((done) => setTimeout(done, milliseconds));

/**
 * A lab of the test file's own, beside whatever lab this checkout has up: Weave is launched and
 * reset at will here. Comes up before the file's tests and goes after them.
 */
export function weaveLab(purpose: string, count: number) {
  const own = new OwnLab(purpose);
  const { lab } = own;
  const names = Array.from({ length: count }, (_, i) => `node${i + 1}`);
  const hosts = sshHostDirectory();
  const warnings: string[] = [];
  const fresh = new Map<string, HostSnapshot>();
  const weaves = new Map<string, Weave>();
  let connections: Connections = {};

  beforeAll(async () => {
    await own.up(count);
    connections = labConnections(lab);
    for (const name of names) {
      fresh.set(name, await snapshot(name, lab));
      weaves.set(name, weaveOn(await hosts.open(name, connections[name]!)));
    }
  });

  afterAll(async () => {
    await hosts.close();
    await own.down();
  });

  return {
    lab,
    names,
    warnings,
    context: {
      hosts,
      progress: { info: () => undefined, warn: (message: string) => void warnings.push(message) },
    },
    connections: () => connections,
    connection: (name: string) => connections[name]!,
    address: (name: string) => connections[name]!.host,
    weave: (name: string) => weaves.get(name)!,
    /** Nothing is on the host that was not there when it came up. */
    expectAsFresh: async (name: string) =>
      expect(await snapshot(name, lab)).toEqual(fresh.get(name)),
  };
}
