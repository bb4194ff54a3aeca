import { silentHost, withoutSource, type Lost } from "../../core/move/source-lost";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import { replicaId } from "../../core/identity";
import { carryOut } from "./carry-out";
import { heardFrom } from "./discover";
import { volumesProblem } from "./passed-over-volumes";
import type { settle } from "./settle";
import type { ReplicaTools } from "./tools";

type Found = Awaited<ReturnType<typeof settle>>;

/**
 * When the host that may have the replica does not answer, or its newest data is lost otherwise: does what the program's
 * `onSourceLost` says. Resolves to the reason why not, or undefined when the hosts are to be looked at once more.
 */
export async function passOver(
  tools: ReplicaTools,
  replica: PlacedReplica,
  { discovery, goal }: Pick<Found, "discovery" | "goal">,
  how: string | Lost,
): Promise<string | undefined> {
  const lost = typeof how === "string" ? silentHost(how, goal) : how;
  const choice = replica.onSourceLost ?? "fail";
  const found = withoutSource(discovery.findings, goal, lost, {
    choice,
    now: tools.date(),
    origin: tools.moveToken(),
  });
  if (found.kind === "refuse") return found.reason;
  const copied = discovery.findings.journals[goal.wanted]?.volumes ?? [];
  const wanted = heardFrom(discovery, goal.wanted);
  const problem = await volumesProblem(wanted, replica, choice, copied);
  if (problem !== undefined) return problem;
  const label = replicaLabel(replica);
  tools.progress.warn(`${label}: ${found.warns}`);
  await carryOut(tools, { id: replicaId(replica), label, replica, discovery }, found.ops);
  return undefined;
}
