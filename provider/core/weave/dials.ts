import type { MeshMember } from "./mesh";
import type { PeerConnection, RouterReport } from "./report";
import { normaliseTarget, WEAVE_PORT } from "./settings";

/** A router that dials within this many seconds by itself need not be asked to. */
const SOON_SECONDS = 2;

/** What must get through between any two peers, as it is told. */
export const PORTS = `ports ${WEAVE_PORT} (TCP) and ${WEAVE_PORT} and ${WEAVE_PORT + 1} (UDP)`;

/** Both say that the connection stands. */
export const areConnected = (a: MeshMember, b: MeshMember) =>
  isEstablished(a, b) && isEstablished(b, a);

const isEstablished = (from: MeshMember, to: MeshMember) =>
  to.report !== undefined && (from.report?.establishedWith.includes(to.report.peerName) ?? false);

/**
 * Targets that a router dials, and waits with since it did not reach them. Weave waits longer after
 * each failed attempt, up to six minutes, so that what kept it from them may be long gone.
 */
export function waitingFor({ targets, connections }: RouterReport): string[] {
  const waits = connections
    .filter(({ outbound, state }) => outbound && (state === "failed" || state === "waiting"))
    .filter(({ waitSeconds }) => waitSeconds === undefined || waitSeconds > SOON_SECONDS)
    .map(({ address }) => normaliseTarget(address));
  const byName = targets.filter((target) => !isAddress(target));
  // Weave shows the address that a name led to, and not the name: with something to wait for, each
  // of them may be it.
  const known = new Set(targets);
  const unknown = waits.some((address) => !known.has(address));
  return [...waits.filter((address) => known.has(address)), ...(unknown ? byName : [])];
}

/** Which routers are to dial which targets at once, so that these peers connect. */
export function dialsToCurtail(members: readonly MeshMember[]): Map<string, string[]> {
  return new Map(
    members.flatMap((from): [string, string[]][] => {
      if (from.report === undefined) return [];
      const waits = new Set(waitingFor(from.report));
      const targets = members
        .filter((to) => to !== from && to.report !== undefined && !areConnected(from, to))
        .map(({ address }) => normaliseTarget(address))
        .filter((target) => waits.has(target));
      return targets.length === 0 ? [] : [[from.host, targets]];
    }),
  );
}

/** Whether anything that the members say of one another looks as if packets do not get through. */
export const arePortsInQuestion = (members: readonly MeshMember[]): boolean =>
  members.some(({ report }) =>
    report?.connections.some(
      ({ state, info }) =>
        /^(pending|connecting|retrying)$/.test(state) ||
        (state === "failed" && (REFUSED.test(info) || SILENT.test(info))),
    ),
  );

const REFUSED = /refused/i;
const SILENT = /timeout|timed out|no route|unreachable/i;

/**
 * What one router is doing about another one, in Weave's words and with what they mean; undefined
 * when nothing.
 */
export function doing(from: MeshMember, to: MeshMember): string | undefined {
  const { connections = [], targets = [] } = from.report ?? {};
  const dialled = normaliseTarget(to.address);
  const tries = connections.filter(({ outbound, state }) => outbound && state !== "established");
  const own =
    tries.find(({ address }) => normaliseTarget(address) === dialled) ??
    // Weave shows what a name resolved to; with one attempt open, it is this one.
    (tries.length === 1 && !isAddress(dialled) ? tries[0] : undefined);
  if (own !== undefined) return attempt(own, from, to);
  const mine = connections.find(
    (each) => each.address.replace(/:\d+$/, "") === dialled.replace(/:\d+$/, ""),
  );
  if (mine !== undefined && mine.state !== "established") {
    return `${mine.state}: '${to.host}' has dialled it: ${HALF_OPEN}`;
  }
  if (mine !== undefined || isEstablished(from, to)) {
    return `to '${from.host}' the connection stands, and to '${to.host}' not yet: ${HALF_OPEN}`;
  }
  return targets.includes(dialled) ? "it is about to dial" : undefined;
}

const HALF_OPEN = `are ${PORTS} open in both directions?`;

const isAddress = (target: string) => /^[\d.]+(:\d+)?$/.test(target);

function attempt(own: PeerConnection, from: MeshMember, to: MeshMember): string {
  const reason = own.info.replace(/,? *retry: .*$/, "");
  // Weave gives a connection that is open its own name for it where a reason would stand.
  const said = own.state === "pending" ? "" : reason;
  const wait =
    own.waitSeconds === undefined
      ? ""
      : `waits ${Math.ceil(own.waitSeconds)} s until it dials again`;
  const words = [own.state, [said, wait].filter(Boolean).join(", ")].filter(Boolean);
  return [...words, explain(own.state, reason, from, to)].filter(Boolean).join(": ");
}

/**
 * What Weave's words come down to. A wrong password shows on one side only; the other just sees the
 * connection cut.
 */
function explain(
  state: string,
  reason: string,
  from: MeshMember,
  to: MeshMember,
): string | undefined {
  // The routers know this of themselves; which of them says so, and in which words, depends on who
  // dialled first.
  if (from.report?.encrypted !== to.report?.encrypted) return "only one of the two has a password";
  if (/decrypt/i.test(reason)) return "their passwords differ";
  if (/reset by peer|EOF/i.test(reason) && from.report?.encrypted && to.report?.encrypted) {
    return "as a rule, because their passwords differ";
  }
  if (REFUSED.test(reason)) {
    return `does a firewall refuse port ${WEAVE_PORT} (TCP) of '${to.host}'? Its router runs`;
  }
  if (SILENT.test(reason)) {
    return `is port ${WEAVE_PORT} (TCP, and UDP ${WEAVE_PORT}-${WEAVE_PORT + 1}) of '${to.host}' open?`;
  }
  if (state === "connecting" || state === "retrying") {
    return `its dial is under way and has no answer: is port ${WEAVE_PORT} (TCP) of '${to.host}' open?`;
  }
  return state === "pending"
    ? `no packets have come by UDP: are ${PORTS} open in both directions?`
    : undefined;
}
