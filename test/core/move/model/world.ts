import type { Findings } from "../../../../provider/core/move/findings";
import type { JournalEntry } from "../../../../provider/core/move/journal";

/**
 * Hosts so small that every state they can come to is looked at. One write of a client stands for
 * all.
 */
export interface World {
  readonly hosts: Record<string, ModelHost>;
  /** The client was told that its write is kept. */
  acknowledged: boolean;
  /** What the engine has in its state. */
  believed: { host: string; epoch: number };
  run?: Run;
  script?: Script;
  /** What is still allowed to happen. */
  faults: number;
  runs: number;
}

export interface ModelHost {
  up: boolean;
  /** Whether the operator reaches it; the hosts reach each other. */
  reached: boolean;
  /** The operator did not reach it at some moment, though it was up. */
  wasOutOfReach?: true;
  journal?: JournalEntry;
  containers: Container[];
  volume?: Volume;
  /** Volumes that were set aside. */
  quarantined: Volume[];
}

export interface Container {
  readonly id: string;
  readonly epoch: number;
  running: boolean;
  started: boolean;
  /** It differs once somebody has started it by hand; Ferry's own starts need not be told apart. */
  startedAt: "before" | "by hand";
  /** Restart policy. */
  always: boolean;
  /** Running, but its program waits. */
  atBarrier: boolean;
  /** Nobody reaches it from outside. */
  inboundBlock: boolean;
}

export interface Volume {
  /** The client's write is in it. */
  has: boolean;
}

export interface Run {
  wanted: string;
  ops: ModelOp[];
}

/** The cutover: a process on the target, and one at the source that ends with its connection. */
export interface Script {
  readonly source: string;
  readonly target: string;
  readonly move: string;
  ops: CutoverOp[];
  opened: boolean;
  committed: boolean;
  /** Only the source's part is left, which puts its container back. */
  orphaned: boolean;
}

export type ModelOp = { readonly kind: string; readonly [key: string]: unknown };
export type CutoverOp = {
  readonly at: "source" | "target";
  readonly does: string;
  readonly text?: JournalEntry;
  readonly only?: JournalEntry | "none";
};

/** Journals and lists of what is still to be done are never changed, so that copies share them. */
export function copyOf({ hosts, run, script, ...rest }: World): World {
  return {
    ...rest,
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, host]) => [
        name,
        {
          ...host,
          containers: host.containers.map((container) => ({ ...container })),
          ...(host.volume === undefined ? {} : { volume: { ...host.volume } }),
          quarantined: [...host.quarantined],
        },
      ]),
    ),
    ...(run === undefined ? {} : { run: { ...run } }),
    ...(script === undefined ? {} : { script: { ...script } }),
  };
}

export const answers = ({ up, reached }: ModelHost) => up && reached;

export const open = ({ running, atBarrier, inboundBlock }: Container) =>
  running && !atBarrier && !inboundBlock;

export function findingsOf({ hosts }: World): Findings {
  const heard = Object.entries(hosts).filter(([, host]) => answers(host));
  return {
    answered: heard.map(([name]) => name),
    journals: Object.fromEntries(
      heard.flatMap(([name, { journal }]) => (journal === undefined ? [] : [[name, journal]])),
    ),
    instances: heard.flatMap(([name, { containers }]) =>
      containers.map(({ id, epoch, running, started, startedAt, always }) => ({
        host: name,
        containerId: id,
        epoch,
        running,
        started,
        startedAt,
        restarts: always,
        asWanted: true,
      })),
    ),
  };
}

/** What the world must never show. */
export function violation({ hosts }: World): string | undefined {
  const all = Object.entries(hosts).flatMap(([name, host]) =>
    host.up ? host.containers.map((container) => ({ name, host, container })) : [],
  );
  const answering = all.filter(({ container }) => open(container));
  if (answering.length > 1) {
    return `copies on ${answering.map(({ name }) => name).join(" and ")} answer clients`;
  }
  // Out of the operator's sight a copy may live on behind its inbound block, where nobody is ever
  // answered by it: it cannot commit any more once the source has been put back. A host that is
  // dead is no excuse.
  const programs = all.filter(
    ({ host, container }) =>
      container.running && !container.atBarrier && !(container.inboundBlock && host.wasOutOfReach),
  );
  if (programs.length > 1) {
    return `programs run on ${programs.map(({ name }) => name).join(" and ")}`;
  }
  return undefined;
}

/** What can be done to hosts from outside. */
export const accidents = {
  powerLoss(host: ModelHost) {
    host.up = false;
    for (const container of host.containers)
      Object.assign(container, { running: false, atBarrier: false, inboundBlock: false });
  },
  powerBack(host: ModelHost) {
    host.up = true;
    for (const container of host.containers) if (container.always) startOpen(container);
  },
  daemonRestart(host: ModelHost) {
    for (const container of host.containers) {
      Object.assign(container, { running: false, atBarrier: false, inboundBlock: false });
      if (container.always) startOpen(container);
    }
  },
  /**
   * Whoever finds a source standing still in the middle of a move starts it, is served by it, and
   * stops it again.
   */
  servesByHand(world: World, name: string) {
    const host = world.hosts[name]!;
    const [source] = host.containers;
    Object.assign(source!, { started: true, startedAt: "by hand" });
    host.volume!.has = true;
    world.acknowledged = true;
  },
};

/**
 * Where that breaks no promise by itself: between two runs, on a source that has let nobody have
 * the replica, while nothing else runs. Nobody helps whoever does it while a run has looked and is
 * about to act.
 */
export function mayServeByHand({ hosts, run, script, acknowledged }: World, name: string): boolean {
  const { up, journal, volume } = hosts[name]!;
  if (!up || volume === undefined || acknowledged) return false;
  if (run !== undefined || script !== undefined) return false;
  if (journal?.role !== "source" || journal.step === "committed") return false;
  return Object.values(hosts).every(({ containers }) => containers.every((each) => !each.running));
}

export function startOpen(container: Container): void {
  Object.assign(container, { running: true, started: true, atBarrier: false, inboundBlock: false });
}

export function write(world: World): boolean {
  if (world.acknowledged) return false;
  for (const host of Object.values(world.hosts)) {
    if (!host.up || host.volume === undefined || !host.containers.some(open)) continue;
    host.volume.has = true;
    world.acknowledged = true;
    return true;
  }
  return false;
}
