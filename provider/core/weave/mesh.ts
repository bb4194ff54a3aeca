import { areConnected, doing } from "./dials";
import type { MeshPeer } from "./mesh-inputs";
import type { RouterReport } from "./report";
import { targetChanges } from "./router-container";
import { describeTrouble, type RouterTrouble } from "./router-trouble";

/** One peer of a cluster, with what its router says; undefined when no router answers. */
export interface MeshMember {
  readonly host: string;
  /** How the other peers dial it. */
  readonly address: string;
  readonly report: RouterReport | undefined;
  /** How its container is, where no router answers and that was looked at. */
  readonly trouble?: RouterTrouble | undefined;
}

/**
 * Two hosts that are, to Weave, one and the same peer. They never connect, however long one waits.
 */
export function duplicateNames(
  members: readonly MeshMember[],
): { peerName: string; hosts: string[] }[] {
  const hosts = new Map<string, string[]>();
  for (const { host, report } of members) {
    if (report !== undefined)
      hosts.set(report.peerName, [...(hosts.get(report.peerName) ?? []), host]);
  }
  return [...hosts]
    .filter(([, names]) => names.length > 1)
    .map(([peerName, names]) => ({ peerName, hosts: names }));
}

/** A router that goes by another name than the program gave it. */
export function wrongNames(
  members: readonly MeshMember[],
  wanted: Readonly<Record<string, string>>,
): string[] {
  return members.flatMap(({ host, report }) => {
    const name = wanted[host];
    return name === undefined || report === undefined || report.peerName === name
      ? []
      : [`the router on '${host}' is called ${report.peerName}, not ${name}`];
  });
}

/**
 * Why the mesh is not complete yet, a short clause for each pair of peers and each silent one;
 * empty when it is.
 */
export function missingLinks(members: readonly MeshMember[]): string[] {
  const silent = members.filter(({ report }) => report === undefined);
  const answering = members.filter(({ report }) => report !== undefined);
  return [
    ...silent.map(({ host, trouble }) => {
      const why = trouble === undefined ? "" : ` (${describeTrouble(trouble)})`;
      return `no router answers on '${host}'${why}`;
    }),
    ...answering.flatMap((a, i) => answering.slice(i + 1).flatMap((b) => missingLink(a, b))),
  ];
}

function missingLink(a: MeshMember, b: MeshMember): string[] {
  if (areConnected(a, b)) return [];
  const [one, other] = [doing(a, b), doing(b, a)];
  const why =
    one !== undefined && other !== undefined && one !== other
      ? `from '${a.host}': ${one}; from '${b.host}': ${other}`
      : (one ?? other ?? "neither dials the other");
  return [`'${a.host}' and '${b.host}' are not connected (${why})`];
}

/** Hosts whose router does not know yet how the electors divided Weave's range. */
export function withoutIpam(members: readonly MeshMember[]): string[] {
  return members.filter(({ report }) => report?.ipam?.ready !== true).map(({ host }) => host);
}

/** What the peer itself puts right in the run that comes next. */
export function brokenAt(peers: readonly MeshPeer[], { host, report }: MeshMember): string[] {
  if (report === undefined) return [`no router answers on '${host}'`];
  const dials = peers.find((peer) => peer.host === host)?.dials;
  const others = peers.filter((peer) => dials?.includes(peer.host) ?? peer.host !== host);
  return others.flatMap((other) =>
    targetChanges([other.address], report.targets).connect.length === 0
      ? []
      : [`'${host}' no longer dials '${other.host}'`],
  );
}

/** The first clauses of a long list, and how many more there are. */
export function summarise(clauses: readonly string[], shown = 5): string {
  const rest = clauses.length - shown;
  return clauses.slice(0, shown).join("; ") + (rest > 0 ? `; and ${rest} more like these` : "");
}
