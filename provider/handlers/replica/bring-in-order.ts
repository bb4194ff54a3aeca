import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { Goal } from "../../core/move/goal";
import { heardOnlyOn, type Believed, type Findings } from "../../core/move/findings";
import { next, type Next } from "../../core/move/machine";
import { believedNow } from "../../core/move/places";
import type { Work } from "../../core/move/ops";
import {
  externalVolumes,
  followingVolumes,
  reachedVolumes,
} from "../../core/replica/following-volumes";
import { replicaId } from "../../core/identity";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { decideForMember } from "./member-decision";
import { refuseTrouble } from "../ask";
import { finishAdoption } from "./adoption";
import { carryOut } from "./carry-out";
import { discover, type Discovery } from "./discover";
import type { ReplicaTools } from "./replica-tools";
import { waitForCutovers, endSevered } from "./running-cutovers";
import { takeOverJournals } from "./former-journals";

/** A plan that does not get to its end is a fault of ours; it must not go round for ever. */
const MOST_STEPS = 40;

export type Decided = Exclude<Next, { kind: "do" }>;

export interface Wish {
  /** As it is to be; its host is where it is wanted. */
  readonly replica: PlacedReplica;
  readonly connections: Connections;
  readonly believed?: Believed;
  /**
   * Something has to be put right, whatever ails other hosts: every host is given one short try,
   * and one that answers with an error counts as not heard, which ends nothing but whatever depends
   * on it. These are the hosts that are held for it: what has come to light on others meanwhile is
   * left to the next run.
   */
  readonly rescue?: ReadonlySet<string>;
  /** What is done is what everybody expects, and need not be told. */
  readonly quiet?: boolean;
  /**
   * Stops everything when hosts that are about to be changed may have been given to another run.
   */
  readonly check: (hosts: ReadonlySet<string>) => void;
}

/**
 * Looks at the hosts, does what the machine says, and looks again, until nothing is left over from
 * earlier runs. Resolves with what remains to be done, and what was found last.
 */
export async function bringInOrder(
  tools: ReplicaTools,
  wish: Wish,
): Promise<{ decided: Decided; discovery: Discovery; goal: Goal }> {
  const { replica, connections, believed, check } = wish;
  const rescue = wish.rescue !== undefined;
  const id = replicaId(replica);
  const label = replicaLabel(replica);
  const goalIn = ({ findings, places }: Discovery): Goal => ({
    replica: id,
    wanted: replica.host,
    volumes: followingVolumes(replica),
    external: externalVolumes(replica),
    reached: reachedVolumes(replica),
    ...(believed === undefined ? {} : { believed: believedNow(believed, findings, places) }),
  });
  let cleared = false;
  let failed: { why: string; error: FerryError } | undefined;
  for (let step = 0; step < MOST_STEPS; step++) {
    const discovery = await waitForCutovers(tools, label, () =>
      discover(tools, replica, connections, { believed, failFast: rescue }),
    );
    if (!rescue) refuseTrouble(discovery, replica);
    if (await endSevered(tools, label, discovery, check)) continue;
    if (!cleared && wish.quiet !== true) {
      cleared = true;
      await clearMoves(tools, discovery);
    }
    if (!rescue && (await finishAdoption(tools, replica, discovery, check))) continue;
    if (await takeOverJournals(tools, label, discovery, check)) continue;
    const goal = goalIn(discovery);
    const decided =
      (await decideForMember(tools, discovery, rescue)) ?? nextFor(wish, discovery.findings, goal);
    if (decided.kind !== "do") return { decided: decided, discovery, goal };
    // What failed is looked at once more: a host that was lost over it makes it another case.
    if (failed?.why === whyOf(decided)) throw failed.error;
    failed = undefined;
    check(new Set(decided.ops.map(({ host }) => host)));
    if (wish.quiet !== true) tools.progress.info(`${label}: ${decided.why}`);
    try {
      await carryOut(tools, { id, label, replica, discovery }, decided.ops, check);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      failed = { why: whyOf(decided), error };
    }
  }
  throw new FerryError({
    ...{ kind: "ours", replica: label },
    reason: `bringing ${label} in order did not come to an end`,
    advice: "Please report this with what the hosts' journals say",
    touched: { said: "Nothing was lost" },
  });
}

function nextFor({ rescue }: Wish, findings: Findings, goal: Goal): Next {
  const decided = next(findings, goal);
  if (rescue === undefined || decided.kind !== "do") return decided;
  return decided.ops.every(({ host }) => rescue.has(host))
    ? decided
    : next(heardOnlyOn(rescue, findings), goal);
}

/** What a move that was interrupted has left for its copying: keys, scripts, open connections. */
async function clearMoves(tools: ReplicaTools, { findings, hosts, ids }: Discovery): Promise<void> {
  const moving = Object.values(findings.journals).some(
    ({ role }) => role === "source" || role === "target",
  );
  if (!moving) return;
  await Promise.all(
    [...hosts.values()].flatMap((host) => ids.map((id) => tools.movers.clear(host, id))),
  );
}

function whyOf({ why, ops }: Work): string {
  return `${why} ${ops.map(({ op, host }) => `${op} ${host}`).join(" ")}`;
}
