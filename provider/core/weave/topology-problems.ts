import type { InputProblem } from "../errors";
import { normaliseTarget } from "./settings";
import {
  firstOf,
  PEER_NAME,
  seedOf,
  targetsOf,
  type Topology,
  type TopologyHost,
} from "./topology";

/**
 * What is wrong with a topology, before anything is touched. Paths are as a program writes them.
 */
export function topologyProblems(
  topology: Topology,
  hosts: readonly TopologyHost[],
  cluster: string,
): InputProblem[] {
  const problems = [...nameProblems(hosts), ...addressProblems(hosts)];
  const known = new Set(hosts.map(({ host }) => host));
  if (topology.kind === "manual") problems.push(...manualProblems(topology, hosts, known));
  if (topology.kind === "fixed") problems.push(...listProblems("core", topology.core, known));
  if (topology.kind === "seeded") {
    problems.push(...listProblems("seed", topology.seed, known));
    const { hosts: seeded } = seedOf(topology.seed, hosts, cluster);
    const named = hosts.map((each) => {
      const peerName = seeded.get(each.host);
      return peerName === undefined ? each : { ...each, peerName };
    });
    if (problems.length === 0) problems.push(...nameProblems(named));
  }
  return problems;
}

/** Weave takes two peers of one name for one and the same: they never connect. */
function nameProblems(hosts: readonly TopologyHost[]): InputProblem[] {
  return [
    ...doubles(hosts, ({ peerName }) => peerName?.toLowerCase()).map(({ host, other, value }) => ({
      property: `hosts.${host}.peerName`,
      reason: `${value} is the peerName of '${other}' already; two peers of one name never connect`,
    })),
    ...doubles(hosts, ({ nickname }) => nickname).map(({ host, other, value }) => ({
      property: `hosts.${host}.nickname`,
      reason: `'${value}' is the nickname of '${other}' already; no message could tell the two apart`,
    })),
  ];
}

function addressProblems(hosts: readonly TopologyHost[]): InputProblem[] {
  return doubles(hosts, ({ address }) => normaliseTarget(address)).map(
    ({ host, other, value }) => ({
      property: `hosts.${host}.address`,
      reason: `${value} is where '${other}' is dialled already; give each host an address of its own`,
    }),
  );
}

function doubles(
  hosts: readonly TopologyHost[],
  valueOf: (host: TopologyHost) => string | undefined,
): { host: string; other: string; value: string }[] {
  const owners = new Map<string, string>();
  return hosts.flatMap((each) => {
    const value = valueOf(each);
    if (value === undefined) return [];
    const other = owners.get(value);
    if (other !== undefined) return [{ host: each.host, other, value }];
    owners.set(value, each.host);
    return [];
  });
}

function listProblems(
  property: "core" | "seed",
  list: readonly string[],
  known: ReadonlySet<string>,
): InputProblem[] {
  if (list.length === 0) return [{ property, reason: "is empty: name at least one host" }];
  const seen = new Set<string>();
  return list.flatMap((host, i): InputProblem[] => {
    const at = `${property}[${i}]`;
    if (!known.has(host) && !(property === "seed" && PEER_NAME.test(host))) {
      const left = "; for one that has left the program, give the name of its peer";
      const reason = noSuchHost(host, known) + (property === "seed" ? left : "");
      return [{ property: at, reason }];
    }
    if (seen.has(host)) return [{ property: at, reason: `'${host}' is in the list already` }];
    seen.add(host);
    return [];
  });
}

function manualProblems(
  { targets }: Extract<Topology, { kind: "manual" }>,
  hosts: readonly TopologyHost[],
  known: ReadonlySet<string>,
): InputProblem[] {
  const problems: InputProblem[] = [];
  for (const [host, list] of Object.entries(targets)) {
    if (!known.has(host)) {
      problems.push({ property: `targets.${host}`, reason: noSuchHost(host, known) });
      continue;
    }
    for (const [i, target] of list.entries()) {
      const property = `targets.${host}[${i}]`;
      if (target === host) {
        problems.push({ property, reason: "is the host itself: a peer does not dial itself" });
      } else if (!known.has(target) && !/[.:]/.test(target)) {
        problems.push({ property, reason: noSuchHost(target, known) });
      }
    }
  }
  return problems.length > 0 ? problems : apartProblems(targets, hosts);
}

/**
 * Peers that would never hear of the first one. An address of somebody outside may lead anywhere,
 * so it counts as a way.
 */
function apartProblems(
  targets: Readonly<Record<string, readonly string[]>>,
  hosts: readonly TopologyHost[],
): InputProblem[] {
  const byAddress = new Map(hosts.map(({ host, address }) => [normaliseTarget(address), host]));
  const names = new Set(hosts.map(({ host }) => host));
  const ways = new Map<string, string[]>();
  const outside = "(outside)";
  for (const { host } of hosts) {
    for (const target of targetsOf(targets, host)) {
      const other = names.has(target) ? target : byAddress.get(normaliseTarget(target));
      link(ways, host, other ?? outside);
    }
  }
  const first = firstOf(targets, hosts);
  const reached = reachable(ways, first);
  return hosts
    .filter(({ host }) => !reached.has(host))
    .map(({ host }) => ({
      property: `targets.${host}`,
      reason: `'${host}' has no way to the first peer, '${first}': let it dial one that has`,
    }));
}

function link(ways: Map<string, string[]>, a: string, b: string): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const list = ways.get(from);
    if (list === undefined) ways.set(from, [to]);
    else list.push(to);
  }
}

function reachable(ways: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const reached = new Set([start]);
  // A set that grows while it is walked through is walked through to its new end.
  for (const at of reached) for (const next of ways.get(at) ?? []) reached.add(next);
  return reached;
}

function noSuchHost(name: string, known: ReadonlySet<string>): string {
  return `there is no host '${name}'; hosts are ${[...known].map((host) => `'${host}'`).join(", ")}`;
}
