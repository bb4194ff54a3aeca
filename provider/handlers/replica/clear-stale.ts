import type { Decision } from "../../core/move/decide";
import type { PlacementRecord } from "../../core/move/record";
import type { ContainerState, Host } from "../../core/ports";
import type { PlacedReplica } from "../../core/replica/model";
import { anonymousVolumes } from "../../core/replica/request";
import { heardFrom, type Discovery } from "./discover";
import type { InPlaceJob } from "./in-place";
import { removeContainer } from "./remove";
import { fenceAndStart, stopForGood, stopTimeout } from "./start";
import type { ReplicaTools } from "./tools";
import { labelled } from "./volume-owner";

type Decided = Exclude<Decision, { kind: "undecided" }>;

interface Clearing {
  readonly label: string;
  readonly id: string;
  readonly decision: Decided;
  readonly discovery: Discovery;
  readonly wanted: string;
  readonly replica: PlacedReplica;
}

/**
 * Removes what an interrupted move has left: containers that do not count (stopped first, so that there is one copy at
 * most), and copies of the data that were never finished. The half-made copy on the host that the replica is about to
 * move to stays, as the copying goes on from it.
 */
export async function clearStale(tools: ReplicaTools, clearing: Clearing): Promise<void> {
  const { label, id, decision, discovery, wanted, replica } = clearing;
  const home =
    decision.kind === "home" ? discovery.containers.get(decision.home.containerId) : undefined;
  // A container that was being replaced in place shares them with its successor.
  const shared = new Set(home === undefined ? [] : anonymousVolumes(home).map((each) => each.name));
  for (const { host: name, containerId, running } of decision.stale) {
    const host = heardFrom(discovery, name);
    const container = discovery.containers.get(containerId);
    if (container === undefined) continue;
    if (running) tools.progress.warn(`${label}: stopping a copy on '${name}' that is out of date`);
    await host.docker.setRestartPolicy(containerId, { name: "no" });
    await stopForGood(host, containerId, stopTimeout(replica));
    await removeContainer(host, container, shared);
    await tools.fence.clear(host);
  }
  const movesOn = decision.kind === "home" && decision.home.host !== wanted;
  for (const name of decision.halfMade) {
    if (movesOn && name === wanted) continue;
    const host = heardFrom(discovery, name);
    await removeCopies(host, discovery.findings.records[name], replica);
    await tools.records.remove(host, id);
  }
}

/** What a move that was cut off has left for its copying, on every host that answers. */
export async function clearMoves(tools: ReplicaTools, discovery: Discovery, id: string) {
  await Promise.all([...discovery.hosts.values()].map((host) => tools.movers.clear(host, id)));
}

/** Only what Ferry made, and only on a host whose copy does not count. */
export async function removeCopies(
  host: Host,
  record: PlacementRecord | undefined,
  replica: PlacedReplica,
): Promise<void> {
  for (const volume of Object.values(replica.volumes)) {
    if (record?.volumes.includes(volume.name) !== true) continue;
    const existing = await host.docker.volume(volume.name);
    if (existing && labelled(existing, volume)) await host.docker.removeVolume(volume.name);
  }
}

/** A source that an interrupted move had stopped serves again before the next attempt begins. */
export async function resumeSource(
  tools: ReplicaTools,
  { replica, label }: InPlaceJob,
  source: Host,
  container: ContainerState,
  record: PlacementRecord | undefined,
): Promise<ContainerState> {
  if (record?.role !== "leaving" || container.status === "running") return container;
  tools.progress.info(
    `${label}: starting it again on ${source.name}, where an interrupted move had stopped it`,
  );
  await fenceAndStart(tools, source, container.id, replica);
  return (await source.docker.container(container.id)) ?? container;
}

/** After an interrupted move has come to its end: what each host knows is what is. */
export async function settleRecords(
  tools: ReplicaTools,
  id: string,
  { home }: Extract<Decided, { kind: "home" }>,
  discovery: Discovery,
): Promise<void> {
  for (const [name, record] of Object.entries(discovery.findings.records)) {
    if (record.role === "retired" && name !== home.host) continue;
    const role = name === home.host ? "home" : "retired";
    if (
      record.role === role ||
      (role === "retired" && record.role !== "leaving" && record.role !== "home")
    )
      continue;
    const epoch = name === home.host ? home.epoch : record.epoch;
    await tools.records.write(heardFrom(discovery, name), { ...record, replica: id, role, epoch });
  }
}
