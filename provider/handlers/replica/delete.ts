import { FerryError } from "../../core/errors";
import { replicaId } from "../../core/identity";
import type { ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import { clearMoves, removeCopies } from "./clear-stale";
import { discover, heardFrom } from "./discover";
import { removeContainer } from "./remove";
import { stopForGood, stopTimeout } from "./start";
import type { ReplicaTools } from "./tools";

/**
 * Removes a replica from every host: its containers, what Ferry had written down of it, and retired copies of its data.
 * The data itself stays; it is the volume's affair.
 */
export async function deleteReplica(tools: ReplicaTools, outs: ReplicaState): Promise<void> {
  const label = replicaLabel(outs);
  const id = replicaId(outs);
  const discovery = await discover(tools, id, outs.connections);
  const { copies, records } = discovery.findings;
  const lost = discovery.failures.get(outs.host);
  if (lost !== undefined) {
    throw new FerryError(
      `deleting ${label} failed on host '${outs.host}', where it is: ${lost} Nothing was changed. Bring the host back, or ` +
        "take the replica out of state with `pulumi state delete` when the host is gone for good.",
    );
  }
  for (const { host: name, containerId } of copies) {
    const host = heardFrom(discovery, name);
    const container = discovery.containers.get(containerId);
    if (container === undefined) continue;
    if (container.restart.name !== "no")
      await host.docker.setRestartPolicy(containerId, { name: "no" });
    await stopForGood(host, containerId, stopTimeout(outs));
    await removeContainer(host, container);
    await tools.fence.clear(host);
  }
  for (const [name, record] of Object.entries(records)) {
    const host = heardFrom(discovery, name);
    const counts = record.role === "home" || record.role === "leaving" || name === outs.host;
    if (!counts) await removeCopies(host, record, outs);
    await tools.records.remove(host, id);
  }
  await clearMoves(tools, discovery, id);
  for (const [name, reason] of discovery.failures) {
    tools.progress.warn(`${label}: host '${name}' was not asked for remains of it: ${reason}`);
  }
}
