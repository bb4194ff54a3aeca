import { FerryError, unclaimed } from "../../core/errors";
import { lastMoveTo } from "../../core/move/last-move";
import { locate } from "../../core/move/machine";
import { believedNow } from "../../core/move/places";
import { statusInWords } from "../../core/move/status";
import type { ContainerState } from "../../core/adapter-ports";
import { exitCodeOf, lastingPolicy } from "../../core/replica/job";
import { haveDrifted, isSamePolicy } from "../../core/replica/limits";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { believedOf, machineOn } from "./believed";
import { heardFrom } from "./discover";
import { missingFiles } from "./files";
import { isAsWanted } from "./in-place";
import { namesakeInWords, sharedInWords } from "./namesakes";
import { capitalized } from "./outcome";
import type { ReplicaTools } from "./replica-tools";
import { lookUndisturbed } from "./undisturbed";
import { waysKept } from "./ways-kept";

const IN_DOUBT = "unknown: another run may be changing it";

/**
 * Finds a replica on whichever host it is. undefined: every host answered and none has it. A host
 * that does not answer, or answers with an error, is no proof of anything, so then state stays as
 * it is. Nothing is changed on any host; a lock is held while it looks.
 */
export async function readReplica(
  tools: ReplicaTools,
  outs: ReplicaState,
): Promise<{ inputs: PlacedReplica; outs: ReplicaState } | undefined> {
  const label = replicaLabel(outs);
  const all = await tools.ways.soonAround(outs.connections, outs.host);
  const connections = all ?? outs.connections;
  const { discovery, doubt } = await lookUndisturbed(tools, { ...outs, connections });
  const { findings, silent, troubled } = discovery;
  const unheard = [...silent.values(), ...troubled.values()];
  if (unheard.length > 0) {
    const reasons = unheard.map((error) => capitalized(unclaimed(error).message)).join(" ");
    tools.progress.warn(
      `${label}: not every host could be asked, so state may be out of date: ${reasons}`,
    );
  }
  if (doubt !== undefined) {
    tools.progress.warn(
      `${label}: another run may be changing it, so state may be out of date: ${doubt}`,
    );
  }
  const found = locate(findings, believedNow(believedOf(outs), findings, discovery.places));
  if (found.kind === "refuse") {
    tools.progress.warn(`${label}: ${found.reason}; state is kept as it is`);
    return { inputs: inputsOf(outs), outs: { ...outs, health: `unknown: ${found.reason}` } };
  }
  const { best } = found;
  const container = best?.instance && discovery.containers.get(best.instance.containerId);
  if (best === undefined || container === undefined) {
    // It has run, whoever has cleared ended containers away since.
    if (outs.job === true) return { inputs: inputsOf(outs), outs };
    if (doubt !== undefined) return { inputs: inputsOf(outs), outs: { ...outs, health: IN_DOUBT } };
    if (all === undefined) {
      tools.progress.warn(
        `${label}: it is not found where it was, and this run does not know the cluster's other hosts; state is kept as it is`,
      );
      return { inputs: inputsOf(outs), outs };
    }
    return unheard.length > 0 ? { inputs: inputsOf(outs), outs } : undefined;
  }
  const other = await namesakeInWords(outs, discovery).catch(notReported);
  const shared = other && sharedInWords(outs, other);
  if (shared !== undefined) tools.progress.warn(`${label}: ${shared}`);
  const halfWay = doubt === undefined ? statusInWords(findings, best) : IN_DOUBT;
  const health = halfWay ?? shared;
  const state: ReplicaState = {
    ...withoutFindings(outs),
    ...lastMoveTo(best.host, outs),
    host: best.host,
    containerId: container.id,
    imageId: container.imageId,
    epoch: best.epoch,
    ...machineOn(discovery, best.host),
    connections: waysKept(discovery, connections, {
      concerned: [best.host],
      known: Object.keys(outs.connections),
    }),
    ...(health === undefined ? {} : { health }),
  };
  const lost = await missingFiles(tools, inputsOf(state), heardFrom(discovery, best.host)).catch(
    notReported,
  );
  const drifted = lost !== undefined && lost.length > 0;
  const name = nameWithDrift(container, state, { halfWay: halfWay !== undefined, drifted });
  return { inputs: { ...inputsOf(state), containerName: name }, outs: state };
}

/** A host that was lost just now is told of by the next look. */
function notReported(error: unknown): undefined {
  if (!(error instanceof FerryError)) throw error;
  return undefined;
}

/**
 * The name is what every replica has and nobody sets, so drift is told by it: the next preview
 * shows `~ containerName: "apples-redis-0 (exited)" => "apples-redis-0"`, and `up` puts it right.
 */
function nameWithDrift(
  container: ContainerState,
  outs: ReplicaState,
  { halfWay, drifted }: { halfWay: boolean; drifted: boolean },
): string {
  const drift = [
    ...(isAsItShouldBe(container, outs) ? [] : [container.status]),
    ...(isAsWanted(container, inputsOf(outs), outs.madeAs) ? [] : ["changed by hand"]),
    ...(haveDrifted(container.limits ?? {}, outs.spec) ? ["limits"] : []),
    // A run that was interrupted right after it had started the container has not come to its
    // policy.
    ...(isSamePolicy(container.restart, lastingPolicy(outs)) ? [] : ["restart policy"]),
    ...(drifted ? ["its files"] : []),
    ...(halfWay ? ["half way"] : []),
  ];
  return drift.length === 0 ? container.name : `${container.name} (${drift.join(", ")})`;
}

function isAsItShouldBe(container: ContainerState, { job }: ReplicaState): boolean {
  return job === true ? exitCodeOf(container) === 0 : container.status === "running";
}

/** State's outputs without what `check` does not know. */
function inputsOf(outs: ReplicaState): PlacedReplica {
  const {
    containerId: _id,
    imageId: _image,
    epoch: _epoch,
    lastMove: _move,
    health: _health,
    machine: _machine,
    insteadOf: _insteadOf,
    accepted: _accepted,
    origins: _origins,
    unsettled: _unsettled,
    adopted: _adopted,
    madeAs: _madeAs,
    ...inputs
  } = outs;
  return inputs;
}

/** State without what a look at the hosts says anew. */
function withoutFindings({
  health: _health,
  lastMove: _move,
  insteadOf: _insteadOf,
  ...outs
}: ReplicaState): ReplicaState {
  return outs;
}
