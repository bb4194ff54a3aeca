import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import type { Host, VolumeState } from "../../core/adapter-ports";
import type { PlacedReplica, ReplicaVolume } from "../../core/replica/model";
import type { InPlaceJob } from "./in-place";
import { fillOf, fillVolume } from "./fill-volume";
import type { ReplicaTools } from "./replica-tools";
import { DEFAULT_DRIVER, type VolumeDriver } from "../../core/volume/driver";
import { idsOf, isKnownByName, isOurs, whoseInWords } from "../../core/volume/owner";
import { restoreVolume } from "./restore-volume";

/** Labels by which a Docker volume is known as Ferry's. */
export function volumeLabels(
  replica: PlacedReplica,
  { id, labels = {} }: ReplicaVolume,
): Record<string, string> {
  return {
    ...labels,
    [LABELS.volume]: id,
    [LABELS.project]: replica.project,
    [LABELS.stack]: replica.stack,
    [LABELS.deployment]: replica.deployment,
  };
}

/** Whether a Docker volume may be used as this volume; throws with the reason when it must not. */
export function requireOurs(
  host: Host,
  existing: VolumeState,
  volume: ReplicaVolume,
  driver: VolumeDriver,
): void {
  const refuse = (reason: string) =>
    new FerryError({
      ...{ kind: "settings", what: `using Docker volume '${volume.name}'`, host: host.name },
      reason,
    });
  if (volume.external) return;
  if (!isOurs(existing, volume)) {
    throw refuse(
      `it is there already and ${whoseInWords(existing)}. Declare it \`external: true\` to use it with its data, or choose another name.`,
    );
  }
  if (!driver.hasOptions(existing, volume.driverOptions)) {
    throw refuse(
      `it exists with driver '${existing.driver}' and other options than the program says, and Docker does not change ` +
        "those. Put them back, or declare a volume with another key.",
    );
  }
}

type VolumeTools = Pick<
  ReplicaTools,
  "drivers" | "files" | "filesOfRun" | "restoresOfRun" | "upkeep" | "progress"
>;

/**
 * Makes the replica's volumes on its host where they are missing, and tells each that was made at
 * once: the next one may fail. `others` are the other hosts: data of the volume there, without any
 * here, means that the replica is about to start empty.
 */
export async function ensureVolumes(
  tools: VolumeTools,
  { replica, host, others, held }: Pick<InPlaceJob, "replica" | "host" | "others" | "held">,
  made: (volume: VolumeState) => void = () => undefined,
): Promise<void> {
  const { drivers } = tools;
  for (const [key, volume] of Object.entries(replica.volumes)) {
    const driver = drivers.of(volume);
    const existing = await driver.find(host, volume.name);
    if (existing) {
      const isNoted = isOfPlugin(existing, driver) && existing.driver === volume.driver;
      const isKnown =
        isNoted && (held?.has(volume.name) === true || (await isOursOn(others, volume, driver)));
      if (!isKnown) requireOurs(host, existing, volume, driver);
      // Making a container may mount it.
      const toTake = { name: volume.name, options: volume.driverOptions };
      await driver.take(host, toTake, () => Promise.resolve(others));
      await fillVolume(tools, replica, key, host, existing);
      await restoreVolume(tools, replica, key, host, existing);
      continue;
    }
    if (volume.external) {
      throw new FerryError({
        ...{ kind: "settings", what: `using Docker volume '${volume.name}'`, host: host.name },
        reason: "there is none, and the program says that somebody else makes it (external)",
        advice: "Make it there, or leave `external` out",
      });
    }
    if (driver.scope === "host") await requireNoDataElsewhere(key, volume, host, others);
    const restores = tools.restoresOfRun.of(replica, key) !== undefined;
    const fills = restores || fillOf(tools, replica, key) !== undefined;
    const labels = fills ? { [LABELS.fill]: "yes" } : {};
    const isNow = await makeVolume(replica, volume, host, driver, labels);
    // A plugin would delete what other hosts reach.
    if (driver.scope === "host") made(isNow);
    await fillVolume(tools, replica, key, host, isNow);
    await restoreVolume(tools, replica, key, host, isNow);
  }
}

export async function makeVolume(
  replica: PlacedReplica,
  volume: ReplicaVolume,
  host: Host,
  driver: VolumeDriver,
  labels: Readonly<Record<string, string>> = {},
): Promise<VolumeState> {
  const made = await driver.make(host, {
    name: volume.name,
    options: volume.driverOptions,
    labels: { ...volumeLabels(replica, volume), ...labels },
  });
  if (isOurs(made, volume) || isOfPlugin(made, driver)) return made;
  // Docker says nothing when one is there already.
  throw new FerryError({
    kind: "trouble",
    what: `making Docker volume '${volume.name}'`,
    host: host.name,
    reason: `somebody else has made one of that name just now, and ${whoseInWords(made)}`,
  });
}

/** A host that a plugin has told of it before keeps no labels: who calls has seen whose it is. */
function isOfPlugin(existing: VolumeState, { scope }: VolumeDriver): boolean {
  return scope !== "host" && existing.driver !== DEFAULT_DRIVER && isKnownByName(existing);
}

/** Whether another host knows what a plugin has by this name to be this very volume. */
async function isOursOn(
  hosts: readonly Host[],
  volume: ReplicaVolume,
  driver: VolumeDriver,
): Promise<boolean> {
  const there = await Promise.all(hosts.map((host) => driver.find(host, volume.name)));
  return there.some((each) => each !== undefined && isOurs(each, volume));
}

async function requireNoDataElsewhere(
  key: string,
  volume: ReplicaVolume,
  host: Host,
  elsewhere: readonly Host[],
): Promise<void> {
  const here = await dataElsewhere(volume, [host]);
  if (here !== undefined) {
    throw new FerryError({
      kind: "settings",
      what: `making Docker volume '${volume.name}' for volume '${key}'`,
      host: host.name,
      reason: `its data is there under another name, in Docker volume '${here.name}'`,
      advice: `Give the volume that \`name\`, or remove that Docker volume to start empty`,
      touched: "nothing",
    });
  }
  const found = await dataElsewhere(volume, elsewhere);
  if (found === undefined) return;
  throw new FerryError({
    ...{ kind: "settings", what: `making volume '${key}'`, host: host.name },
    reason: `its data is on host '${found.host}' (Docker volume '${found.name}'), and no container is there to move it with`,
    advice: `Set the replica's host to '${found.host}' first and move it after, or remove that Docker volume to start empty`,
    touched: "nothing",
  });
}

async function dataElsewhere(
  volume: ReplicaVolume,
  elsewhere: readonly Host[],
): Promise<{ host: string; name: string } | undefined> {
  for (const host of elsewhere) {
    for (const id of idsOf(volume)) {
      const [found] = await host.docker.volumes({ [LABELS.volume]: id });
      if (found !== undefined) return { host: host.name, name: found.name };
    }
  }
  return undefined;
}
