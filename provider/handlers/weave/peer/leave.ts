import { FerryError, inWords, isSilence } from "../../../core/errors";
import type { Effort } from "../../../core/adapter-ports";
import type { RouterReport } from "../../../core/weave/report";
import type { RemovedPeer } from "../../../core/weave/removed";
import { normaliseTarget } from "../../../core/weave/settings";
import { sourceOf } from "../../../core/weave/source";
import { poll } from "../../clock";
import { newestConnection } from "../../connections";
import { answering, lookAround, type SeenMember } from "./membership";
import { handBack, keepOrigin, wasThereBefore } from "./hand-over";
import type { PeerState } from "./state";
import { stillWanted, type KnownAs } from "./still-wanted";
import { openWeave, underLock, type OpenedWeave, type PeerTools } from "./peer-tools";

/** How long those that stay may take to hear that a peer has handed its share back, in seconds. */
const HEAR_SECONDS = 15;
/**
 * How long they may take to notice that a silent one is gone: their connections time out within a
 * minute.
 */
const NOTICE_SECONDS = 150;

/**
 * A peer leaves: it hands its share of the range back, and nobody dials it any more. One at a time,
 * so that nobody hands his share to one who is leaving too. A host that does not answer holds
 * nothing up where the program says that it is gone and others stay: exactly one of them takes its
 * share over, and all keep in mind that it was removed.
 */
export async function leave(tools: PeerTools, outs: PeerState): Promise<void> {
  const known = await stillWanted(tools, outs);
  if (known !== undefined) {
    await tools.peerQueue.take(outs.cluster, () => handOver(tools, outs, known));
    return;
  }
  const staying = stayingHosts(tools, outs);
  // Where all leave, nobody's share has to end up with anybody.
  if (staying.length === 0) await depart(tools, outs, staying);
  else await tools.peerQueue.take(outs.cluster, () => depart(tools, outs, staying));
}

/**
 * Only the name leaves. Its router is another peer's of the program, which has seen to it already.
 */
async function handOver(tools: PeerTools, outs: PeerState, known: KnownAs): Promise<void> {
  const { connections } = tools.programs.of(known.cluster);
  const connection = connections.get(known.host) ?? outs.connection;
  const reason = `handing it over from '${outs.host}' of cluster '${outs.cluster}'`;
  try {
    const opened = await openWeave(tools, known.host, connection, sourceOf(outs));
    await underLock(tools, opened, reason, (weave) => keepOrigin(weave, outs));
  } catch (error) {
    // Nothing has to be done there now.
    if (!isSilence(error)) throw error;
  }
  if (known.cluster !== outs.cluster) {
    const staying = stayingHosts(tools, outs);
    await forgetEverywhere(tools, outs, await lookAround(tools, outs.cluster, asMembers(staying)));
  }
  tools.context.progress.info(
    `The machine of host '${outs.host}' of cluster '${outs.cluster}' is in the program as '${known.host}' of cluster ` +
      `'${known.cluster}': its router was left as it is.`,
  );
}

async function depart(
  tools: PeerTools,
  outs: PeerState,
  staying: readonly string[],
): Promise<void> {
  const opened = await reached(tools, outs, staying);
  if (opened === undefined) return;
  const reason = `taking it out of cluster '${outs.cluster}'`;
  const stays = await underLock(tools, opened, reason, async (weave) => {
    const before = await wasThereBefore(weave, outs);
    await (before ? handBack(weave, outs) : weave.reset());
    return before;
  });
  if (stays) {
    await forgetEverywhere(tools, outs, await lookAround(tools, outs.cluster, asMembers(staying)));
    tools.context.progress.warn(
      `Weave's router on host '${outs.host}' was there before this program had it: it was left running, and what Ferry had ` +
        "added to it was taken back. Run `weave reset` there when nothing needs it any more.",
    );
  } else if (staying.length > 0) await tidyUp(tools, outs, staying);
}

/** The host that is to be left; undefined when it is silent and was written off. */
async function reached(
  tools: PeerTools,
  outs: PeerState,
  staying: readonly string[],
): Promise<OpenedWeave | undefined> {
  const silence = await silenceOf(tools, outs, "full");
  if (!(silence instanceof FerryError)) return silence;
  if (staying.length === 0) throw refusal(outs, silence);
  if (tools.alive.has(newestConnection(outs.connection))) throw aliveBefore(outs, silence);
  return writeOff(tools, outs, staying, silence.message);
}

/**
 * A host that is there is no lost one, whatever it answers: its router may well run and give out
 * addresses.
 */
async function silenceOf(
  tools: PeerTools,
  outs: PeerState,
  effort: Effort,
): Promise<OpenedWeave | FerryError> {
  try {
    return await openWeave(tools, outs.host, outs.connection, sourceOf(outs), effort);
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    if (!isSilence(error)) throw refusal(outs, error);
    return error;
  }
}

function refusal({ host }: PeerState, cause: FerryError): FerryError {
  const reason = inWords(cause.fault, { claim: false });
  const { advice, touched } = staysBehind(host);
  return new FerryError({ kind: cause.fault.kind, host, reason, advice, touched }, { cause });
}

/** It was there a moment ago, and may be back, with its share, at any moment. */
function aliveBefore({ host, cluster }: PeerState, cause: FerryError): FerryError {
  const fault = {
    kind: "trouble",
    what: `taking host '${host}' out of cluster '${cluster}'`,
    host,
    reason:
      "it does not answer any more, but did earlier in this run, so it does not count as lost",
    advice: "Run `pulumi up` again: the next run asks it anew",
    touched: staysBehind(host).touched,
  } as const;
  return new FerryError(fault, { cause });
}

/**
 * Hosts that the program of this run has in the cluster; none when it still has this one, or when
 * there is no program.
 */
function stayingHosts(tools: PeerTools, { cluster, host }: PeerState): string[] {
  const { connections } = tools.programs.of(cluster);
  return connections.has(host) ? [] : [...connections.keys()].sort();
}

const asMembers = (hosts: readonly string[]) =>
  hosts.map((host) => ({ host, address: "", dials: true, dialled: false }));

/**
 * A peer that was cut off from the others when it was reset could hand nothing back: one of those
 * that stay takes it.
 */
async function tidyUp(
  tools: PeerTools,
  outs: PeerState,
  staying: readonly string[],
): Promise<void> {
  let seen: SeenMember[] = [];
  const handedBack = await poll(tools.clock, tools.clock.now() + HEAR_SECONDS * 1000, async () => {
    seen = await lookAround(tools, outs.cluster, asMembers(staying));
    return seen.some(({ report }) => shareOf(outs, report) > 0) ? undefined : true;
  });
  await forgetEverywhere(tools, outs, seen);
  if (handedBack === true) return;
  const taker = takerOf(seen);
  if (taker === undefined) return;
  const count = await takeOver(tools, outs, taker);
  tools.context.progress.info(
    `The peer on host '${outs.host}' was reset while it was cut off from the others: '${taker.host.name}' took over the ` +
      `${count} addresses of Weave's range that it held.`,
  );
  // It has been reset: nothing is left that could come back with the old share.
  await taker.weave.unmarkRemoved([outs.peerName]);
}

async function writeOff(
  tools: PeerTools,
  outs: PeerState,
  staying: readonly string[],
  reason: string,
): Promise<OpenedWeave | undefined> {
  let seen: SeenMember[] = [];
  const gone = await poll(
    tools.clock,
    tools.clock.now() + NOTICE_SECONDS * 1000,
    async () => {
      seen = await lookAround(tools, outs.cluster, asMembers(staying));
      // One that answers with an error may be connected with it.
      for (const { fault } of seen)
        if (fault !== undefined && fault.fault.kind !== "silent") throw fault;
      return seen.some(({ report }) => isConnected(outs, report)) ? undefined : true;
    },
    2000,
  );
  if (gone === undefined) {
    throw new FerryError({
      kind: "trouble",
      reason:
        `${reason} Its router is still connected with others of cluster '${outs.cluster}', so its share of Weave's range was ` +
        "not taken over: it may be giving out addresses. Let the host be reached again, or switch it off, and run " +
        "`pulumi up` again.",
    });
  }
  const taker = takerOf(seen);
  if (taker === undefined) {
    throw new FerryError({
      kind: "trouble",
      reason:
        `${reason} No peer of cluster '${outs.cluster}' answers that could take over its share of Weave's range, so nothing ` +
        "was changed. Bring one of them back and run `pulumi up` again.",
    });
  }
  // It may only have been starting: it is asked once more, at length, right before.
  const silence = await silenceOf(tools, outs, "anew");
  if (!(silence instanceof FerryError)) return silence;
  await forgetEverywhere(tools, outs, seen);
  // Before the share changes hands: a run that is interrupted in between leaves nobody who does not
  // know.
  const removed = removalOf(outs);
  await Promise.all(answering(seen).map(({ opened }) => opened.weave.markRemoved([removed])));
  const count = await takeOver(tools, outs, taker);
  tools.context.progress.warn(
    `${reason} The program has no host '${outs.host}' any more: it was left as it is, and '${taker.host.name}' took over ` +
      `its share of Weave's range, ${count} addresses. Should the host come back, switch it off or give it to the ` +
      "program again: it then joins as a new peer.",
  );
  return undefined;
}

/**
 * The same one in every run that sees the same: taking over twice is harmless, taking over on two
 * peers at once is not.
 */
function takerOf(seen: readonly SeenMember[]): OpenedWeave | undefined {
  return seen.find(({ report }) => report?.ipam?.ready === true)?.opened;
}

const removalOf = ({ peerName, host }: PeerState): RemovedPeer => ({
  peerName,
  host,
  since: new Date().toISOString(),
});

const takeOver = (tools: PeerTools, outs: PeerState, taker: OpenedWeave): Promise<number> =>
  underLock(tools, taker, `taking over the share of '${outs.host}'`, (weave) =>
    weave.rmpeer(removalOf(outs)),
  );

async function forgetEverywhere(
  tools: PeerTools,
  outs: PeerState,
  seen: readonly SeenMember[],
): Promise<void> {
  const target = normaliseTarget(outs.address);
  await Promise.all(
    answering(seen)
      .filter(({ report }) => report.targets.includes(target))
      .map(({ opened }) =>
        underLock(tools, opened, `making it forget '${outs.host}'`, (weave) =>
          weave.forget([target]),
        ),
      ),
  );
}

const shareOf = ({ peerName }: PeerState, report: RouterReport | undefined): number =>
  report?.ipam?.shares.find((share) => share.peerName === peerName)?.addresses ?? 0;

function isConnected({ peerName }: PeerState, report: RouterReport | undefined): boolean {
  if (report === undefined) return false;
  const known = report.ipam?.shares.find((share) => share.peerName === peerName);
  return report.establishedWith.includes(peerName) || known?.reachable === true;
}

function staysBehind(host: string) {
  return {
    advice:
      "Bring the host back and run again; or, if it is gone for good, drop this peer with `pulumi state delete` and its " +
      "URN, which touches no host and loses no data",
    touched: { said: `Weave on host '${host}' was left as it is` },
  };
}
