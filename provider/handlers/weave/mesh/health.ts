import { healthOf, type ClusterHealth, type HealthMember } from "../../../core/weave/health";
import type { MeshInputs, MeshPeer } from "../../../core/weave/mesh-inputs";

/** How the network is; word for word the last word on it while nothing has changed. */
export function lookAtHealth(
  { peers, existing }: Pick<MeshInputs, "peers" | "existing">,
  members: readonly HealthMember[],
  previous: ClusterHealth | undefined,
  unreachable: ReadonlyMap<string, string> = new Map(),
): ClusterHealth {
  return healthOf(
    members.map((member) => {
      const reason = unreachable.get(member.host);
      return reason === undefined ? member : { ...member, unreachable: reason };
    }),
    {
      previous,
      now: new Date().toISOString(),
      // Of somebody else's cluster nobody knows who is meant to dial whom: that its peers reach one
      // another is all.
      linked: existing === true ? () => false : linkedIn(peers),
    },
  );
}

/** Peers ought to be connected where one dials the other. */
function linkedIn(peers: readonly MeshPeer[]): (host: string, other: string) => boolean {
  const dials = new Map(peers.map((peer) => [peer.host, peer.dials && new Set(peer.dials)]));
  const dialling = (from: string, to: string) => dials.get(from)?.has(to) ?? true;
  return (host, other) => dialling(host, other) || dialling(other, host);
}
