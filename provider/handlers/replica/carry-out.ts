import type { JournalEntry } from "../../core/move/journal";
import type { Op } from "../../core/move/ops";
import type { Host, VolumeState } from "../../core/adapter-ports";
import { lastingPolicy } from "../../core/replica/job";
import type { PlacedReplica } from "../../core/replica/model";
import { isOfReplica } from "../../core/volume/owner";
import { machineOn } from "./believed";
import { heardFrom, type Discovery } from "./discover";
import { removeContainer } from "./remove";
import { detachAndStart, stopForGood, stopTimeout } from "./start";
import type { ReplicaTools } from "./replica-tools";

/** Who it is about, and what was found just now. */
export interface Scene {
  readonly id: string;
  readonly label: string;
  readonly replica: PlacedReplica;
  readonly discovery: Discovery;
}

/**
 * Carries out what the machine has decided, in its order. Ends early when somebody has committed
 * meanwhile. `check` is asked before each, as one of them may take longer than a lock is held.
 */
export async function carryOut(
  tools: ReplicaTools,
  scene: Scene,
  ops: readonly Op[],
  check: (hosts: ReadonlySet<string>) => void,
): Promise<void> {
  for (const op of ops) {
    check(new Set([op.host]));
    const done = await one(tools, scene, heardFrom(scene.discovery, op.host), op);
    if (!done) return;
  }
}

async function one(tools: ReplicaTools, scene: Scene, host: Host, op: Op): Promise<boolean> {
  const { replica, id } = scene;
  switch (op.op) {
    case "journal":
      return note(tools, scene, host, op);
    case "forget":
      await tools.journals.remove(host, id);
      return true;
    case "restart policy": {
      const policy = op.policy === "off" ? { name: "no" as const } : lastingPolicy(replica);
      await host.docker.setRestartPolicy(op.containerId, policy);
      return true;
    }
    case "stop":
      await stopForGood(host, op.containerId, stopTimeout(replica));
      await tools.overlay.detachEnded(host);
      return true;
    case "start":
      // Whether a job has to run is seen once all is in order.
      if (replica.job === true) return true;
      await detachAndStart(tools, host, op.containerId, replica);
      return true;
    case "remove container":
      await remove(tools, scene, host, op);
      return true;
    case "remove volumes":
      for (const each of await ours(host, op.volumes, replica)) {
        await tools.drivers.ofFound(each).remove(host, each);
      }
      return true;
    case "set aside":
      for (const { name } of await ours(host, op.volumes, replica)) {
        await tools.quarantine.keep(host, name, op.epoch);
      }
      return true;
  }
}

async function note(
  tools: ReplicaTools,
  { discovery }: Scene,
  host: Host,
  op: Op & { op: "journal" },
): Promise<boolean> {
  const { role, when, volumes } = op.entry;
  const reported = withMachine(op.entry, discovery);
  const entry = role === "retired" ? reported : { ...reported, when: when ?? tools.date() };
  // With a date it is said to be whole, and has to be after a power cut as well.
  if (role === "retired" && when !== undefined) await putOnDisk(tools, host, volumes);
  if (op.unlessCommitted) return tools.journals.writeUnlessCommitted(host, entry);
  await tools.journals.write(host, entry);
  return true;
}

/** The other host by what it is, and not only by what it is called. */
function withMachine(entry: JournalEntry, discovery: Discovery): JournalEntry {
  const { other } = entry;
  const { machine } = other === undefined ? {} : machineOn(discovery, other);
  return machine === undefined ? entry : { ...entry, otherMachine: machine };
}

async function putOnDisk(tools: ReplicaTools, host: Host, names: readonly string[]): Promise<void> {
  const volumes = await Promise.all(names.map((name) => host.docker.volume(name)));
  const paths = volumes.flatMap((volume) => (volume === undefined ? [] : [volume.mountpoint]));
  await tools.movers.putOnDisk(host, paths);
}

async function remove(
  tools: ReplicaTools,
  { discovery }: Scene,
  host: Host,
  { containerId, dropAnonymous }: Op & { op: "remove container" },
): Promise<void> {
  const container = discovery.containers.get(containerId);
  if (container === undefined) return;
  // A container that was being replaced in place shares its volumes with the one that took its
  // place.
  const others = dropAnonymous
    ? [...discovery.containers.values()].filter((other) => other !== container)
    : [container];
  const kept = others.flatMap(({ mounts }) => mounts.map(({ volume = "" }) => volume));
  await removeContainer(tools, host, container, new Set(kept));
  await tools.overlay.detachEnded(host);
}

/** Those that Ferry has made for this replica: anybody else may have one of the same name. */
async function ours(
  host: Host,
  names: readonly string[],
  replica: PlacedReplica,
): Promise<VolumeState[]> {
  const found = await Promise.all(names.map((name) => host.docker.volume(name)));
  return found.flatMap((volume) =>
    volume !== undefined && isOfReplica(volume, replica) ? [volume] : [],
  );
}
