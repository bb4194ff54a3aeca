import type { MeshLab } from "./mesh-lab";
import { until } from "./mesh-lab";

/**
 * What a router says of itself, read by the tests' own code: from Weave's `/report`, not through
 * the library.
 */
export interface Facts {
  readonly name: string;
  readonly nickname: string;
  readonly encrypted: boolean;
  readonly targets: readonly string[];
  /** Names of the peers that it has an established connection with, in both directions' eyes. */
  readonly established: readonly string[];
  /** Addresses of the range by the peer that holds them; empty while that is not settled. */
  readonly shares: ReadonlyMap<string, number>;
  readonly rangeSize: number;
  readonly peers: number;
}

interface RawPeer {
  readonly Name: string;
  readonly NickName: string;
  readonly Connections: readonly { readonly Name: string; readonly Established: boolean }[] | null;
}

interface RawReport {
  readonly Router: {
    readonly Name: string;
    readonly NickName: string;
    readonly Encryption: boolean;
    readonly Targets: readonly string[] | null;
    readonly Peers: readonly RawPeer[] | null;
  };
  readonly IPAM?: {
    readonly RangeNumIPs: number;
    readonly Entries: readonly { readonly Peer: string; readonly Size: number }[] | null;
  };
}

/** undefined when no router answers on the host. */
export async function facts(mesh: MeshLab, name: string): Promise<Facts | undefined> {
  const url = "http://127.0.0.1:6784/report";
  const ask = ["curl", "-fsS", "-m", "5", "--noproxy", "*", "-H", "Accept: application/json", url];
  const { code, stdout } = await mesh.inNetworkOf(name, ask);
  if (code !== 0) return undefined;
  const { Router, IPAM } = JSON.parse(stdout) as RawReport;
  const own = (Router.Peers ?? []).find((peer) => peer.Name === Router.Name);
  const shares = new Map<string, number>();
  for (const { Peer, Size } of IPAM?.Entries ?? []) {
    shares.set(Peer, (shares.get(Peer) ?? 0) + Size);
  }
  return {
    name: Router.Name,
    nickname: Router.NickName,
    encrypted: Router.Encryption,
    targets: (Router.Targets ?? []).map((target) => target.replace(/:6783$/, "")).sort(),
    established: (own?.Connections ?? [])
      .filter(({ Established }) => Established)
      .map(({ Name }) => Name)
      .sort(),
    shares,
    rangeSize: IPAM?.RangeNumIPs ?? 0,
    peers: (Router.Peers ?? []).length,
  };
}

export async function allFacts(
  mesh: MeshLab,
  names: readonly string[],
): Promise<Map<string, Facts>> {
  const found = await Promise.all(names.map((name) => facts(mesh, name)));
  return new Map(
    names.flatMap((name, i) => (found[i] === undefined ? [] : [[name, found[i]] as const])),
  );
}

/**
 * Why the routers on these hosts are not one complete mesh that holds all of the range; empty when
 * they are.
 */
export function flaws(names: readonly string[], all: ReadonlyMap<string, Facts>): string[] {
  const found: string[] = [];
  const peerNames = new Set([...all.values()].map(({ name }) => name));
  if (peerNames.size !== all.size) found.push("two routers have one name");
  for (const name of names) {
    const each = all.get(name);
    if (each === undefined) {
      found.push(`no router on ${name}`);
      continue;
    }
    for (const other of names) {
      const peer = all.get(other)?.name;
      if (other !== name && peer !== undefined && !each.established.includes(peer)) {
        found.push(`${name} is not connected with ${other}`);
      }
    }
    const strangers = each.established.filter((peer) => !peerNames.has(peer));
    if (strangers.length > 0) found.push(`${name} is connected with ${strangers.join(", ")}`);
    const total = [...each.shares.values()].reduce((sum, size) => sum + size, 0);
    if (total !== each.rangeSize) found.push(`${name} sees ${total} of ${each.rangeSize} held`);
    const absent = [...each.shares.keys()].filter((peer) => !peerNames.has(peer));
    if (absent.length > 0) found.push(`${name} sees a share of ${absent.join(", ")}`);
  }
  return found;
}

/**
 * The hosts' routers are connected pair by pair with nobody else, and hold 100 % of the range among
 * themselves.
 */
export async function expectMesh(
  mesh: MeshLab,
  names: readonly string[],
  seconds = 10,
): Promise<Map<string, Facts>> {
  let all = new Map<string, Facts>();
  await until(
    `a whole mesh of ${names.join(", ")}`,
    seconds,
    async () => {
      all = await allFacts(mesh, names);
      return flaws(names, all);
    },
    (found) => found.length === 0,
  );
  return all;
}

/** What each host's router keeps dialling, as names of hosts. */
export function targetsByHost(
  mesh: MeshLab,
  all: ReadonlyMap<string, Facts>,
): Record<string, string[]> {
  const byAddress = new Map(mesh.names.map((name) => [mesh.address(name), name]));
  return Object.fromEntries(
    [...all].map(([name, { targets }]) => [
      name,
      targets.map((target) => byAddress.get(target) ?? target),
    ]),
  );
}
