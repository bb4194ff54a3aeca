import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { FakeNetwork, type FakeWeave } from "../../provider/adapters/fakes/weave/fake-weave";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Connection } from "../../provider/core/connection";
import type { Host } from "../../provider/core/adapter-ports";
import type { Clock } from "../../provider/handlers/clock";
import type { HandlerContext } from "../../provider/handlers/handler";
import { Programs } from "../../provider/handlers/programs";
import { Peers } from "../../provider/handlers/weave/peers";
import { PeerQueue } from "../../provider/handlers/weave/peer-queue";

/** Hosts node1 to nodeN at 10.0.0.1 and on, with fake routers that reach one another. */
export function weaveFixture(count: number) {
  const names = Array.from({ length: count }, (_, i) => `node${i + 1}`);
  const world = FakeWorld.open().addHosts(...names);
  /** Time that passes by being slept through only. */
  let now = 0;
  const network = new FakeNetwork(() => now);
  const weaves = new Map<string, FakeWeave>(
    names.map((name, i) => [name, network.add(name, `10.0.0.${i + 1}`)]),
  );
  const reported: string[] = [];
  const context: HandlerContext = {
    hosts: fakeHostDirectory(world),
    progress: {
      info: (line) => void reported.push(line),
      warn: (line) => void reported.push(line),
    },
  };
  const clock: Clock = {
    now: () => now,
    sleep: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
  };
  const programs = new Programs();
  const lockTable = new FakeLockTable(world);
  const weave = (name: string) => weaves.get(name)!;
  const connection = (name: string): Connection => ({
    host: weave(name).address,
    user: "root",
    privateKey: "the private key",
    hostKey: "ssh-ed25519 AAAA",
  });
  return {
    names,
    world,
    network,
    reported,
    context,
    weave,
    connection,
    programs,
    lockTable,
    options: {
      // By the machine, whatever it is called.
      weaveOf: (host: Host) => weave(world.nameOf({ name: host.name, settings: host.connection })),
      clock,
      programs,
      peers: new Peers(),
      peerQueue: new PeerQueue(),
      locks: lockTable.run(),
    },
    elapsedSeconds: () => now / 1000,
    peerProps: (name: string, extra: object = {}) => ({
      cluster: "net",
      host: name,
      connection: connection(name),
      targets: names.filter((other) => other !== name).map((other) => weave(other).address),
      electors: count,
      ipallocRange: "10.32.0.0/13",
      discovery: true,
      ...extra,
    }),
  };
}
