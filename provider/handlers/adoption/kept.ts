import type { JournalEntry } from "../../core/move/journal";
import type { ReplicaState } from "../../core/replica/model";
import { isRunning, type Discovery } from "../replica/discover";
import type { ReplicaTools } from "../replica/replica-tools";

type Kept = Pick<ReplicaState, "adopted">;

/** What a journal says of the container that was there before. */
export function keptBy(host: string, entry: JournalEntry | undefined): Kept {
  if (entry?.role !== "home" || entry.adopts === undefined) return {};
  return { adopted: { host, container: entry.adopts.container } };
}

/**
 * The container that was there before stays for as long as the replica is on that host. Once it has
 * moved away, the host is left without it; its volumes stay.
 */
export async function removeKept(
  tools: Pick<ReplicaTools, "progress">,
  label: string,
  host: string,
  { adopted }: Kept,
  { hosts, places }: Pick<Discovery, "hosts" | "places">,
): Promise<Kept> {
  if (adopted === undefined) return {};
  const there = places.called.get(adopted.host) ?? adopted.host;
  if (there === (places.called.get(host) ?? host)) return { adopted };
  const left = hosts.get(there);
  if (left === undefined) return { adopted };
  const container = await left.docker.container(adopted.container);
  if (container === undefined) return {};
  if (isRunning(container)) {
    tools.progress.warn(
      `${label}: container '${container.name}' on '${there}', whose place it took, was started again by somebody. ` +
        "Its data is out of date: stop and remove it",
    );
    return { adopted };
  }
  await left.docker.remove(container.id);
  return {};
}
