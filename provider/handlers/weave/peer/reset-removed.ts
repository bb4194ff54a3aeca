import type { PeerInputs } from "../../../core/weave/peer-inputs";
import type { RouterReport } from "../../../core/weave/report";
import type { SeenMember } from "./membership";
import { underLock, type OpenedWeave, type PeerTools } from "./peer-tools";

/**
 * A peer that the program removed while its host did not answer has lost its share of the range to
 * others. If the host is to be a peer again, what its router remembers has to go first: two peers
 * that hold one part of the range would give one address twice. Those that stayed have kept the
 * removal in mind.
 */
export async function resetRemoved(
  tools: PeerTools,
  opened: OpenedWeave,
  { host, cluster, peerName, password }: PeerInputs,
  seen: readonly SeenMember[],
): Promise<void> {
  const witnesses = seen.flatMap((member) => (member.opened === undefined ? [] : [member.opened]));
  const removals = await Promise.all(
    witnesses.map(async (witness) => ({ witness, removed: await witness.weave.removedPeers() })),
  );
  if (removals.every(({ removed }) => removed.length === 0)) return;
  const { weave } = opened;
  const report = await weave.report();
  const names = new Set([peerName, report?.peerName].filter((name) => name !== undefined));
  const isThis = (removed: { host: string; peerName: string }) =>
    removed.host === host || names.has(removed.peerName);
  const matching = removals.flatMap(({ removed }) => removed).filter(isThis);
  if (matching.length === 0) return;
  if (!isInWithoutClaims(report, seen) && (await weave.router(password)) !== undefined) {
    tools.context.progress.warn(
      `Host '${host}' was taken out of cluster '${cluster}' while it did not answer, and others hold its share of Weave's ` +
        "range since. What its router remembered is discarded, and it joins as a new peer.",
    );
    await underLock(tools, opened, `resetting a peer that was removed from '${cluster}'`, (weave) =>
      weave.reset({ handBack: false }),
    );
  }
  await Promise.all(
    removals.map(async ({ witness, removed }) => {
      const marks = removed.filter(isThis).map((each) => each.peerName);
      if (marks.length > 0) await witness.weave.unmarkRemoved(marks);
    }),
  );
}

/**
 * It runs in the network again and claims no more of the range than the others know of: nothing is
 * to be feared from it.
 */
function isInWithoutClaims(report: RouterReport | undefined, seen: readonly SeenMember[]): boolean {
  if (report?.ipam?.ready !== true) return false;
  const shareIn = (of: RouterReport | undefined) =>
    of?.ipam?.shares.find(({ peerName }) => peerName === report.peerName)?.addresses ?? 0;
  const others = seen.flatMap((member) => (member.report === undefined ? [] : [member.report]));
  return (
    others.some(({ establishedWith }) => establishedWith.includes(report.peerName)) &&
    others.every((other) => shareIn(other) === shareIn(report))
  );
}
