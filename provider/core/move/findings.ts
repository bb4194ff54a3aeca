import type { Machine, MachineIds } from "../machine";
import type { JournalEntry, TargetEntry } from "./journal";

/** A container that carries the replica's label. */
export interface Instance {
  readonly host: string;
  readonly containerId: string;
  readonly epoch: number;
  readonly running: boolean;
  /** It has run at least once, so that clients may have been answered by it. */
  readonly started: boolean;
  /** When it was started last, in its daemon's words. */
  readonly startedAt?: string;
  /** Its daemon may start it by itself. */
  readonly restarts: boolean;
  /** A change on its own host has put it beside, until what takes its place has shown that it runs. */
  readonly beside?: true;
  /** It is made as the program says. */
  readonly asWanted: boolean;
  /** Of the history of its data, as its label says; see `EntryFacts`. */
  readonly origin?: string;
}

/** What the hosts say of a replica. */
export interface Findings {
  readonly instances: readonly Instance[];
  /** By host. */
  readonly journals: Readonly<Record<string, JournalEntry>>;
  /** Hosts that answered. Any other, not asked or not answering, may hold anything. */
  readonly answered: readonly string[];
  /** Those of the others that are there, but answered with an error. */
  readonly troubled?: readonly string[];
}

/** Where state believes the replica to be. */
export interface Believed {
  readonly host: string;
  readonly epoch: number;
  readonly machine?: MachineIds;
  /** Absent in the middle of a run, which has seen to it. */
  readonly known?: KnownNames;
  /**
   * Its name leads to another machine now, and no name that answers leads to it: `host` is then no
   * name of the program's.
   */
  readonly replaced?: {
    readonly name: string;
    readonly known: MachineIds;
    readonly answers: Machine;
  };
}

/** What state knows of a replica's names and of the histories of its data. */
export interface KnownNames {
  /** The id by which state knows it. */
  readonly replica: string;
  /** As `ReplicaState.origins`. */
  readonly origins: readonly string[];
}

/**
 * A host's word that it has the replica: by a container, or by data whose container is gone. The
 * highest epoch counts.
 */
export interface Claim {
  readonly host: string;
  readonly epoch: number;
  readonly instance?: Instance;
}

/**
 * Whether the source of this target's move has let go of the replica, as far as its journal can be
 * seen.
 */
export function handedOver(
  findings: Findings,
  host: string,
  { other, move }: TargetEntry,
): "committed" | "opening" | "no" {
  const source = other === undefined ? undefined : findings.journals[other];
  if (source?.role !== "source" || source.other !== host) return "no";
  if (move !== undefined && source.move !== undefined && move !== source.move) return "no";
  return source.step === "committed" || source.step === "opening" ? source.step : "no";
}

/**
 * Whether a container is the replica, as far as its own host says. One that was never started holds
 * nothing yet, one that was taken back nothing any more. Whether it runs now does not matter: a
 * stopped copy with the newer data beats an older one that somebody started by hand.
 */
function claims(findings: Findings, instance: Instance): boolean {
  const entry = findings.journals[instance.host];
  if (entry === undefined) return instance.started;
  const { role, epoch } = entry;
  if (instance.epoch > epoch) return instance.started;
  switch (role) {
    case "home":
      return instance.epoch === epoch;
    case "source":
      return entry.step !== "committed" && (instance.started || instance.epoch === epoch);
    case "target": {
      // Whatever was there before the move began had been cleared away, or did not count.
      if (instance.epoch < epoch) return false;
      const word = handedOver(findings, instance.host, entry);
      // Without an inbound block, one that has run may have answered; behind an inbound block it
      // has not.
      const answered = word === "opening" && instance.started && entry.step !== "rejected";
      return word === "committed" || answered;
    }
    default:
      return false;
  }
}

function claimsData(findings: Findings, host: string, entry: JournalEntry): boolean {
  switch (entry.role) {
    case "home":
      return true;
    case "source":
      return entry.step !== "committed";
    case "target":
      return handedOver(findings, host, entry) === "committed";
    default:
      return false;
  }
}

/**
 * Every claim, by copies first; a host's data is claimed apart only where no copy there is as new.
 */
export function claimsOf(findings: Findings): Claim[] {
  const byInstances = findings.instances
    .filter((instance) => claims(findings, instance))
    .map((instance) => ({ host: instance.host, epoch: instance.epoch, instance }));
  const newest = new Map<string, number>();
  for (const { host, epoch } of byInstances) {
    newest.set(host, Math.max(epoch, newest.get(host) ?? 0));
  }
  const byData = Object.entries(findings.journals)
    .filter(([host, entry]) => claimsData(findings, host, entry))
    .filter(([host, { epoch }]) => epoch > (newest.get(host) ?? -1))
    .map(([host, { epoch }]) => ({ host, epoch }));
  return [...byInstances, ...byData];
}

/** The highest epoch that anybody knows of; the next container gets a higher one. */
export function highestEpoch(
  { instances: copies, journals }: Findings,
  believed?: Believed,
): number {
  return Math.max(
    0,
    believed?.epoch ?? 0,
    ...copies.map(({ epoch }) => epoch),
    ...Object.values(journals).flatMap(({ epoch, highest = 0 }) => [epoch, highest]),
  );
}

/** As if no other host had answered. */
export function heardOnlyOn(hosts: ReadonlySet<string>, findings: Findings): Findings {
  return {
    ...findings,
    instances: findings.instances.filter(({ host }) => hosts.has(host)),
    journals: Object.fromEntries(
      Object.entries(findings.journals).filter(([host]) => hosts.has(host)),
    ),
    answered: findings.answered.filter((host) => hosts.has(host)),
  };
}
