import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import type { Copy, Findings } from "../../core/move/findings";
import { settleWith, stoppedWith, type CarriedAlong } from "../../core/move/group";
import type { JournalEntry } from "../../core/move/journal";
import { labelOfId } from "../../core/replica/names";
import { epochOf } from "../../core/replica/request";
import { isRunning, type Discovery } from "../replica/discover";
import type { ReplicaTools } from "../replica/tools";

/**
 * For a replica that was stopped for the move of another one which it shares a volume with: where that one is decides. It
 * is only asked for where a journal says so, so that nobody else pays for it.
 */
export async function carriedAlong(
  tools: Pick<ReplicaTools, "journals">,
  discovery: Pick<Discovery, "findings" | "hosts">,
): Promise<CarriedAlong | undefined> {
  const stopped = stoppedWith(discovery.findings);
  if (stopped === undefined) return undefined;
  const findings = await lookFor(tools, stopped.carrier, discovery);
  return settleWith(discovery.findings, { label: labelOfId(stopped.carrier), findings });
}

async function lookFor(
  tools: Pick<ReplicaTools, "journals">,
  id: string,
  { hosts }: Pick<Discovery, "hosts">,
): Promise<Findings> {
  const journals: Record<string, JournalEntry> = {};
  const copies: Copy[] = [];
  const answered: string[] = [];
  await Promise.all(
    [...hosts].map(async ([name, host]) => {
      try {
        const [found, entry] = await Promise.all([
          host.docker.containers({ [LABELS.replica]: id }),
          tools.journals.read(host, id),
        ]);
        answered.push(name);
        if (entry !== undefined) journals[name] = entry;
        for (const container of found) {
          copies.push({
            host: name,
            containerId: container.id,
            epoch: epochOf(container),
            running: isRunning(container),
            // Docker says year 1 for a container that was never started.
            started: container.status !== "created" || !/^(0001-|$)/.test(container.startedAt),
            restarts: container.restart.name !== "no",
            asWanted: true,
          });
        }
      } catch (error) {
        // Gone since it was heard from: then it has not answered.
        if (!(error instanceof FerryError)) throw error;
      }
    }),
  );
  return { journals, copies, answered: answered.sort() };
}
