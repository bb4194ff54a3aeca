import { canonicalJson } from "../canonical-json";
import type { Connections } from "../connection";
import type { InputProblem } from "../errors";
import { DEFAULT_DNS_DOMAIN } from "../identity";
import { containsUnknown, isUnknown, UNKNOWN } from "../unknown";
import { settleFormerly } from "./formerly";
import type { PlacedReplica, ReplicaInputs } from "./model";
import { movesPerHostProblems, moveSettings } from "./move-settings";
import { replicaNames } from "./names";
import { hasOtherPlace, nameNow } from "./known-places";
import { placementProblems, type Placement } from "./placement-problems";
import { replicaProblems } from "./problems";

/** Seconds that a started container may take to be healthy, unless the program says otherwise. */
const DEFAULT_HEALTH_TIMEOUT_SECONDS = 60;

/**
 * Settles the host and the names, so that preview shows them, and says what is wrong. Pure. The
 * host is sticky: only the user's own word, or the loss of the host, makes it another one. Anything
 * in `news` may be unknown.
 */
export function checkReplica(
  olds: Partial<PlacedReplica>,
  news: ReplicaInputs,
): { inputs: PlacedReplica; problems: InputProblem[] } {
  const { host: wanted, suggestedHost, connections, ...rest } = withDefaults(news);
  const placement = { old: olds.host, wanted, suggestedHost, connections, draining: news.draining };
  const host = settleHost(placement, olds.connections);
  const suggested = isSuggested(placement, olds, news) ? { suggested: true as const } : {};
  const known = !containsUnknown([rest.deployment, rest.service, rest.index, rest.dnsDomain]);
  const names = known ? replicaNames(rest) : { containerName: UNKNOWN, dnsName: UNKNOWN };
  const { settings, problems } = moveSettings(news);
  const before = settleFormerly(olds, news);
  const settled = { ...rest, ...settings, ...before.formerly, ...names, host, ...suggested };
  const inputs = { ...settled, connections: quietConnections(olds, settled, connections) };
  return {
    inputs,
    problems: [
      ...replicaProblems({ ...inputs, connections }),
      ...placementProblems({ ...placement, host }),
      ...problems,
      ...before.problems,
      ...movesPerHostProblems(news.movesPerHost),
    ],
  };
}

/** Only what belongs to a replica: whatever else came along would count as a change one day. */
function withDefaults(news: ReplicaInputs) {
  return {
    project: news.project,
    stack: news.stack,
    deployment: news.deployment,
    service: news.service,
    index: news.index,
    ...(news.host === undefined ? {} : { host: news.host }),
    suggestedHost: news.suggestedHost,
    spec: news.spec,
    environment: (news.environment as ReplicaInputs["environment"] | undefined) ?? {},
    volumes: (news.volumes as ReplicaInputs["volumes"] | undefined) ?? {},
    ip: news.ip,
    subnet: news.subnet,
    dnsDomain: (news.dnsDomain as string | undefined) ?? DEFAULT_DNS_DOMAIN,
    connections: news.connections,
    verify: news.verify ?? ("manifest" as const),
    healthTimeoutSeconds: news.healthTimeoutSeconds ?? DEFAULT_HEALTH_TIMEOUT_SECONDS,
  };
}

function settleHost(placement: Placement, before: Connections | undefined): string {
  const { old, wanted, suggestedHost, connections, draining } = placement;
  if (wanted !== undefined) return wanted;
  if (old === undefined || isUnknown(old)) return suggestedHost;
  const called = isUnknown(connections) ? old : nameNow(old, before, connections);
  const leaves = draining !== undefined && !isUnknown(draining) && draining.includes(called);
  const stays = !leaves && (isUnknown(connections) || called in connections);
  return stays ? called : suggestedHost;
}

/**
 * Noted at its creation, and kept while it stays: a host that the user names later changes nothing
 * where it is the same.
 */
function isSuggested(
  { old, wanted }: Placement,
  olds: Partial<PlacedReplica>,
  news: ReplicaInputs & Partial<Pick<PlacedReplica, "suggested">>,
): boolean {
  // What was settled before may come by again when its own output is checked anew.
  if (old === undefined) return wanted === undefined || news.suggested === true;
  return olds.suggested === true && (wanted ?? old) === old;
}

/**
 * Rotated keys are no change of a replica, nor is whatever becomes of other hosts: without any
 * other change, state keeps the connections that it has. Another way to its own host is a change,
 * as another machine may answer there; and where the program's are not known yet, nothing would
 * tell the engine that what stands in their place is secret.
 */
function quietConnections(
  olds: Partial<PlacedReplica>,
  settled: Omit<PlacedReplica, "connections">,
  connections: Connections,
): Connections {
  const { connections: before, ...others } = olds;
  if (before === undefined || containsUnknown(connections)) return connections;
  if (canonicalJson(others) !== canonicalJson(settled)) return connections;
  return hasOtherPlace(settled.host, before, connections) ? connections : before;
}
