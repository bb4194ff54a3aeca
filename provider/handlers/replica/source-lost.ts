import { silentHost, withoutSource, type Lost } from "../../core/move/source-lost";
import type { PlacedReplica } from "../../core/replica/model";
import { carriedVolumes } from "../../core/replica/following-volumes";
import { replicaLabel } from "../../core/replica/names";
import { replicaId } from "../../core/identity";
import { carryOut } from "./carry-out";
import { heardFrom } from "./discover";
import { placesWithoutCopy, volumesProblem } from "./passed-over-volumes";
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
  const entry = discovery.findings.journals[goal.wanted];
  const wanted = heardFrom(discovery, goal.wanted);
  const problem = await volumesProblem(tools, wanted, replica, choice, entry);
  if (problem !== undefined) return problem;
  const label = replicaLabel(replica);
  const unnamed = choice === "useLastCopy" ? await placesWithoutCopy(wanted, replica) : [];
  if (unnamed.length > 0) {
    const words = `its data at ${unnamed.join(", ")} is in a volume without a name, of which no copy is kept`;
    if (carriedVolumes(replica).length === 0) {
      return `${lost.what}, and ${words}. Bring the host back, or start without it (\`onSourceLost: "startEmpty"\`)`;
    }
    tools.progress.warn(`${label}: ${words}: it begins anew`);
  }
  tools.progress.warn(`${label}: ${found.warns}`);
  await carryOut(tools, { id: replicaId(replica), label, replica, discovery }, found.ops);
  return undefined;
}
