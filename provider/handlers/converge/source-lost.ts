import type { Connections } from "../../core/connection";
import { isSilence } from "../../core/errors";
import { silentHost, withoutSource, type Lost } from "../../core/move/source-lost";
import type { PlacedReplica } from "../../core/replica/model";
import { copiedVolumes } from "../../core/replica/following-volumes";
import { replicaLabel } from "../../core/replica/replica-names";
import { replicaId } from "../../core/identity";
import { refuseTrouble } from "../ask";
import { newestConnection } from "../connections";
import { carryOut } from "../replica/carry-out";
import { heardFrom, openHost, type Discovery } from "../replica/discover";
import type { Locked } from "../replica/while-locked";
import { placesWithoutCopy, volumesProblem } from "./passed-over-volumes";
import type { bringInOrder } from "../replica/bring-in-order";
import type { ReplicaTools } from "../replica/replica-tools";

type Found = Awaited<ReturnType<typeof bringInOrder>>;

/**
 * When the host that may have the replica does not answer, or its newest data is lost otherwise:
 * does what the program's `onSourceLost` says. Resolves to the reason why not, or undefined when
 * the hosts are to be looked at once more. Rejects when a host is there after all, and answers with
 * an error, or when the wanted one is not held.
 */
export async function passOver(
  tools: ReplicaTools,
  replica: PlacedReplica,
  connections: Connections,
  { discovery, goal }: Pick<Found, "discovery" | "goal">,
  how: string | Lost,
  check: Locked["check"],
): Promise<string | undefined> {
  refuseTrouble(discovery);
  const unasked = neverAsked(connections, discovery, goal, how);
  if (unasked !== undefined) return unasked;
  const lost = typeof how === "string" ? silentHost(how, goal) : how;
  const choice = replica.onSourceLost ?? "fail";
  const found = withoutSource(discovery.findings, goal, lost, {
    choice,
    now: tools.date(),
    origin: tools.moveToken(),
  });
  if (found.kind === "refuse") return found.reason;
  const entry = discovery.findings.journals[goal.wanted];
  const wanted = heardFrom(discovery, goal.wanted);
  const problem = await volumesProblem(tools, wanted, replica, choice, entry);
  if (problem !== undefined) return problem;
  const silent = mayBeIt(discovery, how);
  const alive = aliveBefore(tools, silent, connections);
  if (alive !== undefined) return alive;
  const label = replicaLabel(replica);
  const unnamed = choice === "useLastCopy" ? await placesWithoutCopy(wanted, replica) : [];
  if (unnamed.length > 0) {
    const words = `its data at ${unnamed.join(", ")} is in a volume without a name, of which no copy is kept`;
    if (copiedVolumes(replica).length === 0) {
      return `${lost.what}, and ${words}. Bring the host back, or start without it (\`onSourceLost: "startEmpty"\`)`;
    }
    tools.progress.warn(`${label}: ${words}: it begins anew`);
  }
  if (await oneAnswers(tools, silent, connections)) return undefined;
  check(new Set([goal.wanted]));
  const causes = silent.map((name) => `${name}: ${discovery.silent.get(name)?.fault.reason ?? ""}`);
  const because = causes.length === 0 ? "" : ` (${causes.join("; ")})`;
  tools.progress.warn(`${label}: ${found.warns}${because}`);
  await carryOut(tools, { id: replicaId(replica), label, replica, discovery }, found.ops, check);
  return undefined;
}

/**
 * A host that nobody could ask is not silent: the replica may well serve there. One whose name
 * leads to another machine now counts as lost.
 */
function neverAsked(
  connections: Connections,
  { findings, written }: Discovery,
  { believed }: Found["goal"],
  how: string | Lost,
): string | undefined {
  if (typeof how !== "string" || how in connections) return undefined;
  const isReplaced =
    (believed?.host === how && believed.replaced !== undefined) ||
    [...written].some(
      ([host, { other = "" }]) => findings.journals[host]?.other === how && other in connections,
    );
  if (isReplaced) return undefined;
  return (
    `host '${how}', where it was last or may be, is none of the program's hosts, so nobody has asked it. Put it back under ` +
    "the cluster's `hosts`: only one that is asked and silent can count as lost"
  );
}

/**
 * The silent hosts that may be the lost one: itself, or any where only a machine is known, whatever
 * it is called now.
 */
function mayBeIt({ silent }: Discovery, how: string | Lost): string[] {
  return typeof how === "string" && silent.has(how) ? [how] : [...silent.keys()];
}

/**
 * Why nothing is begun anew without a host that this very run has held a lock on, if there is one
 * among the silent.
 */
export function aliveBefore(
  { alive }: Pick<ReplicaTools, "alive">,
  silent: Iterable<string>,
  connections: Connections,
): string | undefined {
  const host = [...silent].find((name) => {
    const connection = connections[name];
    return connection !== undefined && alive.has(newestConnection(connection));
  });
  if (host === undefined) return undefined;
  return (
    `host '${host}' does not answer any more, but did earlier in this run, so it does not count as lost. Run \`pulumi up\` ` +
    "again: the next run asks it anew"
  );
}

/** Nothing is done because of a silence that is not asked once more, at length, right before. */
async function oneAnswers(
  tools: ReplicaTools,
  names: readonly string[],
  connections: Connections,
): Promise<boolean> {
  const answered = await Promise.all(
    names.map(async (name) => {
      try {
        await openHost(tools, name, connections, "anew");
        return true;
      } catch (error) {
        if (isSilence(error)) return false;
        throw error;
      }
    }),
  );
  return answered.includes(true);
}
