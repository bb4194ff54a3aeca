import type { ContainerState, Host } from "../../core/adapter-ports";
import { isOnNetwork } from "../../core/adoption/same-data";
import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import type { Adopts, JournalEntry, RestEntry } from "../../core/move/journal";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { epochOf } from "../../core/replica/request";
import { dropFiles } from "./files";
import { allowRestarts } from "./in-place";
import { heardFrom, isRunning, type Discovery } from "./discover";
import { removeContainer } from "./remove";
import { startAndWait, stopForGood, stopTimeout } from "./start";
import type { ReplicaTools } from "./replica-tools";

export type Adopting = RestEntry & { readonly adopts: Adopts };

/**
 * An adoption that was interrupted is finished where the replica runs well already, and taken back
 * everywhere else. Resolves to whether there was one, so that all is to be looked at once more. Its
 * container has the name that the replica had then, and so it comes before journals are taken over.
 */
export async function finishAdoption(
  tools: ReplicaTools,
  replica: PlacedReplica,
  discovery: Discovery,
  check: (hosts: ReadonlySet<string>) => void,
): Promise<boolean> {
  const former = discovery.former.map(({ host, entry }) => [host, entry] as const);
  for (const [name, entry] of [...discovery.written, ...former]) {
    if (!isUnderWay(entry)) continue;
    const here = () => check(new Set([name]));
    here();
    const host = heardFrom(discovery, name);
    const label = replicaLabel(replica);
    const made = await serving(tools, host, replica, entry);
    here();
    if (made !== undefined) {
      await allowRestarts(host, replica, made.id);
      await tools.journals.write(host, done(entry));
      tools.progress.info(`${label}: has taken the place of container '${entry.adopts.name}'`);
    } else {
      tools.progress.info(
        `${label}: bringing back container '${entry.adopts.name}' on '${name}', whose place was not taken to the end`,
      );
      await takeBack(tools, host, replica, entry, here);
    }
    return true;
  }
  return false;
}

/** The entry of an adoption whose replica runs. */
export function done(entry: Adopting): RestEntry {
  const { before: _before, ...adopts } = entry.adopts;
  return { ...entry, adopts: { ...adopts, done: true } };
}

function isUnderWay(entry: JournalEntry): entry is Adopting {
  return entry.role === "home" && entry.adopts !== undefined && entry.adopts.done !== true;
}

async function serving(
  tools: ReplicaTools,
  host: Host,
  replica: PlacedReplica,
  entry: Adopting,
): Promise<ContainerState | undefined> {
  const old = await host.docker.container(entry.adopts.container);
  const [made] = await madeFor(host, entry);
  if (made === undefined || !isRunning(made)) return undefined;
  if (old !== undefined && isRunning(old)) return undefined;
  try {
    await startAndWait(tools, host, made.id, replica);
    return made;
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    return undefined;
  }
}

/**
 * The new container goes, and the old one runs again as before. May be interrupted and done again;
 * of the two, never both run. `check` throws where another run may be at it by now.
 */
export async function takeBack(
  tools: ReplicaTools,
  host: Host,
  replica: PlacedReplica,
  entry: Adopting,
  check: () => void,
): Promise<void> {
  check();
  // It may say already that the replica runs.
  await tools.journals.write(host, entry);
  for (const made of await madeFor(host, entry)) {
    check();
    await host.docker.setRestartPolicy(made.id, { name: "no" });
    check();
    await stopForGood(host, made.id, stopTimeout(replica));
    check();
    await removeContainer(tools, host, made);
  }
  await tools.overlay.detachEnded(host);
  const { container, name, restart, running, before } = entry.adopts;
  check();
  const old = await host.docker.container(container);
  if (old !== undefined) {
    if (old.name !== name) await host.docker.rename(old.id, name);
    check();
    await host.docker.setRestartPolicy(old.id, restart);
    check();
    if (running) await host.docker.start(old.id, { proxied: isOnNetwork(old) });
  }
  if (replica.files !== undefined) await dropFiles(tools, host, entry.replica);
  check();
  if (before === undefined) await tools.journals.remove(host, entry.replica);
  else await tools.journals.write(host, before);
}

async function madeFor(host: Host, { replica, epoch }: Adopting): Promise<ContainerState[]> {
  const all = await host.docker.containers({ [LABELS.replica]: replica });
  return all.filter((container) => epochOf(container) === epoch);
}
