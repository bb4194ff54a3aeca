import { FerryError } from "../../../core/errors";
import { areConnected, arePortsInQuestion, PORTS } from "../../../core/weave/dials";
import {
  duplicateNames,
  missingLinks,
  summarise,
  wrongNames,
  type MeshMember,
} from "../../../core/weave/mesh";
import type { MeshInputs, MeshPeer } from "../../../core/weave/mesh-inputs";
import { poll, type Clock } from "../../clock";
import { openingAdvice, type Apart } from "../firewalls";
import { DialAgain } from "./dial-again";
import { observe, withTrouble, type OpenedPeer } from "./mesh-tools";

/**
 * Waits until every peer is connected with every one that it dials. Rejects with who is missing,
 * and why.
 */
export async function waitForMesh(
  { cluster, peers, timeoutSeconds }: MeshInputs,
  opened: readonly OpenedPeer[],
  clock: Clock,
  deadline: number,
): Promise<void> {
  let missing: string[] = [];
  let members: readonly MeshMember[] = [];
  const again = new DialAgain(clock);
  const complete = await poll(clock, deadline, async () => {
    members = await observe(opened);
    refuseDuplicates(members);
    missing = [...wrongNames(members, namesIn(peers)), ...missingWays(peers, members)];
    if (missing.length === 0) return true;
    await again.among(opened, members);
    return undefined;
  });
  if (complete === true) return;
  members = await withTrouble(opened, members);
  missing = [...wrongNames(members, namesIn(peers)), ...missingWays(peers, members)];
  const ports = arePortsInQuestion(members)
    ? `Between any two peers ${PORTS} must be open, in both directions. ` +
      (await openingAdvice(hostsApart(peers, members, opened)))
    : "";
  throw new FerryError({
    kind: "trouble",
    reason:
      `The peers of cluster '${cluster}' did not all connect within ${timeoutSeconds} s: ${summarise(missing)}. ${ports}` +
      "The routers run and keep trying; put the cause right and run `pulumi up` again.",
  });
}

const namesIn = (peers: readonly MeshPeer[]): Record<string, string> =>
  Object.fromEntries(
    peers.flatMap(({ host, peerName }) => (peerName === undefined ? [] : [[host, peerName]])),
  );

/**
 * Peers that neither dials the other find one another by what they are told, if at all: nobody
 * waits for that.
 */
export function missingWays(peers: readonly MeshPeer[], members: readonly MeshMember[]): string[] {
  if (peers.every(({ dials }) => dials === undefined)) return missingLinks(members);
  const found = new Map(members.map((member) => [member.host, member]));
  const silent = members.filter(({ report }) => report === undefined);
  return [
    ...missingLinks(silent),
    ...pairsIn(peers).flatMap(([a, b]) => {
      const pair = [found.get(a), found.get(b)].filter((each) => each?.report !== undefined);
      return missingLinks(pair as MeshMember[]);
    }),
  ];
}

/**
 * Hosts of peers that answer, and are not connected as they should be, each with one that it is
 * apart from.
 */
function hostsApart(
  peers: readonly MeshPeer[],
  members: readonly MeshMember[],
  opened: readonly OpenedPeer[],
): Apart[] {
  const found = new Map(members.map((member) => [member.host, member]));
  const apart = pairsIn(peers).filter(([a, b]) => {
    const [one, other] = [found.get(a), found.get(b)];
    if (one?.report === undefined || other?.report === undefined) return false;
    return !areConnected(one, other);
  });
  return opened.flatMap(({ host, opened: { host: own } }) => {
    const other = apart.find((pair) => pair.includes(host))?.find((name) => name !== host);
    const from = other === undefined ? undefined : found.get(other)?.address;
    return from === undefined ? [] : [{ host: own, from }];
  });
}

/** Each pair once. */
function pairsIn(peers: readonly MeshPeer[]): [string, string][] {
  const seen = new Set<string>();
  return peers.flatMap(({ host, dials }) =>
    (dials ?? peers.map((other) => other.host)).flatMap((other): [string, string][] => {
      const [a = "", b = ""] = [host, other].sort();
      const key = JSON.stringify([a, b]);
      if (host === other || seen.has(key)) return [];
      seen.add(key);
      return [[a, b]];
    }),
  );
}

function refuseDuplicates(members: readonly MeshMember[]): void {
  const [duplicate] = duplicateNames(members);
  if (duplicate === undefined) return;
  const hosts = duplicate.hosts.map((host) => `'${host}'`).join(" and ");
  throw new FerryError({
    kind: "trouble",
    reason:
      `Hosts ${hosts} are one and the same peer to Weave (${duplicate.peerName}), so they can never connect. Give each ` +
      "its own peerName, or its own /etc/machine-id as cloned machines lack it, run `weave reset` there and run again.",
  });
}
