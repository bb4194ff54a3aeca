import { FerryError } from "../../../core/errors";
import type { MeshMember } from "../../../core/weave/mesh";
import type { MeshInputs } from "../../../core/weave/mesh-inputs";
import type { RouterReport } from "../../../core/weave/report";

/** A network that somebody else keeps, as its peers describe it. */
export interface Found {
  readonly range: string;
  readonly domain: string;
  readonly version: string;
}

type Answering = MeshMember & { readonly report: RouterReport };

/**
 * What the network is. Rejects where it is none, or not the one that the program expects; nothing
 * is changed.
 */
export function describeExisting(inputs: MeshInputs, members: readonly MeshMember[]): Found {
  const { cluster } = inputs;
  const answering = members.filter((each): each is Answering => each.report !== undefined);
  const refuse = (reason: string): never => {
    throw new FerryError({
      kind: "settings",
      reason: `Cluster '${cluster}', which is somebody else's, cannot be used: ${reason}`,
      touched: "nothing",
    });
  };
  const silent = members.filter(({ report }) => report === undefined).map(({ host }) => host);
  if (silent.length > 0) refuse(`no router answers on ${list(silent)}`);
  const undecided = answering.filter(({ report }) => report.ipam?.ready !== true);
  if (undecided.length > 0) {
    const hosts = list(undecided.map(({ host }) => host));
    refuse(`the peers on ${hosts} do not know how Weave's range is divided`);
  }
  const apart = apartFromFirst(answering);
  if (apart.length > 0) {
    refuse(`${list(apart)} are in another network than '${answering[0]?.host ?? ""}'`);
  }
  const range = same(answering, "range", ({ ipam }) => ipam?.range ?? "", refuse);
  const domain = same(answering, "DNS domain", ({ dnsDomain }) => dnsDomain ?? "", refuse);
  if (inputs.ipallocRange !== undefined && inputs.ipallocRange !== range)
    refuse(`its range is ${range}, and the program says ${inputs.ipallocRange}`);
  if (inputs.dnsDomain !== undefined && inputs.dnsDomain !== domain) {
    refuse(
      domain === ""
        ? "its routers run without DNS"
        : `its DNS domain is ${domain}, and the program says ${inputs.dnsDomain}: set dnsDomain to "${domain}"`,
    );
  }
  return { range, domain, version: answering[0]?.report.version ?? "" };
}

const list = (hosts: readonly string[]) => hosts.map((host) => `'${host}'`).join(", ");

function same(
  members: readonly Answering[],
  what: string,
  valueOf: (report: RouterReport) => string,
  refuse: (reason: string) => never,
): string {
  const [first] = members;
  if (first === undefined) return refuse("it has no hosts");
  const value = valueOf(first.report);
  const other = members.find(({ report }) => valueOf(report) !== value);
  if (other === undefined) return value;
  return refuse(
    `the ${what} is ${value} on '${first.host}' and ${valueOf(other.report)} on '${other.host}'`,
  );
}

/**
 * Hosts that no chain of connections leads to. Peers that are none of the program's hosts may be
 * links of it.
 */
function apartFromFirst(members: readonly Answering[]): string[] {
  const ways = new Map<string, Set<string>>();
  const way = (from: string, to: string) =>
    ways.set(from, (ways.get(from) ?? new Set<string>()).add(to));
  for (const { report } of members) {
    for (const other of report.establishedWith) {
      way(report.peerName, other);
      way(other, report.peerName);
    }
  }
  const reached = new Set(members.slice(0, 1).map(({ report }) => report.peerName));
  // A set that grows while it is walked through is walked through to its new end.
  for (const at of reached) for (const next of ways.get(at) ?? []) reached.add(next);
  return members.filter(({ report }) => !reached.has(report.peerName)).map(({ host }) => host);
}
