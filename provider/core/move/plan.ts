import type { Guidance, PlacedReplica, ReplicaVolume, CheckedReplica } from "../replica/model";
import { hasOwnNetwork } from "../replica/own-network";
import { DEFAULT_DRIVER, type VolumeDriver, type VolumeDrivers } from "../volume/driver";
import { scopeOf } from "../volume/scope";
import { summaryOf } from "./summary";
import { containsUnknown } from "../unknown";

/** The steps of a move in their order; docs/move.md tells each one's story. */
export const MOVE_STEPS = [
  "preflight",
  "prepare",
  "pre-copy",
  "fence",
  "stop",
  "final delta",
  "compare",
  "start",
  "commit",
  "retire",
] as const;

export type MoveStep = (typeof MOVE_STEPS)[number];

/** A step with what it does to whom; from `commit` on there is only forward. */
export interface PlannedStep {
  readonly step: MoveStep;
  readonly host: string;
  readonly does: string;
  /** What a failure before commit takes back; absent when there is nothing. */
  readonly undo?: string;
}

export interface MovePlan {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly PlannedStep[];
  /**
   * For a preview: one line that says it all, and one for each thing more that this very move has.
   */
  readonly summary: string;
}

/**
 * What will happen when a replica goes from the old host to the new one; undefined when it stays
 * where it is. Pure.
 */
export function planMove(
  old: CheckedReplica,
  next: PlacedReplica,
  guidance: Guidance,
  drivers: VolumeDrivers,
): MovePlan | undefined {
  const from = old.host;
  const to = next.host;
  if (from === to || containsUnknown([from, to])) return undefined;
  const volumes = mountedVolumes(next);
  const data = namesOf(volumes.filter((volume) => scopeOf(volume) === "host"));
  return {
    from,
    to,
    steps: steps(from, to, data, next),
    summary: summaryOf(old, next, handOverInWords(volumes, drivers), guidance),
  };
}

function mountedVolumes({ spec, volumes }: CheckedReplica): ReplicaVolume[] {
  if (containsUnknown([spec.mounts, volumes])) return [];
  const mounted = (spec.mounts ?? []).flatMap((mount) =>
    mount.type === "volume" && mount.volume !== undefined ? [volumes[mount.volume]] : [],
  );
  return [...new Set(mounted.filter((volume) => volume !== undefined))];
}

function namesOf(volumes: readonly ReplicaVolume[]): string {
  const names = [...new Set(volumes.map(({ name }) => name))];
  return names.length === 0 ? "no named volumes" : names.join(", ");
}

/** What becomes of the data, each driver in its own words. */
function handOverInWords(volumes: readonly ReplicaVolume[], drivers: VolumeDrivers): string {
  const each = new Map<string, { driver: VolumeDriver; of: ReplicaVolume[] }>();
  for (const volume of volumes) {
    const driver = drivers.of(volume);
    const kind = `${driver.scope} ${driver.names[0]}`;
    const of = each.get(kind)?.of ?? [];
    each.set(kind, { driver, of: [...of, volume] });
  }
  if (each.size === 0) return drivers.of({ driver: DEFAULT_DRIVER }).moveInWords(namesOf([]), []);
  return [...each.values()]
    .map(({ driver, of }) =>
      driver.moveInWords(
        namesOf(of),
        of.map(({ driverOptions }) => driverOptions),
      ),
    )
    .join("; ");
}

function steps(from: string, to: string, data: string, next: PlacedReplica): PlannedStep[] {
  const name = next.containerName;
  const startAgain = `start ${name} again`;
  return [
    { step: "preflight", host: to, does: "check room, image, ports and architecture" },
    {
      step: "prepare",
      host: to,
      does: `fetch ${next.spec.image}, create ${name} stopped`,
      undo: "remove them",
    },
    { step: "pre-copy", host: from, does: `copy ${data} while it runs`, undo: "remove the copy" },
    { step: "fence", host: from, does: "restart policy off", undo: "put it back" },
    { step: "stop", host: from, does: `stop ${name}`, undo: startAgain },
    { step: "final delta", host: from, does: "copy the last difference", undo: startAgain },
    { step: "compare", host: to, does: "compare both copies' manifests", undo: startAgain },
    {
      step: "start",
      host: to,
      does: `start ${name}${hasOwnNetwork(next.spec) ? ` with ${next.ip}` : ""}`,
      undo: "stop and remove it",
    },
    { step: "commit", host: to, does: "record that it lives here now" },
    { step: "retire", host: from, does: `remove ${name}, keep the volume as a retired copy` },
  ];
}
