import type { MeshMember } from "../../../core/weave/mesh";
import { nameKeepers, type MeshInputs } from "../../../core/weave/mesh-inputs";
import { underLock } from "../peer/peer-tools";
import type { MeshTools, OpenedPeer } from "./mesh-tools";

/** What is done beside the mesh itself, as it stands now. */
export interface Exposures {
  /** The hosts' own addresses on the overlay, by host; only where Ferry saw to them. */
  readonly exposed?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Exposes hosts and hides them again, and gives names to things outside. Needs the range to be
 * divided.
 */
export async function applyExposures(
  tools: MeshTools,
  inputs: MeshInputs,
  peers: readonly OpenedPeer[],
  members: readonly MeshMember[],
  before: { readonly inputs?: MeshInputs } & Exposures,
): Promise<Exposures> {
  const exposed = await applyExposure(tools, inputs, peers, before);
  await applyNames(tools, inputs, peers, members, before.inputs);
  return Object.keys(exposed).length === 0 ? {} : { exposed };
}

async function applyExposure(
  tools: MeshTools,
  { cluster }: MeshInputs,
  peers: readonly OpenedPeer[],
  before: Exposures,
): Promise<Record<string, readonly string[]>> {
  const now: Record<string, readonly string[]> = {};
  await Promise.all(
    peers.map(async ({ host, expose, opened }) => {
      const was = before.exposed?.[host] ?? [];
      if (expose === undefined && was.length === 0) return;
      await underLock(tools, opened, `exposing it to cluster '${cluster}'`, async (weave) => {
        const own = await weave.exposed();
        const wanted = expose?.length === 0 ? was.filter((cidr) => own.includes(cidr)) : expose;
        const stale = was.filter((cidr) => wanted?.includes(cidr) !== true && own.includes(cidr));
        if (stale.length > 0) await weave.hide(stale);
        if (expose === undefined || wanted === undefined) return;
        const missing = wanted.some((cidr) => !own.includes(cidr)) || wanted.length === 0;
        now[host] = missing ? [...(await weave.expose(wanted))].sort() : [...wanted].sort();
      });
    }),
  );
  return Object.fromEntries(Object.entries(now).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function applyNames(
  tools: MeshTools,
  { cluster, dnsEntries = {} }: MeshInputs,
  peers: readonly OpenedPeer[],
  members: readonly MeshMember[],
  before: MeshInputs | undefined,
): Promise<void> {
  const old = before?.dnsEntries ?? {};
  if (Object.keys(dnsEntries).length + Object.keys(old).length === 0) return;
  const keepers = new Set(nameKeepers(peers));
  await Promise.all(
    peers.map(async ({ host, opened }, i) => {
      const has = namesOn(members[i]);
      const wanted = keepers.has(host) ? pairsIn(dnsEntries) : new Set<string>();
      const add = [...wanted].filter((pair) => !has.has(pair));
      // Names that this program never asked for are somebody else's.
      const remove = [...pairsIn(old)].filter((pair) => has.has(pair) && !wanted.has(pair));
      if (add.length + remove.length === 0) return;
      await underLock(tools, opened, `naming things in cluster '${cluster}'`, async (weave) => {
        for (const [name, addresses] of grouped(remove)) await weave.dnsRemove(name, addresses);
        for (const [name, addresses] of grouped(add)) await weave.dnsAdd(name, addresses);
      });
    }),
  );
}

/** "printer.weave.local 192.0.2.9", each a word of its own. */
const pairsIn = (entries: Readonly<Record<string, readonly string[]>>): Set<string> =>
  new Set(
    Object.entries(entries).flatMap(([name, addresses]) =>
      addresses.map((address) => `${name} ${address}`),
    ),
  );

const namesOn = (member: MeshMember | undefined): Set<string> =>
  new Set(
    (member?.report?.externalNames ?? []).flatMap(({ name, addresses }) =>
      addresses.map((address) => `${name} ${address}`),
    ),
  );

function grouped(pairs: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const pair of pairs) {
    const [name = "", address = ""] = pair.split(" ");
    const addresses = groups.get(name);
    if (addresses === undefined) groups.set(name, [address]);
    else addresses.push(address);
  }
  return groups;
}

/** What is missing of it, in words: what the next `up` puts right. Stable while nothing changes. */
export async function exposureDrift(
  inputs: MeshInputs,
  peers: readonly OpenedPeer[],
  members: readonly MeshMember[],
  { exposed = {} }: Exposures,
): Promise<string[]> {
  const hosts = await Promise.all(
    peers.map(async ({ host, expose, weave }) => {
      const wanted = expose?.length === 0 ? (exposed[host] ?? []) : (expose ?? []);
      if (wanted.length === 0) return [];
      const own = await weave.exposed();
      return wanted.every((cidr) => own.includes(cidr)) ? [] : [`'${host}' is not exposed`];
    }),
  );
  const wanted = pairsIn(inputs.dnsEntries ?? {});
  const keepers = new Set(nameKeepers(peers));
  const names = members.flatMap((member) => {
    if (!keepers.has(member.host) || member.report === undefined) return [];
    const has = namesOn(member);
    return [...wanted].some((pair) => !has.has(pair))
      ? [`names of things outside are missing on '${member.host}'`]
      : [];
  });
  return [...hosts.flat(), ...names].sort();
}
