import { FerryError } from "../../../core/errors";
import { summarise } from "../../../core/weave/mesh";
import type { Membership, PeerInputs } from "../../../core/weave/peer-inputs";
import type { Weave } from "../../../core/weave/weave-port";
import type { RouterReport } from "../../../core/weave/report";
import { normaliseTarget } from "../../../core/weave/settings";
import { peerOn, portsHint, waitForNetwork } from "./back-in-network";
import {
  answering,
  lookAround,
  missingMembers,
  runningMembers,
  networkExists,
  type SeenMember,
} from "./membership";
import { resetRemoved } from "./reset-removed";
import { applyRouter, type ApplyOptions } from "./apply-router";
import { underLock, type OpenedWeave, type PeerTools } from "./peer-tools";

/** How a peer is joined, beside its inputs. */
export type Joining = Pick<ApplyOptions, "touching" | "isNew">;

export interface Joined {
  readonly report: RouterReport;
  /** Why the router runs but is not in the network, a message; undefined when it is. */
  readonly missing?: string;
}

/**
 * Makes a host a peer, whichever of the cluster's resources Pulumi gets to first. A cluster of
 * electors that all list one another grows one at a time: those that are there list the new one, it
 * is launched listing all of them, and the next one's turn comes when it is connected and knows how
 * the range is divided. Observers join beside one another. Where there is no network yet, nobody
 * waits: the peers find one another, and the mesh sees to it that they agree.
 */
export async function join(
  tools: PeerTools,
  opened: OpenedWeave,
  inputs: PeerInputs,
  joining: Joining,
): Promise<Joined> {
  const membership = tools.peers.membershipOf(inputs.cluster, inputs.host);
  if (membership === undefined || membership.members.length === 0) {
    return { report: await applyUnderLock(tools, opened, inputs, false, joining) };
  }
  const seen = await lookAround(tools, inputs.cluster, membership.members);
  if (!networkExists(seen)) {
    return { report: await applyUnderLock(tools, opened, inputs, false, joining) };
  }
  if (!membership.oneAtATime) return grow(tools, opened, inputs, membership, seen, joining);
  return tools.peerQueue.take(inputs.cluster, async () => {
    const now = await lookAround(tools, inputs.cluster, membership.members);
    return grow(tools, opened, inputs, membership, now, joining);
  });
}

/**
 * A peer of the network that only dials others than before: it waits for nobody, and nobody for it.
 */
export function adjust(
  tools: PeerTools,
  opened: OpenedWeave,
  inputs: PeerInputs,
): Promise<RouterReport> {
  return applyUnderLock(tools, opened, inputs, false, { touching: () => undefined, isNew: false });
}

async function grow(
  tools: PeerTools,
  opened: OpenedWeave,
  inputs: PeerInputs,
  membership: Membership,
  seen: readonly SeenMember[],
  joining: Joining,
): Promise<Joined> {
  for (const { reason } of seen) if (reason !== undefined) tools.context.progress.warn(reason);
  await resetRemoved(tools, opened, inputs, seen);
  if (membership.oneAtATime) await beListed(tools, inputs, seen);
  await applyUnderLock(tools, opened, inputs, true, joining);
  const others = runningMembers(seen);
  const { arrived, report } = await waitForNetwork(
    { ...inputs, weave: opened.weave },
    {
      connectedWith: others.map(nameOf),
      dialledBy: answering(others)
        .filter(({ dials }) => dials)
        .map(({ host, opened: { weave } }) => ({ host, weave })),
      ipam: true,
    },
    tools.clock,
    membership.timeoutSeconds,
  );
  if (report === undefined) {
    throw new FerryError({
      kind: "trouble",
      reason: `${peerOn(inputs)} was launched and has stopped answering. Look at \`docker logs weave\` there, and run again.`,
    });
  }
  if (arrived) return { report };
  return { report, missing: await notArrived(tools, opened, inputs, membership, report) };
}

const nameOf = ({ report }: SeenMember) => report?.peerName ?? "";

function applyUnderLock(
  tools: PeerTools,
  opened: OpenedWeave,
  inputs: PeerInputs,
  joins: boolean,
  joining: Joining,
): Promise<RouterReport> {
  const warn = (message: string) => {
    tools.context.progress.warn(message);
  };
  const reason = `making it a peer of cluster '${inputs.cluster}'`;
  return underLock(tools, opened, reason, (weave: Weave) =>
    applyRouter(weave, inputs, { joins, clock: tools.clock, warn, ...joining }),
  );
}

/**
 * Those that are there dial the new one too, so that after a power cut all find one another,
 * whoever comes up first.
 */
async function beListed(
  tools: PeerTools,
  { host, address, cluster }: PeerInputs,
  seen: readonly SeenMember[],
): Promise<void> {
  const target = normaliseTarget(address);
  const unaware = answering(seen).filter(
    ({ report, dials }) => dials && !report.targets.includes(target),
  );
  await Promise.all(
    unaware.map(({ opened }) =>
      underLock(tools, opened, `telling it of '${host}' in cluster '${cluster}'`, (weave) =>
        weave.connect([target]),
      ),
    ),
  );
}

async function notArrived(
  tools: PeerTools,
  { host }: OpenedWeave,
  inputs: PeerInputs,
  { members, timeoutSeconds }: Membership,
  report: RouterReport,
): Promise<string> {
  const others = runningMembers(await lookAround(tools, inputs.cluster, members));
  const why = missingMembers(inputs, report, others);
  const reason =
    why.length > 0 ? summarise(why) : "it has not been told how Weave's range is divided";
  const there = answering(others);
  const apart = [
    ...there.slice(0, 1).map(({ address }) => ({ host, from: address })),
    ...there.map(({ opened }) => ({ host: opened.host, from: inputs.address })),
  ];
  return (
    `${peerOn(inputs)} was launched, but is not in the network after ${timeoutSeconds} s: ${reason}. ` +
    (await portsHint(report, apart)) +
    "It runs and keeps trying; put the cause right and run `pulumi up` again."
  );
}
