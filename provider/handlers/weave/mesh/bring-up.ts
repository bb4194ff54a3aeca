import type { HealthMember } from "../../../core/weave/health";
import type { MeshInputs } from "../../../core/weave/mesh-inputs";
import { waitForConsensus } from "./wait-for-consensus";
import { waitForMesh } from "./wait-for-mesh";
import { describeExisting } from "./existing";
import { applyExposures } from "./exposures";
import { lookAtHealth } from "./health";
import type { MeshState } from "./state";
import { besideReport, observe, openAll, type MeshTools } from "./mesh-tools";

/**
 * Waits until the peers are joined and have agreed, and does what is kept beside the mesh. A
 * network that is somebody else's is looked at only.
 */
export async function bringUpMesh(
  tools: MeshTools,
  inputs: MeshInputs,
  before?: MeshState,
): Promise<MeshState> {
  const { clock } = tools;
  const deadline = clock.now() + inputs.timeoutSeconds * 1000;
  const peers = await openAll(tools, inputs);
  if (inputs.existing === true) {
    const members = await observe(peers);
    return {
      ...stateOf(inputs, members, before),
      found: describeExisting(inputs, members),
    };
  }
  await waitForMesh(inputs, peers, clock, deadline);
  const joined = await waitForConsensus(inputs, peers, clock, deadline);
  const members = await Promise.all(
    joined.map(async (member, i): Promise<HealthMember> => {
      const peer = peers[i];
      return peer === undefined
        ? member
        : { ...member, ...(await besideReport(peer, inputs, member.report)) };
    }),
  );
  const exposures = await applyExposures(tools, inputs, peers, members, {
    ...(before === undefined ? {} : { inputs: before }),
    ...(before?.exposed === undefined ? {} : { exposed: before.exposed }),
  });
  return { ...stateOf(inputs, members, before), ...exposures };
}

function stateOf(
  inputs: MeshInputs,
  members: readonly HealthMember[],
  before: MeshState | undefined,
): MeshState {
  return {
    ...inputs,
    ready: true,
    peerNames: Object.fromEntries(
      members.map(({ host, report }) => [host, report?.peerName ?? ""]),
    ),
    health: lookAtHealth(inputs, withoutLeaving(inputs, members, before), before?.health),
  };
}

/**
 * The share of a peer whose host has left the program is given back, or taken over, at the end of
 * this very run: it is no finding of the state that the run leads to.
 */
function withoutLeaving(
  { peers }: MeshInputs,
  members: readonly HealthMember[],
  before: MeshState | undefined,
): HealthMember[] {
  const stay = new Set(peers.map(({ host }) => host));
  const leaving = new Set(
    Object.entries(before?.peerNames ?? {}).flatMap(([host, name]) =>
      stay.has(host) ? [] : [name],
    ),
  );
  return members.map((member) => {
    const { report } = member;
    if (report?.ipam === undefined || leaving.size === 0) return member;
    const shares = report.ipam.shares.filter(({ peerName }) => !leaving.has(peerName));
    return { ...member, report: { ...report, ipam: { ...report.ipam, shares } } };
  });
}
