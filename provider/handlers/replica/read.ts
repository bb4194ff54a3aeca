import { replicaId } from "../../core/identity";
import { decide } from "../../core/move/decide";
import type { ContainerState } from "../../core/ports";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import { discover } from "./discover";
import { isAsWanted } from "./in-place";
import type { ReplicaTools } from "./tools";

/**
 * Finds a replica on whichever host it is. undefined: every host answered and none has it. A host that does not answer
 * is no proof of anything, so then state stays as it is.
 */
export async function readReplica(
  tools: ReplicaTools,
  outs: ReplicaState,
): Promise<{ inputs: PlacedReplica; outs: ReplicaState } | undefined> {
  const label = replicaLabel(outs);
  const discovery = await discover(tools, replicaId(outs), outs.connections);
  const { unreachable } = discovery.findings;
  if (unreachable.length > 0) {
    const reasons = [...discovery.failures.values()].join(" ");
    tools.progress.warn(
      `${label}: not every host answers, so state may be out of date: ${reasons}`,
    );
  }
  const decision = decide(discovery.findings, { host: outs.host, epoch: outs.epoch });
  if (decision.kind === "undecided") {
    tools.progress.warn(`${label}: ${decision.reason}; state is kept as it is`);
    return { inputs: inputsOf(outs), outs };
  }
  if (decision.kind === "absent") {
    return unreachable.length > 0 ? { inputs: inputsOf(outs), outs } : undefined;
  }
  const { home } = decision;
  const container = discovery.containers.get(home.containerId);
  if (container === undefined) return undefined;
  const found: ReplicaState = {
    ...outs,
    host: home.host,
    containerId: home.containerId,
    imageId: container.imageId,
    epoch: home.epoch,
  };
  const inputs = { ...inputsOf(found), containerName: nameWithDrift(container, outs) };
  return { inputs, outs: found };
}

/**
 * The name is what every replica has and nobody sets, so drift is told by it: the next preview shows
 * `~ containerName: "apples-redis-0 (exited)" => "apples-redis-0"`, and `up` puts it right.
 */
function nameWithDrift(container: ContainerState, outs: ReplicaState): string {
  const drift = [
    ...(container.status === "running" ? [] : [container.status]),
    ...(isAsWanted(container, inputsOf(outs)) ? [] : ["changed by hand"]),
  ];
  return drift.length === 0 ? container.name : `${container.name} (${drift.join(", ")})`;
}

/** State's outputs without what `check` does not know. */
function inputsOf(outs: ReplicaState): PlacedReplica {
  const { containerId: _id, imageId: _image, epoch: _epoch, lastMove: _move, ...inputs } = outs;
  return inputs;
}
