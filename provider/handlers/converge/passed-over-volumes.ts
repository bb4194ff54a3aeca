import type { JournalEntry } from "../../core/move/journal";
import type { Host, VolumeState } from "../../core/adapter-ports";
import type { OnSourceLost } from "../../core/replica/move-settings";
import type { PlacedReplica, ReplicaVolume } from "../../core/replica/model";
import { unnamedTargets } from "../../core/replica/unnamed-volumes";
import { folderOf } from "../../core/volume/folder";
import { isOurs, whoseInWords } from "../../core/volume/owner";
import { scopeOf } from "../../core/volume/scope";
import { changeSince } from "../replica/older-copy";
import type { ReplicaTools } from "../replica/replica-tools";

interface Placed {
  readonly host: Host;
  readonly existing: VolumeState | undefined;
  readonly volume: ReplicaVolume;
}

/**
 * Why a replica whose host is lost cannot be started on this one from what is there, or with empty
 * volumes; undefined when it can. Asked before anything is noted down: a host that is named the
 * replica's home by mistake would have the lost one's newer data put aside.
 */
export async function volumesProblem(
  tools: Pick<ReplicaTools, "facts" | "drivers">,
  host: Host,
  { volumes }: Pick<PlacedReplica, "volumes">,
  choice: OnSourceLost,
  entry: JournalEntry | undefined,
): Promise<string | undefined> {
  const copied = entry?.volumes ?? [];
  for (const volume of Object.values(volumes)) {
    // What is on no host is not lost with one.
    if (scopeOf(volume) !== "host") continue;
    const existing = await host.docker.volume(volume.name);
    const called = `Docker volume '${volume.name}'`;
    if (volume.external) {
      const problem = await externalProblem(tools, { host, existing, volume }, choice, entry);
      if (problem !== undefined) return problem;
      continue;
    }
    if (existing !== undefined && !isOurs(existing, volume)) {
      return (
        `${called} is there already on host '${host.name}' and ${whoseInWords(existing)}. Give the volume another name, or ` +
        "the replica another host"
      );
    }
    const problem = await folderProblem(tools, { host, existing, volume }, choice, entry);
    if (problem !== undefined) return problem;
    if (choice !== "useLastCopy" || existing !== undefined || !copied.includes(volume.name)) {
      continue;
    }
    return (
      `the copy on host '${host.name}' is gone: there is no ${called} any more. Bring the lost host back, or start with empty ` +
      'volumes (`onSourceLost: "startEmpty"`)'
    );
  }
  return undefined;
}

/** What is in a folder of the host's own may be anybody's: it is neither a copy nor a beginning. */
async function folderProblem(
  tools: Pick<ReplicaTools, "facts" | "drivers">,
  { host, existing, volume }: Placed,
  choice: OnSourceLost,
  entry: JournalEntry | undefined,
): Promise<string | undefined> {
  if (existing === undefined) {
    return tools.drivers.of(volume).copyProblem(host, volume.driverOptions, 0);
  }
  if (folderOf(existing) === undefined || choice !== "useLastCopy" || entry === undefined) {
    return undefined;
  }
  const problem = await changeSince(tools, {
    id: entry.replica,
    target: host,
    there: existing,
    entry,
  });
  return (
    problem &&
    `the folder of volume '${volume.name}' is no copy any more on host '${host.name}': ${problem}`
  );
}

/** Ferry neither makes nor empties what somebody else has made. */
async function externalProblem(
  tools: Pick<ReplicaTools, "facts">,
  of: Placed,
  choice: OnSourceLost,
  entry: JournalEntry | undefined,
): Promise<string | undefined> {
  const { host, existing, volume } = of;
  const called = `Docker volume '${volume.name}', which is external,`;
  if (existing === undefined) {
    return `${called} is not there on host '${host.name}'. Make it there, with the data that the replica is to start with`;
  }
  const ours = isOurs(existing, volume);
  if (choice === "startEmpty") {
    return ours
      ? `${called} is an older copy of its data on host '${host.name}'. Start from it (\`onSourceLost: "useLastCopy"\`), or ` +
          "look at its data, remove it, and make the one that is to be used"
      : undefined;
  }
  if (ours || entry === undefined) return undefined;
  const problem = await changeSince(tools, {
    id: entry.replica,
    target: host,
    there: existing,
    entry,
  });
  return problem === undefined
    ? undefined
    : `${called} is no copy any more on host '${host.name}': ${problem}. To take it as it is, say \`onSourceLost: "startEmpty"\``;
}

/**
 * Where its containers keep data that no journal knows of, as far as the image is there to say so.
 */
export async function placesWithoutCopy(
  host: Host,
  { spec }: Pick<PlacedReplica, "spec">,
): Promise<string[]> {
  const image = await host.docker.image(spec.image);
  return unnamedTargets(spec.mounts ?? [], image?.volumes ?? []);
}
