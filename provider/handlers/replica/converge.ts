import type { Connections } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { Believed, Copy } from "../../core/move/findings";
import type { JournalEntry } from "../../core/move/journal";
import { lastMoveTo } from "../../core/move/last-move";
import type { Host } from "../../core/ports";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/names";
import { jobOf } from "../move/job";
import { moveReplica } from "../move/move";
import { heardFrom, type Discovery } from "./discover";
import {
  createFresh,
  isAsWanted,
  recreate,
  takeOver,
  type InPlaceJob,
  type Running,
} from "./in-place";
import { holding, type Holding } from "./holding";
import { settle, type Settled } from "./settle";
import { passOver } from "./source-lost";
import { capitalized, withoutClaim } from "./outcome";
import type { ReplicaTools } from "./tools";

/**
 * Brings a replica to what the program says, from whatever is found: nothing, its container here or elsewhere, or what
 * an interrupted run has left. `olds` is what state knows, if anything.
 */
export async function converge(
  tools: ReplicaTools,
  replica: PlacedReplica,
  olds?: ReplicaState,
): Promise<ReplicaState> {
  // The old host may have left the program already; the way to it is in state.
  const connections: Connections = { ...olds?.connections, ...replica.connections };
  const hosts = [replica.host, ...(olds === undefined ? [] : [olds.host])];
  const reason = reasonOf(replica, olds);
  const progress = { changed: false };
  const begin = () => {
    progress.changed = true;
  };
  try {
    return await holding(tools, { replica, connections, hosts, reason }, (held) =>
      converged(tools, replica, connections, { ...held, begin, progress }, olds),
    );
  } catch (error) {
    throw toldWhole(error, replica, reason, progress.changed);
  }
}

/** A message of an adapter's says what failed on which host; the user is told of which replica, and what is left. */
function toldWhole(
  error: unknown,
  replica: PlacedReplica,
  reason: string,
  changed: boolean,
): unknown {
  if (!(error instanceof FerryError) || error.message.includes(replicaLabel(replica))) return error;
  return new FerryError(`${reason} failed: ${withoutClaim(error)} ${leftBehind(changed)}`, {
    cause: error,
  });
}

function leftBehind(changed: boolean): string {
  return changed
    ? "What was begun is finished or taken back by the next `pulumi up`; nothing of its data is lost."
    : "Nothing was changed; the next `pulumi up` tries again.";
}

function reasonOf(replica: PlacedReplica, olds: ReplicaState | undefined): string {
  const label = replicaLabel(replica);
  if (olds === undefined) return `creating ${label} on '${replica.host}'`;
  return olds.host === replica.host
    ? `updating ${label} on '${replica.host}'`
    : `moving ${label} to '${replica.host}'`;
}

async function converged(
  tools: ReplicaTools,
  replica: PlacedReplica,
  connections: Connections,
  held: Holding & { readonly begin: () => void; readonly progress: { readonly changed: boolean } },
  olds?: ReplicaState,
): Promise<ReplicaState> {
  const label = replicaLabel(replica);
  const believed: Believed | undefined = olds && { host: olds.host, epoch: olds.epoch };
  const wish = {
    replica,
    connections,
    check: () => {
      held.check();
      held.begin();
    },
    brisk: held.silent,
    ...(believed === undefined ? {} : { believed }),
  };
  let found = await settle(tools, wish);
  if (found.settled.kind === "refuse") {
    const { silent } = found.settled;
    if (silent !== undefined && silent !== replica.host) {
      const reason = await passOver(tools, replica, found, silent);
      if (reason !== undefined)
        throw refused(label, { reason, silent }, found.discovery, held.progress);
      found = await settle(tools, wish);
    }
  }
  const { settled, discovery } = found;
  if (settled.kind === "refuse") throw refused(label, settled, discovery, held.progress);
  warnOfSilence(tools, label, discovery);
  const target = heardFrom(discovery, replica.host);
  const others = [...discovery.hosts.values()].filter((host) => host !== target);
  const job: InPlaceJob = { label, replica, host: target, others, nextEpoch: settled.epoch };
  const lastMove = lastMoveTo(replica.host, olds);
  held.check();
  // Making a first container takes back itself what it has made.
  if (settled.kind !== "create") held.begin();
  switch (settled.kind) {
    case "create": {
      const running = await createFresh(tools, {
        ...job,
        ...olderCopy(discovery.findings.journals[replica.host]),
        others: withoutRetired(others, discovery),
      });
      return { ...replica, ...running, ...lastMove };
    }
    case "keep": {
      const running = await inPlace(tools, job, settled.home, discovery);
      return { ...replica, ...running, ...lastMove };
    }
    case "move": {
      const moving = jobOf(tools, { replica, label, settled, discovery, connections, held });
      return tools.turns.take(
        [moving.source.name, moving.target.name],
        () => moveReplica(tools, moving),
        () => {
          tools.progress.info(`${label}: waits for other moves of its hosts to end`);
        },
      );
    }
  }
}

async function inPlace(
  tools: ReplicaTools,
  job: InPlaceJob,
  home: Copy,
  discovery: Discovery,
): Promise<Running> {
  const container = discovery.containers.get(home.containerId);
  if (container === undefined) throw new FerryError(`the container of ${job.label} is gone.`);
  return isAsWanted(container, job.replica)
    ? takeOver(tools, job, container, home.epoch)
    : recreate(tools, { ...job, others: withoutRetired(job.others, discovery) }, container);
}

/** What a host's own journal says of a copy that another host has a newer one of, or that never counted. */
function olderCopy(entry: JournalEntry | undefined): { older?: JournalEntry } {
  const counts =
    entry === undefined ||
    entry.role === "home" ||
    (entry.role === "source" && entry.step !== "committed");
  return counts ? {} : { older: entry };
}

/** A retired copy is no data that anybody misses. */
function withoutRetired(others: readonly Host[], { findings }: Discovery): Host[] {
  return others.filter(({ name }) => findings.journals[name]?.role !== "retired");
}

function warnOfSilence({ progress }: ReplicaTools, label: string, { failures }: Discovery): void {
  if (failures.size === 0) return;
  const silent = [...failures.keys()].sort().map((host) => `'${host}'`);
  progress.warn(`${label}: not looked for on ${silent.join(", ")}, which does not answer`);
}

function refused(
  label: string,
  { reason, silent }: Omit<Extract<Settled, { kind: "refuse" }>, "kind">,
  { failures }: Discovery,
  { changed }: { readonly changed: boolean },
): FerryError {
  const why = silent === undefined ? undefined : failures.get(silent);
  const what = `bringing ${label} to what the program says failed: ${reason}.`;
  if (why === undefined) return new FerryError(`${what} Nothing of its data was changed.`);
  return new FerryError(`${what} ${capitalized(withoutClaim(why))} ${leftBehind(changed)}`);
}
