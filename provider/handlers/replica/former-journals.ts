import { heardFrom, type Discovery, type FormerJournal } from "./discover";
import type { ReplicaTools } from "./replica-tools";

/**
 * Journals by an earlier name of the replica become its own, host by host: the new one is written
 * before the old one goes, so that it may be interrupted anywhere. Containers by that name are made
 * anew where they are, and are not touched here. Resolves to whether there were any, so that all is
 * to be looked at once more.
 */
export async function takeOverJournals(
  tools: Pick<ReplicaTools, "journals" | "progress">,
  label: string,
  discovery: Discovery,
  check: (hosts: ReadonlySet<string>) => void,
): Promise<boolean> {
  const { former } = discovery;
  if (former.length === 0) return false;
  check(new Set(former.map(({ host }) => host)));
  // Who has it comes last: until then all that goes by the old name is its own by the user's word.
  const last = ({ entry }: FormerJournal) => (entry.role === "retired" ? 0 : 1);
  for (const { host: name, entry, becomes } of [...former].sort((a, b) => last(a) - last(b))) {
    const host = heardFrom(discovery, name);
    if (becomes !== undefined) await tools.journals.write(host, becomes);
    await tools.journals.remove(host, entry.replica);
    tools.progress.info(`${label}: took over what ${name} had noted of '${entry.replica}'`);
  }
  return true;
}
