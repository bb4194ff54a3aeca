import { FerryError } from "../../core/errors";
import type { Host, VolumeState } from "../../core/adapter-ports";
import type { ReplicaVolume } from "../../core/replica/model";
import type { VolumeDriver } from "../../core/volume/driver";
import { unnamedVolumes } from "../../core/replica/unnamed-volumes";
import { makeVolume, requireOurs } from "../replica/replica-volumes";
import type { ReplicaTools } from "../replica/replica-tools";
import { handsOver, type MoveJob } from "./job";

/**
 * Volumes that one host has at a time. Nothing of theirs is touched while the source runs; once it
 * has stopped, the host lets go of them, and only then is anything made on the target that could
 * take them: a volume, and a container that mounts it.
 */

/** Refuses what could not be handed over. */
export function requireHandedOver(job: MoveJob): void {
  if (!handsOver(job)) return;
  const { source, replica, container } = job;
  const [unnamed] = unnamedVolumes(container);
  if (unnamed !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason:
        `it has data at ${unnamed.target} in a volume without a name, which cannot go along with one that is attached. ` +
        "Mount a named volume there",
    });
  }
  const named = new Set(Object.values(replica.volumes).map(({ name }) => name));
  const undeclared = container.mounts.find(
    ({ volume = "" }) => job.attached.has(volume) && !named.has(volume),
  );
  if (undeclared !== undefined) {
    throw new FerryError({
      kind: "settings",
      reason: `it mounts volume '${undeclared.volume ?? ""}' on host '${source.name}', which the program does not name`,
    });
  }
}

/** Before the target's container is made. */
export async function handOverAttached(
  tools: Pick<ReplicaTools, "drivers">,
  job: MoveJob,
): Promise<void> {
  const { source, target, container, replica } = job;
  for (const volume of Object.values(replica.volumes)) {
    const driver = tools.drivers.of(volume);
    if (driver.scope !== "attach") continue;
    const mount = container.mounts.find((each) => each.volume === volume.name);
    await driver.letGo(source, { name: volume.name, mountpoint: mount?.source ?? "" });
    await makeAlike(tools, job, volume, await driver.find(source, volume.name));
    const others = () => Promise.resolve(job.hosts.filter((host) => host !== target));
    await driver.take(target, { name: volume.name, options: volume.driverOptions }, others);
  }
  job.locked.check(new Set([target.name]));
}

/** On the target, as the source has it; what is there already stays. */
export async function makeAlike(
  { drivers }: Pick<ReplicaTools, "drivers">,
  { target, replica }: Pick<MoveJob, "target" | "replica">,
  volume: ReplicaVolume,
  here: VolumeState | undefined,
): Promise<void> {
  const driver = drivers.of(volume);
  const there = await driver.find(target, volume.name);
  if (there !== undefined && (there.driver === "local" || isNotedAs(there, volume))) return;
  // One that somebody else has made says itself what it is.
  const theirs = volume.external && here !== undefined;
  const of = theirs ? { ...volume, driver: here.driver, driverOptions: here.options } : volume;
  const by = theirs ? drivers.of({ ...of, scope: driver.scope }) : driver;
  await makeVolume(replica, of, target, by);
}

function isNotedAs(there: VolumeState, { name }: ReplicaVolume): boolean {
  return there.name === name && Object.keys(there.labels).length > 0;
}

/**
 * The source's is as the program says it, and one of that name on the target is the very same, or
 * somebody else's.
 */
export function requireSameThere(
  host: { readonly source: Host; readonly target: Host },
  found: { readonly [Side in "here" | "there"]: VolumeState | undefined },
  volume: ReplicaVolume,
  driver: VolumeDriver,
): void {
  const { here, there } = found;
  if (here !== undefined) requireOurs(host.source, here, volume, driver);
  if (there === undefined) return;
  const byName = there.driver === here?.driver && there.driver !== "local";
  if (byName && Object.keys(there.labels).length === 0) return;
  requireOurs(host.target, there, volume, driver);
}
