import type { InputProblem } from "../errors";
import { DEFAULT_DNS_DOMAIN } from "../identity";
import { containsUnknown, isUnknown, UNKNOWN } from "../unknown";
import { decideFormerly } from "./formerly";
import type { KeptReplica, OldInputs, PlacedReplica, ReplicaInputs } from "./model";
import { fillProblems } from "./fill-problems";
import { movesPerHostProblems, moveSettings } from "./move-settings";
import { replicaNames } from "./replica-names";
import { nameNow, placeAmong } from "./known-places";
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
  olds: OldInputs,
  news: ReplicaInputs,
): { inputs: PlacedReplica; kept: KeptReplica; problems: InputProblem[] } {
  const { host: wanted, suggestedHost, connections, ...rest } = withDefaults(news);
  const placement = {
    ...{ old: olds.host, wanted, suggestedHost, connections, draining: news.draining },
    ...(news.rebalance === undefined ? {} : { rebalance: news.rebalance }),
  };
  const host = decideHost(placement, oldPlace(olds));
  const suggested = isSuggested(placement, olds, news) ? { suggested: true as const } : {};
  const known = !containsUnknown([rest.deployment, rest.service, rest.index, rest.dnsDomain]);
  const names = known ? replicaNames(rest) : { containerName: UNKNOWN, dnsName: UNKNOWN };
  const { settings, problems } = moveSettings(news);
  const before = decideFormerly(olds, news);
  const checked = { ...rest, ...settings, ...before.formerly, ...names, host, ...suggested };
  const inputs = { ...checked, connections };
  const place = placeAmong(connections, host);
  return {
    inputs,
    kept: { ...checked, ...(place === undefined ? {} : { place }) },
    problems: [
      ...replicaProblems(inputs),
      ...placementProblems({ ...placement, host }),
      ...problems,
      ...before.problems,
      ...fillProblems({ ...news, volumes: inputs.volumes }),
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
    ...(news.pull === undefined ? {} : { pull: news.pull }),
    environment: (news.environment as ReplicaInputs["environment"] | undefined) ?? {},
    volumes: (news.volumes as ReplicaInputs["volumes"] | undefined) ?? {},
    ...(news.files === undefined ? {} : { files: news.files }),
    ip: news.ip,
    subnet: news.subnet,
    dnsDomain: (news.dnsDomain as string | undefined) ?? DEFAULT_DNS_DOMAIN,
    connections: news.connections,
    verify: news.verify ?? ("manifest" as const),
    healthTimeoutSeconds: news.healthTimeoutSeconds ?? DEFAULT_HEALTH_TIMEOUT_SECONDS,
    ...(news.job === true ? { job: true } : {}),
    ...(news.restartsWith === undefined ? {} : { restartsWith: news.restartsWith }),
    ...(news.reserves === undefined ? {} : { reserves: news.reserves }),
  };
}

/** Where its host's name led. */
export function oldPlace({ host, place, connections }: OldInputs): string | undefined {
  return place ?? (host === undefined ? undefined : placeAmong(connections, host));
}

function decideHost(placement: Placement, before: string | undefined): string {
  const { old, wanted, suggestedHost, connections, draining } = placement;
  if (wanted !== undefined) return wanted;
  if (old === undefined || isUnknown(old) || placement.rebalance !== undefined)
    return suggestedHost;
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
  olds: OldInputs,
  news: ReplicaInputs & Partial<Pick<PlacedReplica, "suggested">>,
): boolean {
  // What was settled before may come by again when its own output is checked anew.
  if (old === undefined) return wanted === undefined || news.suggested === true;
  return olds.suggested === true && (wanted ?? old) === old;
}
