import { targetChanges } from "./router-container";
import type { PeerRole } from "./topology";

/** A peer of a cluster, as it is or as it is to be. */
export interface PlannedHost extends PeerRole {
  readonly address: string;
}

/** A cluster by host. */
export type Shape = Readonly<Record<string, PlannedHost>>;

export type Step =
  | { readonly do: "connect"; readonly host: string; readonly targets: readonly string[] }
  | { readonly do: "launch"; readonly host: string; readonly targets: readonly string[] }
  /** Until it is connected and knows how the range is divided. */
  | { readonly do: "await"; readonly host: string }
  | { readonly do: "reset"; readonly host: string }
  /** `host` takes over the share of one that is gone. */
  | { readonly do: "rmpeer"; readonly host: string; readonly gone: string }
  | { readonly do: "forget"; readonly host: string; readonly targets: readonly string[] };

/** Steps that may be taken beside one another. */
export type Wave = readonly Step[];

export interface ChangeOptions {
  /** One new peer at a time, each in the network before the next: where all are electors (uniform). */
  readonly oneAtATime: boolean;
  /** Hosts that leave and do not answer. */
  readonly lost?: ReadonlySet<string>;
}

/**
 * From one set of peers to another, in an order in which no peer is ever without a way to the others: first those that stay
 * dial all that they are to dial, then come the new ones, then go the old ones, and only then are old targets forgotten.
 * Each wave may be cut off and taken again; what is done already makes no step.
 */
export function planChange(
  before: Shape,
  after: Shape,
  { oneAtATime, lost = new Set() }: ChangeOptions,
): Wave[] {
  const joining = Object.keys(after).filter((host) => !Object.hasOwn(before, host));
  const staying = Object.keys(after).filter((host) => Object.hasOwn(before, host));
  const leaving = Object.keys(before).filter((host) => !Object.hasOwn(after, host));
  const changes = staying.map((host) => ({
    host,
    ...targetChanges(after[host]?.targets ?? [], before[host]?.targets ?? []),
  }));
  const connects = changes
    .filter(({ connect }) => connect.length > 0)
    .map(({ host, connect }): Step => ({ do: "connect", host, targets: connect }));
  const forgets = changes
    .filter(({ forget }) => forget.length > 0)
    .map(({ host, forget }): Step => ({ do: "forget", host, targets: forget }));
  const launches = joining.map((host): Step => ({
    do: "launch",
    host,
    targets: after[host]?.targets ?? [],
  }));
  const awaits = joining.map((host): Step => ({ do: "await", host }));
  // Where there is no network yet, nobody can be waited for before all are there.
  const inTurn = oneAtATime && staying.length > 0;
  const arrivals: Wave[] = inTurn
    ? launches.flatMap((launch, i) => [[launch], awaits.slice(i, i + 1)])
    : [launches, awaits];
  const heir = staying.find((host) => after[host]?.elector) ?? Object.keys(after)[0];
  const departures: Wave[] = [
    leaving.filter((host) => !lost.has(host)).map((host): Step => ({ do: "reset", host })),
    ...leaving
      .filter((gone) => lost.has(gone) && heir !== undefined)
      .map((gone): Wave => [{ do: "rmpeer", host: heir ?? "", gone }]),
  ];
  return [connects, ...arrivals, ...departures, forgets].filter((wave) => wave.length > 0);
}
