import type { Ulimit } from "../../container-spec";
import { property, type ServiceDraft } from "../draft";
import { into, readFields, unlessEmpty, type FieldTable } from "../fields";
import { didYouMean } from "../name-rules";
import type { Place } from "../problems";
import { integer, isZero, mapping, matching, positiveDecimal, size, type Parser } from "../scalars";
import { isMapping, type Node } from "../yaml";

/** A size, or -1 for no limit. */
const sizeOrUnlimited: Parser<number> = (node, at) => (node === "-1" ? -1 : size(node, at));

const ULIMITS =
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
    " ",
  );

interface UlimitDraft {
  soft?: number;
  hard?: number;
}

const limit = integer(-1);

/** The long syntax of one entry of `ulimits`. */
export const ulimitFields: FieldTable<UlimitDraft> = {
  soft: into("soft", limit, "Whole number; -1 is no limit."),
  hard: into("hard", limit, "Whole number; -1 is no limit."),
};

function ulimit(name: string, node: Node, at: Place): Ulimit | undefined {
  if (!ULIMITS.includes(name))
    return at.problem(`Linux has no such limit.${didYouMean(name, ULIMITS) || " Remove it."}`);
  if (!isMapping(node)) {
    const both = limit(node, at);
    return both === undefined ? undefined : { name, soft: both, hard: both };
  }
  const draft: UlimitDraft = {};
  readFields(ulimitFields, node, at, draft);
  const { soft, hard } = draft;
  if (soft === undefined || hard === undefined) return at.problem("needs both `soft` and `hard`.");
  const unlimited = (value: number) => (value === -1 ? Infinity : value);
  if (unlimited(soft) > unlimited(hard))
    return at.problem("has `soft` above `hard`. Lower `soft`.");
  return { name, soft, hard };
}

export const ulimits: Parser<readonly Ulimit[]> = (node, at) => {
  const read = mapping(node, at);
  return read && [...read].flatMap(([name, value]) => ulimit(name, value, at.key(name)) ?? []);
};

export const resourceFields: FieldTable<ServiceDraft> = {
  mem_limit: property("memoryBytes", size, "Size."),
  memswap_limit: property(
    "memorySwapBytes",
    sizeOrUnlimited,
    "Size of memory and swap together, `mem_limit` or more; -1 is no limit.",
  ),
  mem_reservation: property("memoryReservationBytes", size, "Size, `mem_limit` at most."),
  cpus: unlessEmpty(
    property("cpus", positiveDecimal, "Number of CPUs, such as 0.5; 0 is no limit."),
    isZero,
  ),
  cpu_shares: unlessEmpty(
    property("cpuShares", integer(2, 262144), "Whole number, 2 to 262144; 0 is Docker's default."),
    isZero,
  ),
  cpuset: unlessEmpty(
    property(
      "cpusetCpus",
      matching(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, "a set of CPUs", 'Write "0-3" or "0,2".'),
      "CPUs, such as 0-3 or 0,2.",
    ),
  ),
  pids_limit: property("pidsLimit", integer(-1), "Whole number; -1 is no limit."),
  oom_score_adj: property("oomScoreAdj", integer(-1000, 1000), "-1000 to 1000."),
  ulimits: property("ulimits", ulimits, "Mapping of a limit to one number, or to soft and hard."),
};

/** What can only be said when all keys have been read. */
export function checkMemory(draft: ServiceDraft): void {
  const { memoryBytes, memorySwapBytes, memoryReservationBytes } = draft.container;
  const swapAt = draft.setAt.get("memorySwapBytes");
  if (memorySwapBytes !== undefined && memoryBytes === undefined)
    swapAt?.problem("needs `mem_limit` beside it.");
  else if (memorySwapBytes !== undefined && memorySwapBytes !== -1)
    if (memorySwapBytes < (memoryBytes ?? 0))
      swapAt?.problem("is below `mem_limit`, and counts memory and swap together. Raise it.");
  if (memoryReservationBytes !== undefined && memoryReservationBytes > (memoryBytes ?? Infinity))
    draft.setAt.get("memoryReservationBytes")?.problem("is above the memory limit. Lower it.");
}
