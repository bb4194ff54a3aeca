import { FerryError } from "../../../core/errors";
import type { HostLocks } from "../../../core/lock";
import type { Host } from "../../../core/adapter-ports";
import type { HealthMember } from "../../../core/weave/health";
import type { MeshMember } from "../../../core/weave/mesh";
import type { MeshInputs, MeshPeer } from "../../../core/weave/mesh-inputs";
import type { Weave } from "../../../core/weave/weave-port";
import type { WeaveSource } from "../../../core/weave/source";
import type { RouterReport } from "../../../core/weave/report";
import type { Clock } from "../../clock";
import type { HandlerContext } from "../../handler";
import { openWeave, type OpenedWeave } from "../peer/peer-tools";

/** What the parts of the mesh's handler work with. */
export interface MeshTools {
  readonly context: HandlerContext;
  readonly weaveOf: (host: Host, source?: WeaveSource) => Weave;
  readonly clock: Clock;
  readonly locks: HostLocks;
}

/** A peer of the mesh whose host answers. */
export interface OpenedPeer extends MeshPeer, Pick<OpenedWeave, "weave"> {
  readonly opened: OpenedWeave;
}

export async function openPeer(
  tools: MeshTools,
  { connections }: MeshInputs,
  peer: MeshPeer,
): Promise<OpenedPeer> {
  const connection = connections[peer.host];
  if (connection === undefined)
    throw new FerryError({
      kind: "trouble",
      reason: `No connection is given for host '${peer.host}'.`,
    });
  const opened = await openWeave(tools, peer.host, connection, peer.source);
  return { ...peer, opened, weave: opened.weave };
}

export const openAll = (tools: MeshTools, inputs: MeshInputs): Promise<OpenedPeer[]> =>
  Promise.all(inputs.peers.map((peer) => openPeer(tools, inputs, peer)));

export const observe = (peers: readonly OpenedPeer[]): Promise<MeshMember[]> =>
  Promise.all(
    peers.map(async ({ host, address, weave }) => ({
      host,
      address,
      report: await weave.report(),
    })),
  );

/**
 * What health tells of a peer beyond what its router says. In somebody else's cluster nobody
 * collects dead links for Ferry.
 */
export async function besideReport(
  { weave }: Pick<OpenedPeer, "weave">,
  { existing }: Pick<MeshInputs, "existing">,
  report: RouterReport | undefined,
): Promise<Pick<HealthMember, "unitsFault" | "trouble">> {
  return {
    ...(report === undefined ? { trouble: await weave.trouble() } : {}),
    ...(existing === true ? {} : { unitsFault: await weave.unitsFault() }),
  };
}

/** With how the containers are of routers that do not answer. */
export const withTrouble = (
  peers: readonly OpenedPeer[],
  members: readonly MeshMember[],
): Promise<MeshMember[]> =>
  Promise.all(
    members.map(async (member) => {
      const peer = peers.find(({ host }) => host === member.host);
      return member.report !== undefined || peer === undefined
        ? member
        : { ...member, trouble: await peer.weave.trouble() };
    }),
  );
