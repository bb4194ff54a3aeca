import { weaveOnHosts } from "../../provider/adapters/weave/host-network";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fakeClock } from "../../provider/adapters/fakes/fake-clock";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { LOAD } from "../../provider/adapters/host/host-load";
import { fakePorts } from "../../provider/adapters/fakes/fake-ports";
import { fakeSeparation } from "../../provider/adapters/fakes/fake-separation";
import { fakeMoveParts } from "../../provider/adapters/fakes/fake-volume";
import { FakeNetwork, type FakeWeave } from "../../provider/adapters/fakes/weave/fake-weave";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Kind } from "../../provider/core/kinds";
import type { Host } from "../../provider/core/adapter-ports";
import type { LaunchSettings } from "../../provider/core/weave/settings";
import { addressPoolHandler } from "../../provider/handlers/address-pool";
import { dynamicMethods, type DynamicMethods } from "../../provider/handlers/dynamic";
import { hostHandler } from "../../provider/handlers/host";
import { lateSubnetHandler } from "../../provider/handlers/late-subnet";
import { meshHandler } from "../../provider/handlers/weave/mesh";
import { peerHandler } from "../../provider/handlers/weave/peer";
import { portsHandler } from "../../provider/handlers/stable-ports";
import { pulumiProgress } from "../../provider/handlers/progress";
import { replicaHandler } from "../../provider/handlers/replica";
import { separationHandler } from "../../provider/handlers/separation";
import { upkeepHandler } from "../../provider/handlers/upkeep";
import { volumeHandler } from "../../provider/handlers/volume";

/** Hosts of the fake world, by the addresses that the program reaches them at. */
export const FAKE_ADDRESSES = { node1: "10.9.0.1", node2: "10.9.0.2", node3: "10.9.0.3" };

export interface FakeWorldSettings {
  /** Hosts by name. @default FAKE_ADDRESSES */
  readonly addresses?: Readonly<Record<string, string>>;
  /**
   * For benches, which ask what Ferry itself takes: what is on hosts is gone with the process, and
   * nobody waits for a container.
   */
  readonly hasty?: boolean;
}

const ROUTES = "default via 10.9.0.254 dev eth0\n10.9.0.0/24 dev eth0 scope link\n";

/**
 * What stands in for provider/handlers when the real engine works on fake hosts: the real handlers,
 * in the real provider process, with the world in a file, as each run of the engine has a process
 * of its own.
 */
export function fakeHandlers(
  worldPath: string,
  { addresses = FAKE_ADDRESSES, hasty = false }: FakeWorldSettings = {},
): Readonly<Record<Kind, DynamicMethods>> {
  const names = Object.keys(addresses);
  const world = FakeWorld.open(hasty ? undefined : worldPath).addHosts(...names);
  for (const image of ["redis:7", "shop/web:1"]) world.addImage(image, ...names);
  world.commands.set("ip", () => ({ stdout: ROUTES }));
  // A hook that repeats what it was told, and fails when the world says so.
  world.commands.set("flush", ({ host, argv }) => ({
    exitCode: host.extra["hooksFail"] === true ? 3 : 0,
    stderr: `cannot ${argv.join(" ")}\n`,
  }));
  // As busy as the world says.
  world.scripts.set(LOAD, ({ host }) => ({
    stdout: `ferry-load ${JSON.stringify(host.extra["load"] ?? 0)} 2 1000 500\n`.repeat(3),
  }));
  const weaves = keptWeaves(`${worldPath}.weave`, addresses);
  const weaveOf = (host: Host) => weaves.get(host.connection.host) as FakeWeave;
  const clock = hasty ? fakeClock() : patientClock();
  const context = { hosts: fakeHostDirectory(world), progress: pulumiProgress };
  const locks = new FakeLockTable(world).run();
  const parts = fakeMoveParts(world);
  return {
    host: dynamicMethods(hostHandler(context, weaveOnHosts(weaveOf))),
    addressPool: dynamicMethods(addressPoolHandler(context)),
    lateSubnet: dynamicMethods(lateSubnetHandler(context)),
    peer: dynamicMethods(peerHandler(context, { weaveOf, clock, locks })),
    mesh: dynamicMethods(meshHandler(context, { weaveOf, clock, locks })),
    separation: dynamicMethods(separationHandler(context, fakeSeparation(world))),
    volume: dynamicMethods(volumeHandler(context)),
    replica: dynamicMethods(replicaHandler(context, { ...parts, locks, owner: "a test", clock })),
    upkeep: dynamicMethods(upkeepHandler(context, parts.upkeep)),
    ports: dynamicMethods(portsHandler(context, fakePorts(world))),
  };
}

const patientClock = () => ({
  now: () => performance.now(),
  sleep: (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, Math.min(milliseconds, 20))),
});

type Kept = Record<string, { settings: LaunchSettings; targets: string[] }>;

/** Routers by address, which run again in the next process as they ran in this one. */
function keptWeaves(
  path: string,
  addresses: Readonly<Record<string, string>>,
): Map<string, FakeWeave> {
  const network = new FakeNetwork();
  const added = Object.entries(addresses).map(
    ([name, address]) => [address, network.add(name, address)] as const,
  );
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Kept) : {};
  const launched = added.map(async ([address, weave]) => {
    const router = kept[address];
    if (router === undefined) return;
    await weave.launch(router.settings);
    await weave.connect(router.targets);
  });
  const ready = Promise.all(launched).then(async () => {
    for (const [address, weave] of added) if (kept[address]) await weave.prime(1);
  });
  const keep = () => {
    const running = added.flatMap(([address, { settings, targets }]) =>
      settings === undefined ? [] : [[address, { settings, targets: [...targets] }]],
    );
    writeFileSync(path, JSON.stringify(Object.fromEntries(running)));
  };
  return new Map(added.map(([address, weave]) => [address, afterEach(weave, ready, keep)]));
}

/** The same router, which is kept after each call. */
function afterEach(weave: FakeWeave, ready: Promise<void>, keep: () => void): FakeWeave {
  return new Proxy(weave, {
    get(of, name) {
      const member: unknown = Reflect.get(of, name, of);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        await ready;
        const result: unknown = await (member as (...args: unknown[]) => unknown).apply(of, args);
        keep();
        return result;
      };
    },
  });
}
