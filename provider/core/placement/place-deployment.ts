import type { PlaceHost, Standing } from "./occupancy";
import { place, type Choice, type Member } from "./place";
import type { StandingReplica } from "./standing";
import type { Placements } from "./suggest-hosts";
import type { Reservation, Wish } from "./wish";
import { reasonInWords, refusalInWords } from "./words";

/** A replica of a deployment that says how it is to be placed. */
export interface WishedReplica {
  readonly key: string;
  readonly service: string;
  readonly index: number;
  /** What tells it from all others of the stack: "apples/redis-0". */
  readonly id: string;
  /** Ids that it may have had before. */
  readonly former: readonly string[];
  readonly volumes: readonly string[];
  /** The program names its host. */
  readonly fixed: boolean;
  /** Where it is known while the program runs. */
  readonly host?: string;
}

export interface WishedDeployment {
  readonly deployment: string;
  readonly wishes: Readonly<Record<string, Wish>>;
  readonly replicas: readonly WishedReplica[];
  /** Moves that a host may take part in, where the program asks for a better placement. */
  readonly rebalance?: number;
}

/** What a cluster's deployments that were placed before are to carry. */
export interface Before {
  readonly replicas: ReadonlyMap<string, Standing>;
  /** Where those may be as well that the load of the hosts decides about. */
  readonly perhaps: readonly Standing[];
}

export const NOTHING_BEFORE: Before = { replicas: new Map(), perhaps: [] };

export interface PlacedDeployment {
  readonly hosts: Placements;
  readonly choices: Readonly<Record<string, Choice>>;
  /** By replica, why it is to move. */
  readonly moves: Readonly<Record<string, string>>;
  /** Moves that are left to later runs. */
  readonly later: number;
  readonly problems: readonly string[];
  readonly before: Before;
}

/**
 * Where a deployment's replicas go: what state knows of others counts where it is, and what was
 * placed before it where it goes.
 */
export function placeDeployment(
  { deployment, wishes, replicas, rebalance }: WishedDeployment,
  hosts: readonly PlaceHost[],
  state: readonly StandingReplica[],
  before: Before = NOTHING_BEFORE,
): PlacedDeployment {
  const known = new Map(state.map((each) => [`${each.deployment}/${each.key}`, each]));
  const own = new Set(replicas.flatMap(({ id, former }) => [id, ...former]));
  const others = new Map<string, Standing>(
    [...known, ...before.replicas].filter(([id]) => !own.has(id)),
  );
  const members = replicas.map((replica): Member => {
    const { key, service, index, id, former, volumes, fixed } = replica;
    const there = [id, ...former].flatMap((each) => known.get(each) ?? [])[0];
    const host = replica.host ?? there?.host;
    return {
      ...{ key, service, index, volumes, wish: wishes[service] ?? {} },
      ...(host === undefined ? {} : { host }),
      ...(fixed ? { fixed: true as const } : {}),
    };
  });
  const placed = place({
    ...{ hosts, members, standing: [...others.values(), ...before.perhaps] },
    ...(rebalance === undefined ? {} : { rebalance }),
  });
  return {
    hosts: placed.hosts,
    choices: placed.choices,
    moves: Object.fromEntries(
      placed.moves.flatMap((move) => move.keys.map((key) => [key, reasonInWords(move)])),
    ),
    later: placed.later,
    problems: placed.refusals.map((refusal) => refusalInWords(deployment, refusal)),
    before: {
      replicas: new Map([...before.replicas, ...occupiedBy(replicas, wishes, placed.hosts)]),
      perhaps: [...before.perhaps, ...perhapsOf(placed.choices)],
    },
  };
}

const occupiedBy = (
  replicas: readonly WishedReplica[],
  wishes: WishedDeployment["wishes"],
  hosts: Placements,
): [string, Standing][] =>
  replicas.flatMap(({ key, id, service }): [string, Standing][] => {
    const host = hosts[key];
    return host === undefined ? [] : [[id, { host, ...reservationOf(wishes[service]) }]];
  });

/** Each once, wherever it may go but to where it is expected. */
function perhapsOf(choices: Readonly<Record<string, Choice>>): Standing[] {
  const each = new Map(Object.values(choices).map((choice) => [choice.group, choice]));
  return [...each.values()].flatMap(({ hosts, standIn, needs }) =>
    hosts.filter((host) => host !== standIn).map((host) => ({ host, ...needs })),
  );
}

/** What a wish keeps free. */
export const reservationOf = ({ cpus, memory }: Wish = {}): Reservation => ({
  ...(cpus === undefined ? {} : { cpus }),
  ...(memory === undefined ? {} : { memory }),
});

/** Whether it matters what hosts have. */
export const asksForCapacities = (wishes: WishedDeployment["wishes"]): boolean =>
  Object.values(wishes).some(({ cpus, memory }) => cpus !== undefined || memory !== undefined);
