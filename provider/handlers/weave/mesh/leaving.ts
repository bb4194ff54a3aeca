import { containsUnknown } from "../../../core/unknown";
import type { MeshInputs } from "../../../core/weave/mesh-inputs";

/**
 * What becomes of hosts that the program has no more, told in preview: that is the moment to think
 * better of it.
 */
export function leavingHosts(olds: Partial<MeshInputs>, news: MeshInputs): string[] {
  if (olds.peers === undefined || containsUnknown([olds.peers, news.peers])) return [];
  if (news.existing === true) return [];
  const stay = new Set(news.peers.map(({ host }) => host));
  return olds.peers
    .filter(({ host }) => !stay.has(host))
    .map(
      ({ host }) =>
        `Host '${host}' leaves cluster '${news.cluster}': after everything else, its peer hands its share of Weave's range ` +
        "back and is reset. If the host does not answer then, one peer that stays takes the share over for good; should " +
        "the host come back after that, it can only join as a new peer.",
    );
}
