import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import type { Host, VolumeState } from "../../core/ports";
import type { PlacedReplica, ReplicaVolume } from "../../core/replica/model";
import type { VolumeDriver, VolumeDrivers } from "../../core/volume/driver";
import { idsOf, isOurs, whoseInWords } from "../../core/volume/owner";

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

/**
 * Makes the replica's volumes on its host where they are missing, and tells each that was made at
 * once: the next one may fail. `elsewhere` are the other hosts: data of the volume there, without any here, means
 * that the replica is about to start empty.
 */
export async function ensureVolumes(
  replica: PlacedReplica,
  host: Host,
  elsewhere: readonly Host[],
  drivers: VolumeDrivers,
  made: (name: string) => void = () => undefined,
): Promise<void> {
  for (const [key, volume] of Object.entries(replica.volumes)) {
    const driver = drivers.of(volume);
    const existing = await driver.find(host, volume.name);
    if (existing) {
      requireOurs(host, existing, volume, driver);
      continue;
    }
    if (volume.external) {
      throw new FerryError({
        ...{ kind: "settings", what: `using Docker volume '${volume.name}'`, host: host.name },
        reason: "there is none, and the program says that somebody else makes it (external)",
        advice: "Make it there, or leave `external` out",
      });
    }
    if (driver.scope === "host") await requireNoDataElsewhere(key, volume, host, elsewhere);
    await makeVolume(replica, volume, host, driver);
    made(volume.name);
  }
}

export async function makeVolume(
  replica: PlacedReplica,
  volume: ReplicaVolume,
  host: Host,
  driver: VolumeDriver,
): Promise<void> {
  const made = await driver.make(host, {
    name: volume.name,
    options: volume.driverOptions,
    labels: volumeLabels(replica, volume),
  });
  if (isOurs(made, volume)) return;
  // Docker says nothing when one is there already.
  throw new FerryError({
    kind: "trouble",
    what: `making Docker volume '${volume.name}'`,
    host: host.name,
    reason: `somebody else has made one of that name just now, and ${whoseInWords(made)}`,
  });
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
