import { FerryError } from "../../../core/errors";
import { describeHealth, type HealthMember } from "../../../core/weave/health";
import { brokenAt, withoutIpam } from "../../../core/weave/mesh";
import type { MeshInputs } from "../../../core/weave/mesh-inputs";
import { missingWays } from "./wait-for-mesh";
import { exposureDrift } from "./exposures";
import { lookAtHealth } from "./health";
import type { MeshState } from "./state";
import { besideReport, openPeer, type MeshTools, type OpenedPeer } from "./mesh-tools";

/** How the network is now; with what an `up` can put right as drift. */
export async function refreshMesh(
  tools: MeshTools,
  outs: MeshState,
): Promise<{ inputs?: MeshInputs; outs: MeshState }> {
  const { drift: _, ...last } = outs;
  const found = await Promise.all(outs.peers.map((peer) => look(tools, outs, peer)));
  const members = found.map(({ member }) => member);
  const silent = found.filter(({ reason }) => reason !== undefined);
  const reasons = new Map(silent.map(({ member, reason }) => [member.host, reason ?? ""]));
  const health = lookAtHealth(outs, members, outs.health, reasons);
  // Pulumi itself calls a resource unchanged when only its outputs are others than before.
  const trouble = describeHealth(outs.cluster, health);
  if (trouble !== undefined) tools.context.progress.warn(trouble);
  const now = { ...last, health };
  if (outs.existing === true || silent.length > 0) return { outs: now };
  const peers = found.flatMap(({ peer }) => (peer === undefined ? [] : [peer]));
  const drift = await driftOf(outs, peers, members);
  if (drift.length === 0) return { outs: now };
  return { inputs: { ...inputsIn(last), drift }, outs: { ...now, drift } };
}

interface Looked {
  readonly peer?: OpenedPeer;
  readonly member: HealthMember;
  readonly reason?: string;
}

/** A host that does not answer is a finding here, and no failure. */
async function look(
  tools: MeshTools,
  outs: MeshState,
  peer: MeshState["peers"][number],
): Promise<Looked> {
  const { host, address } = peer;
  try {
    const opened = await openPeer(tools, outs, peer);
    const report = await opened.weave.report();
    const beside = await besideReport(opened, outs, report);
    return { peer: opened, member: { host, address, report, ...beside } };
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    return { member: { host, address, report: undefined }, reason: error.message };
  }
}

/**
 * What `up` can put right: routers that their peers bring back, after which there is a new word on
 * the health; peers that are connected and have not agreed; and what is done beside the mesh. A
 * link that is cut is not ours to mend.
 */
async function driftOf(
  outs: MeshState,
  peers: readonly OpenedPeer[],
  members: readonly HealthMember[],
): Promise<string[]> {
  const undecided = withoutIpam(members);
  const connectedAll = missingWays(outs.peers, members).length === 0;
  return [
    ...members.flatMap((member) => brokenAt(outs.peers, member)),
    ...members.flatMap(({ unitsFault }) => (unitsFault === undefined ? [] : [unitsFault])),
    ...(undecided.length > 0 && connectedAll
      ? [`the range is not divided as far as ${undecided.join(", ")} can tell`]
      : []),
    ...(await exposureDrift(outs, peers, members, outs)),
  ];
}

/** The inputs that state was made from. */
function inputsIn(outs: Omit<MeshState, "drift">): MeshInputs {
  const { ready: _r, peerNames: _p, health: _h, found: _f, exposed: _e, ...inputs } = outs;
  return inputs;
}
