import type { PlacementRecord } from "./record";

/** A container that carries the replica's label. */
export interface Copy {
  readonly host: string;
  readonly containerId: string;
  readonly epoch: number;
  readonly running: boolean;
  /** It has run at least once, so that clients may have been answered by it. */
  readonly started: boolean;
}

export interface Findings {
  readonly copies: readonly Copy[];
  /** By host. */
  readonly records: Readonly<Record<string, PlacementRecord>>;
  /** Hosts that did not answer. */
  readonly unreachable: readonly string[];
}

/** Where state believes the replica to be. */
export interface Believed {
  readonly host: string;
  readonly epoch: number;
}

export type Decision =
  | {
      /** No container holds the replica. `dataOn` is the host that had it last, when one says so. */
      readonly kind: "absent";
      readonly lastEpoch: number;
      readonly dataOn?: string;
      readonly stale: readonly Copy[];
      readonly halfMade: readonly string[];
    }
  | {
      readonly kind: "home";
      readonly home: Copy;
      readonly lastEpoch: number;
      /** Containers to be stopped and removed: none of them holds anything that counts. */
      readonly stale: readonly Copy[];
      /** Hosts whose copy of the data was never finished, or was taken back. */
      readonly halfMade: readonly string[];
    }
  | { readonly kind: "undecided"; readonly reason: string };

/**
 * Which container holds the replica. The highest epoch wins among those that count: a container that has never been
 * started holds nothing yet, and one that was taken back holds nothing any more. Whether it runs now does not matter: a
 * stopped copy with the newer data beats an older one that somebody started by hand.
 */
export function decide(findings: Findings, believed?: Believed): Decision {
  const { copies, records } = findings;
  const counting = copies.filter((copy) => counts(copy, records[copy.host]));
  const highest = Math.max(0, ...counting.map(({ epoch }) => epoch));
  const highestHome = homeOf(records);
  const lastEpoch = Math.max(
    0,
    believed?.epoch ?? 0,
    ...copies.map(({ epoch }) => epoch),
    ...Object.values(records).map(({ epoch }) => epoch),
  );

  const blocked = unreachableDoubt(findings, Math.max(highest, highestHome?.epoch ?? 0), believed);
  if (blocked !== undefined) return { kind: "undecided", reason: blocked };

  if (highest === 0 || (highestHome !== undefined && highestHome.epoch > highest)) {
    const dataOn = highestHome?.host;
    return {
      kind: "absent",
      lastEpoch,
      stale: copies,
      halfMade: halfMadeOn(records, dataOn),
      ...(dataOn === undefined ? {} : { dataOn }),
    };
  }
  const top = counting.filter(({ epoch }) => epoch === highest);
  const running = top.filter((copy) => copy.running);
  const candidates = running.length > 0 ? running : top;
  const [home, ...others] = candidates;
  if (home === undefined || others.length > 0) {
    const hosts = candidates.map(({ host }) => `'${host}'`).join(" and ");
    return {
      kind: "undecided",
      reason: `containers on ${hosts} claim to be its one copy (epoch ${highest}); remove the one that is not to be kept`,
    };
  }
  return {
    kind: "home",
    home,
    lastEpoch,
    stale: copies.filter((copy) => copy !== home),
    halfMade: halfMadeOn(records, home.host),
  };
}

function counts(copy: Copy, record: PlacementRecord | undefined): boolean {
  if (record?.role === "rejected" && record.epoch === copy.epoch) return false;
  return copy.started || (record?.role === "home" && record.epoch === copy.epoch);
}

function homeOf(records: Findings["records"]): { host: string; epoch: number } | undefined {
  return Object.entries(records)
    .filter(([, { role }]) => role === "home" || role === "leaving")
    .map(([host, { epoch }]) => ({ host, epoch }))
    .sort((a, b) => b.epoch - a.epoch)[0];
}

function halfMadeOn(records: Findings["records"], home: string | undefined): string[] {
  return Object.entries(records)
    .filter(([host, { role }]) => host !== home && (role === "arriving" || role === "rejected"))
    .map(([host]) => host);
}

/** A host that does not answer may hold the copy that counts: then nothing is certain. */
function unreachableDoubt(
  { records, unreachable }: Findings,
  highest: number,
  believed: Believed | undefined,
): string | undefined {
  if (believed !== undefined && unreachable.includes(believed.host) && highest <= believed.epoch) {
    return `host '${believed.host}', where it was last, does not answer`;
  }
  const other = Object.values(records).find(
    ({ role, other: host, epoch }) =>
      role === "leaving" && host !== undefined && unreachable.includes(host) && epoch >= highest,
  )?.other;
  return other === undefined
    ? undefined
    : `it was being moved to host '${other}', which does not answer, and may run there`;
}
