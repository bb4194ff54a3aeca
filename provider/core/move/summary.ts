import type { Guidance, PlacedReplica, CheckedReplica } from "../replica/model";
import { hasOwnNetwork } from "../replica/own-network";
import { hookInWords } from "../replica/move-settings";
import { replicaLabel } from "../replica/replica-names";
import { specHash } from "../replica/spec-hash";
import { containsUnknown, isUnknown } from "../unknown";
import { formatRate } from "./format";
import { returnInWords } from "./source-lost";

/**
 * What a preview says of a move: what is kept, what becomes of the data (`handOver`), and whatever
 * else this very move has.
 */
export function summaryOf(
  old: CheckedReplica,
  next: PlacedReplica,
  handOver: string,
  guidance: Guidance,
): string {
  const from = old.host;
  const to = next.host;
  const changed = !containsUnknown([old, next]) && specHash(old) !== specHash(next);
  const first =
    `${replicaLabel(next)} moves ${from} -> ${to}: ${addressInWords(to, next)}; ` +
    `${handOver}${changed ? "; the changed container is made in the same stop" : ""}`;
  const more: [string, string][] = [
    ...why(from, next, guidance),
    ...sharing(guidance),
    ...hooks(from, to, next),
    ...lost(from, to, next),
    ["steps", stepsInWords(from, to, next)],
  ];
  return [first, ...more.map(([what, words]) => `  ${what}: ${words}`)].join("\n");
}

function addressInWords(to: string, { spec, ip, dnsName }: PlacedReplica): string {
  if (hasOwnNetwork(spec)) return `keeps ${ip} and ${dnsName}`;
  return spec.networkNamespace === "host"
    ? `its address is ${to}'s from then on, as it is on its host's network`
    : "goes with the container whose network it is on";
}

function why(
  from: string,
  { connections }: PlacedReplica,
  { draining = [], rebalance }: Guidance,
): [string, string][] {
  if (!isUnknown(draining) && draining.includes(from)) {
    return [["why", `host '${from}' is to be drained`] satisfies [string, string]];
  }
  if (rebalance !== undefined && !isUnknown(rebalance)) return [["why", rebalance]];
  if (isUnknown(connections) || from in connections) return [];
  return [["why", `host '${from}' has left the program`] satisfies [string, string]];
}

function sharing({ sharesWith = {} }: Guidance): [string, string][] {
  if (containsUnknown(sharesWith)) return [];
  return Object.entries(sharesWith).map(([volume, others]) => [
    "with it",
    `${others.join(", ")}, which ${others.length === 1 ? "shares" : "share"} its volume '${volume}': ` +
      "stopped, copied and started together",
  ]);
}

function hooks(from: string, to: string, next: PlacedReplica): [string, string][] {
  const { quiesce, resume, maxBandwidth } = next;
  const rows: [string, string][] = [];
  if (quiesce !== undefined) {
    const words = `its quiesce command on ${from}${hookInWords(quiesce)}; when that fails, the move is taken back`;
    rows.push(["before the stop", words]);
  }
  if (resume !== undefined) {
    rows.push(["after the start", `its resume command on ${to}${hookInWords(resume)}`]);
  }
  if (maxBandwidth !== undefined && !isUnknown(maxBandwidth)) {
    rows.push(["bandwidth", `at most ${formatRate(maxBandwidth, 1000)}`]);
  }
  return rows;
}

/** What would be lost is said before, since a preview does not ask the hosts. */
function lost(from: string, to: string, { onSourceLost }: PlacedReplica): [string, string][] {
  const when = `if ${from} does not answer`;
  const returns = returnInWords(from);
  switch (onSourceLost) {
    case "useLastCopy":
      return [
        [
          when,
          `it starts on ${to} from the last complete copy there, and WHAT WAS WRITTEN SINCE IS LOST. ${returns}`,
        ],
      ];
    case "startEmpty":
      return [[when, `it starts on ${to} with EMPTY VOLUMES. ${returns}`]];
    default:
      return [];
  }
}

function stepsInWords(from: string, to: string, { quiesce, resume }: PlacedReplica): string {
  return [
    `preflight, prepare (${to})`,
    `pre-copy (${from} -> ${to})`,
    `${quiesce === undefined ? "" : "quiesce, "}fence, stop (${from})`,
    "final delta, compare",
    `start, commit${resume === undefined ? "" : ", resume"} (${to})`,
    `retire (${from}); what fails before commit is taken back, and it runs on ${from} as before`,
  ].join(", ");
}
