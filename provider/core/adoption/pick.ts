import type { ContainerState } from "../adapter-ports";
import { LABELS } from "../identity";
import { COMPOSE, isKeptName, requestInWords, type AdoptRequest } from "./request";

/** A container that somebody else has made, and where. */
export interface Candidate {
  readonly host: string;
  readonly container: ContainerState;
}

export type Pick =
  | { readonly kind: "found"; readonly found: Candidate; readonly left: readonly Candidate[] }
  | { readonly kind: "none" }
  /** It cannot be said which one is meant. */
  | { readonly kind: "unclear"; readonly reason: string };

/** What has become of the service's other replicas. */
export interface Siblings {
  /** Their indices, and the hosts that they are on; those that are not there yet are left out. */
  readonly places: ReadonlyMap<number, string>;
  /** Ids of the containers whose place was taken, by the index of who took it. */
  readonly taken: ReadonlyMap<string, number>;
}

export const NO_SIBLINGS: Siblings = { places: new Map(), taken: new Map() };

/**
 * Which of them becomes the replica of this index: Compose counts its containers from 1, with gaps
 * where some were removed, and so the order of its numbers is that of the replicas. Containers
 * whose place was taken, and replicas that are there, are out of it on either side: one that has
 * moved has left no container, and must not shift those that come later.
 */
export function pickContainer(
  candidates: readonly Candidate[],
  request: AdoptRequest,
  index: number,
  { places, taken }: Siblings = NO_SIBLINGS,
): Pick {
  const isFree = ({ id }: ContainerState) => (taken.get(id) ?? index) === index;
  const theirs = candidates.filter(({ container }) => isTheirs(container) && isFree(container));
  const hosts = [...new Set(theirs.map(({ host }) => host))].sort();
  if (hosts.length > 1) {
    const where = hosts.map((host) => `'${host}'`).join(" and ");
    const reason = `${requestInWords(request)} is on hosts ${where}, and only one of them can be meant. Name it: \`adopt: { host }\``;
    return { kind: "unclear", reason };
  }
  const byNumber = new Map<number, Candidate[]>();
  for (const each of theirs) {
    const number = numberOf(each);
    byNumber.set(number, [...(byNumber.get(number) ?? []), each]);
  }
  const ranked = [...byNumber].sort(([a], [b]) => a - b).map(([, same]) => same);
  const isThere = (each: number) => places.has(each) || [...taken.values()].includes(each);
  const others = [...Array(request.replicas ?? index).keys()].filter((each) => each !== index);
  const before = others.filter((each) => each < index && !isThere(each));
  const own = ranked.find((each) => each.some(({ container }) => taken.has(container.id)));
  const same = own ?? ranked[before.length];
  if (same === undefined) return { kind: "none" };
  const left = leftBehind(same, places, taken);
  if (left !== undefined) return { kind: "unclear", reason: left };
  const running = same.filter(({ container }) => container.status === "running");
  if (running.length > 1) {
    const names = running.map(({ container }) => `'${container.name}'`).join(" and ");
    return {
      kind: "unclear",
      reason: `containers ${names} both run as ${requestInWords(request)}`,
    };
  }
  const found = (running[0] ?? newest(same)) as Candidate;
  const toCome = others.filter((each) => !isThere(each)).length + 1;
  const tooMany = request.replicas === undefined ? ranked.length : toCome;
  return { kind: "found", found, left: index === 0 ? ranked.slice(tooMany).flat() : [] };
}

/**
 * A container that was kept and that no journal names is of a replica which was deleted, or of one
 * that has just moved away and has newer data.
 */
function leftBehind(
  same: readonly Candidate[],
  places: Siblings["places"],
  taken: Siblings["taken"],
): string | undefined {
  const kept = same.find(({ container }) => isKeptName(container.name) && !taken.has(container.id));
  if (kept === undefined) return undefined;
  const away = [...places].find(([, host]) => host !== kept.host);
  if (away === undefined) return undefined;
  const [index, host] = away;
  return (
    `container '${kept.container.name}' on host '${kept.host}' may be the one whose place replica ${index} took before it ` +
    `moved to '${host}'. Remove it if it is, or name the one that is meant: \`adopt: { containers }\``
  );
}

/** Neither a replica's own, nor one of Compose's `run`. */
function isTheirs({ labels }: ContainerState): boolean {
  return labels[LABELS.replica] === undefined && labels[COMPOSE.oneOff]?.toLowerCase() !== "true";
}

function numberOf({ container }: Candidate): number {
  const number = Number(container.labels[COMPOSE.number] ?? "1");
  return Number.isInteger(number) ? number : 1;
}

function newest(candidates: readonly Candidate[]): Candidate | undefined {
  return [...candidates].sort((a, b) =>
    a.container.startedAt < b.container.startedAt ? 1 : -1,
  )[0];
}
