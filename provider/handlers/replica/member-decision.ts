import { LABELS } from "../../core/identity";
import type { Instance, Findings } from "../../core/move/findings";
import { decideByLead, stoppedWith, type MemberDecision } from "../../core/move/group";
import type { JournalEntry } from "../../core/move/journal";
import { inNamesOfNow } from "../../core/move/places";
import { labelOfId } from "../../core/replica/replica-names";
import { askAll, refuseTrouble } from "../ask";
import { instanceOn, type Discovery } from "./discover";
import type { ReplicaTools } from "./replica-tools";

/**
 * For a replica that was stopped for the move of another one which it shares a volume with: where
 * that one is decides. It is only asked for where a journal says so, so that nobody else pays for
 * it.
 */
export async function decideForMember(
  tools: Pick<ReplicaTools, "journals">,
  discovery: Pick<Discovery, "findings" | "hosts" | "places">,
  rescue: boolean,
): Promise<MemberDecision | undefined> {
  const stopped = stoppedWith(discovery.findings);
  if (stopped === undefined) return undefined;
  const findings = await lookFor(tools, stopped.lead, discovery, rescue);
  return decideByLead(discovery.findings, { label: labelOfId(stopped.lead), findings });
}

/**
 * A host that has fallen silent since it was heard from has not answered; one with trouble ends it,
 * but for a rescue.
 */
async function lookFor(
  tools: Pick<ReplicaTools, "journals">,
  id: string,
  { hosts, places }: Pick<Discovery, "hosts" | "places">,
  rescue: boolean,
): Promise<Findings> {
  const seen = await askAll([...hosts.keys()], async (name) => {
    const host = hosts.get(name);
    if (host === undefined) return { found: [], entry: undefined };
    const [found, entry] = await Promise.all([
      host.docker.containers({ [LABELS.replica]: id }),
      tools.journals.read(host, id),
    ]);
    return { found, entry };
  });
  if (!rescue) refuseTrouble(seen);
  const journals: Record<string, JournalEntry> = {};
  const instances: Instance[] = [];
  for (const [name, { found, entry }] of seen.answers) {
    if (entry !== undefined) journals[name] = inNamesOfNow(entry, places);
    instances.push(
      ...found.map((container) => ({ ...instanceOn(name, container), asWanted: true })),
    );
  }
  return { journals, instances, answered: [...seen.answers.keys()] };
}
