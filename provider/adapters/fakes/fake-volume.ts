import { FerryError } from "../../core/errors";
import type { CopyRoute, DataMover, DataMovers, HostFacts, Ties } from "../../core/move/move-ports";
import type { OverlayAddresses } from "../../core/network/network-port";
import type { Disk, Disks } from "../../core/move/room";
import type { Quarantine, Journals } from "../../core/move/journals";
import type { HostFiles } from "../../core/files/host-files";
import type { VolumeLeases } from "../../core/volume/lease";
import type { Host } from "../../core/adapter-ports";
import { FAKE_BARRIER, fakeCutover } from "./fake-cutover";
import type { HostUpkeep } from "../../core/volume/upkeep-port";
import { fakeFiles } from "./fake-files";
import { fakeUpkeep } from "./fake-upkeep";
import { onHost } from "./fake-host";
import { fakeLeases } from "./fake-leases";
import { fakeQuarantine, fakeJournals } from "./fake-journals";
import type { FakeFile, FakeHost } from "./fake-state";
import type { FakeWorld } from "./fake-world";

/**
 * Free space of a fake host, in bytes, unless a test puts another figure into
 * `host.extra.freeBytes`; images have a disk of their own in `host.extra.imageDisk`.
 */
const FREE_BYTES = 10_000_000_000;

/**
 * What a move needs of hosts beside Docker, on a fake world. Calls are named "mover.round",
 * "journals.write", ...
 */
export function fakeMoveParts(world: FakeWorld): {
  movers: DataMovers;
  facts: HostFacts;
  journals: Journals;
  leases: VolumeLeases;
  quarantine: Quarantine;
  overlay: OverlayAddresses;
  seeToFollowers: (host: Host) => Promise<void>;
  files: HostFiles;
  upkeep: HostUpkeep;
} {
  const on = <T>(host: Host, call: string, work: (fake: FakeHost) => T): Promise<T> =>
    onHost(world, { name: host.name, settings: host.connection }, call, work);
  return {
    files: fakeFiles(world),
    upkeep: fakeUpkeep(world),
    movers: {
      estimate: (host, paths) =>
        on(host, "mover.estimate", (fake) =>
          paths
            .flatMap((path) => Object.values(filesAt(fake, path)))
            .reduce((sum, { content }) => sum + Buffer.from(content, "base64").length, 0),
        ),
      startBarrier: (host) => on(host, "mover.gate", () => FAKE_BARRIER),
      dropStartBarrier: (host) => on(host, "mover.dropGate", () => undefined),
      cutoverStatus: (host) => on(host, "mover.cutStatus", () => "none" as const),
      endCutover: (host) => on(host, "mover.endCut", () => "none" as const),
      putOnDisk: (host) => on(host, "mover.putOnDisk", () => undefined),
      clear: (host) => on(host, "mover.clear", () => undefined),
      open: (route) => on(route.target, "mover.open", () => fakeMover(world, route)),
      openWithoutData: (route) =>
        on(route.target, "mover.openWithoutData", ({ extra }) =>
          extra["reachesNobody"] === true ? undefined : fakeMover(world, route),
        ),
    },
    facts: {
      disks: (host, { rootDirectory }) =>
        on(host, "facts.disks", ({ extra }): Disks => {
          const freeBytes = Number(extra["freeBytes"] ?? FREE_BYTES);
          const volumes = { path: `${rootDirectory}/volumes`, id: "/dev/sda1", freeBytes };
          const images = { ...volumes, path: rootDirectory };
          return { volumes, images: (extra["imageDisk"] as Disk | undefined) ?? images };
        }),
      listeningPorts: (host) =>
        on(
          host,
          "facts.listeningPorts",
          ({ extra }) => new Set((extra["ports"] ?? []) as string[]),
        ),
      changedSince: (host, path) =>
        on(
          host,
          "facts.changedSince",
          ({ extra }) => (extra["changed"] as Record<string, string> | undefined)?.[path],
        ),
      ties: (host) => on(host, "facts.ties", ({ extra }) => (extra["ties"] ?? {}) as Ties),
    },
    journals: fakeJournals(world),
    leases: fakeLeases(world),
    quarantine: fakeQuarantine(world),
    seeToFollowers: (host: Host) =>
      on(host, "followers.see", ({ extra }) => void (extra["seesToFollowers"] = true)),
    overlay: {
      detachEnded: (host) => on(host, "fence.clear", () => undefined),
      awaitsNetwork: (host) =>
        on(host, "fence.awaitsNetwork", ({ extra }) => {
          const looks = Number(extra["looksWithoutNetwork"] ?? 0);
          extra["looksWithoutNetwork"] = looks - 1;
          return looks > 0;
        }),
    },
  };
}

function fakeMover(world: FakeWorld, route: CopyRoute): DataMover {
  const { source, target, paths } = route;
  const on = <T>(host: Host, call: string, work: (fake: FakeHost) => T): Promise<T> =>
    onHost(world, { name: host.name, settings: host.connection }, call, work);
  const mover: DataMover = {
    way: "direct",
    armCutover: (plan) =>
      on(target, "mover.armCut", () =>
        fakeCutover(world, route, plan, () => mover.round({ final: true })),
      ),
    async round() {
      let bytesCopied = 0;
      let filesChanged = 0;
      for (const path of paths) {
        const files = await on(source, "mover.read", (fake) => filesAt(fake, path.source));
        await on(target, "mover.round", (fake) => {
          const copy = filesAt(fake, path.target);
          for (const name of Object.keys(copy)) {
            if (!(name in files)) Reflect.deleteProperty(copy, name);
          }
          for (const [name, file] of Object.entries(files)) {
            if (copy[name]?.content === file.content && copy[name].mode === file.mode) continue;
            copy[name] = { ...file };
            bytesCopied += file.content.length;
            filesChanged += 1;
          }
        });
      }
      return { bytesCopied, filesChanged, durationMs: 1 };
    },
    distrustRecent: () => on(target, "mover.distrustRecent", () => undefined),
    async compare() {
      const differences: string[] = [];
      for (const path of paths) {
        const left = await on(source, "mover.compare", (fake) =>
          JSON.stringify(filesAt(fake, path.source)),
        );
        const right = await on(target, "mover.compare", (fake) =>
          JSON.stringify(filesAt(fake, path.target)),
        );
        if (left !== right) differences.push(`${path.name}: the files differ`);
      }
      return { equal: differences.length === 0, differences };
    },
    cleanup: () => on(target, "mover.cleanup", () => undefined),
  };
  return mover;
}

function filesAt({ name, volumes }: FakeHost, path: string): Record<string, FakeFile> {
  const volume = volumes.find(({ mountpoint }) => mountpoint === path);
  if (volume) return volume.files;
  throw new FerryError({
    kind: "trouble",
    reason: `reading '${path}' failed on host '${name}': there is no such folder.`,
  });
}
