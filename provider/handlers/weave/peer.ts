import { placeKey } from "../../core/connection";
import { FerryError } from "../../core/errors";
import type { HostLocks } from "../../core/lock";
import type { Host } from "../../core/adapter-ports";
import { containsUnknown } from "../../core/unknown";
import { checkPeer, membershipOf, type PeerInputs } from "../../core/weave/peer-inputs";
import type { Weave } from "../../core/weave/weave-port";
import { sourceOf, type WeaveSource } from "../../core/weave/source";
import { weaveOn } from "../../adapters/weave/host-weave";
import { aliveInThisRun, noting, type Alive } from "../alive";
import { systemClock, type Clock } from "../clock";
import { rememberConnections } from "../connections";
import { PartialStateError, type Handler, type HandlerContext } from "../handler";
import { hostLocks } from "../host-locks";
import { adjust, join } from "./peer/join";
import { leave } from "./peer/leave";
import { placeProblems, refuseMachineOfAnother } from "./peer/one-router";
import { refreshPeer } from "./peer/refresh";
import { relaunchQueued } from "./peer/relaunch";
import { inspect, type Inspected } from "./peer/apply-router";
import { stateOf, type PeerState } from "./peer/state";
import { openWeave, type PeerTools } from "./peer/peer-tools";
import { peers as peersOfThisRun, type Peers } from "./peers";
import { programs as programsOfThisRun, type Programs } from "../programs";
import { peerQueue as turnsOfThisRun, type PeerQueue } from "./peer-queue";

export type { PeerState } from "./peer/state";

export interface PeerOptions {
  readonly weaveOf?: (host: Host, source?: WeaveSource) => Weave;
  readonly clock?: Clock;
  readonly programs?: Programs;
  readonly peers?: Peers;
  readonly peerQueue?: PeerQueue;
  readonly locks?: HostLocks;
  readonly alive?: Alive;
}

/** Weave's router on one host. */
export function peerHandler(
  context: HandlerContext,
  {
    weaveOf = weaveOn,
    clock = systemClock,
    programs = programsOfThisRun,
    peers = peersOfThisRun,
    peerQueue = turnsOfThisRun,
    locks = hostLocks,
    alive = aliveInThisRun,
  }: PeerOptions = {},
): Handler<PeerInputs, PeerState> {
  const noted = noting(locks, alive);
  const ofRun = { programs, peers, peerQueue };
  const tools: PeerTools = { context, weaveOf, clock, ...ofRun, locks: noted, alive };
  const open = (inputs: PeerInputs | PeerState) =>
    openWeave(tools, inputs.host, inputs.connection, sourceOf(inputs));

  /**
   * What was begun on the host is kept in state, so that the next `up` goes on with it, or takes it
   * off again.
   */
  const apply = async (inputs: PeerInputs, id: string, before?: PeerState): Promise<PeerState> => {
    const touched = { is: false };
    const opened = await open(inputs);
    const { cluster, host } = inputs;
    await refuseMachineOfAnother(tools, opened, inputs);
    peers.claim(cluster, host);
    const fate = async () => before ?? ((await isFound(opened.weave)) ? { adopted: true } : {});
    try {
      const { report, missing } = await join(tools, opened, inputs, {
        isNew: before === undefined,
        touching: () => {
          touched.is = true;
        },
      });
      const state = stateOf(inputs, report, await fate());
      if (missing === undefined) return state;
      throw new PartialStateError(id, { ...state, joined: false }, missing);
    } catch (error) {
      if (!touched.is || !(error instanceof FerryError)) throw error;
      const report = await opened.weave.report().catch(() => undefined);
      const known = await fate().catch(() => ({}));
      const begun: PeerState = { ...stateOf(inputs, report, known), joined: false };
      throw new PartialStateError(id, begun, error.message, { cause: error });
    }
  };

  return {
    secrets: ["connection", "password"],
    replaces: ["cluster", "host"],

    /**
     * Another name is the same peer; another name that leads elsewhere is another one. Its cluster
     * is only a name.
     */
    renames({ connection: before }, { connection }) {
      const stays =
        !containsUnknown([before, connection]) && placeKey(before) === placeKey(connection);
      return stays ? ["cluster", "host"] : ["cluster"];
    },

    check(olds, news) {
      const checked = checkPeer(olds, news);
      const { cluster, host, connection } = checked.inputs;
      if (checked.problems.length > 0) return checked;
      const membership = membershipOf(news.company);
      if (membership !== undefined) peers.rememberMembership(cluster, host, membership);
      if (containsUnknown([cluster, host, connection])) return checked;
      rememberConnections({ [host]: connection });
      peers.remember({ cluster, host, connection });
      return { ...checked, problems: placeProblems(peers, { cluster, host, connection }) };
    },

    async create(inputs) {
      const id = `${inputs.cluster}/${inputs.host}`;
      return { id, outs: await apply(inputs, id) };
    },

    async read(_id, outs) {
      try {
        const { weave } = await open(outs);
        return await refreshPeer(weave, outs);
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        context.progress.warn(
          `${error.message} What is known of the peer on '${outs.host}' is kept as it was.`,
        );
        return { outs };
      }
    },

    async update(id, olds, inputs) {
      const opened = await open(inputs);
      const { cluster, host } = inputs;
      peers.claim(cluster, host);
      const found = await inspect(opened.weave, inputs, clock);
      const { report, different } = found;
      const before = isElsewhere(olds, inputs, found) ? undefined : olds;
      if (before === undefined) context.progress.warn(leftBehind(olds, inputs));
      if (report === undefined) return apply(inputs, id, before);
      if (different.length === 0) {
        if (before === undefined || olds.joined === false) return apply(inputs, id, before);
        return stateOf(inputs, await adjust(tools, opened, inputs), olds);
      }
      const relaunched = await relaunchQueued(tools, opened, inputs);
      // One that never got into the network may do so with its new settings: a corrected password,
      // say.
      return olds.joined === false
        ? apply(inputs, id, before)
        : stateOf(inputs, relaunched, before ?? {});
    },

    delete: (_id, outs) => leave(tools, outs),
  };
}

async function isFound(weave: Weave): Promise<boolean> {
  return (await weave.origin())?.kind === "found";
}

/** Another machine stands where the connection leads now: none with the router that state knows. */
function isElsewhere(
  olds: PeerState,
  { connection }: PeerInputs,
  { found, report }: Inspected,
): boolean {
  if (placeKey(olds.connection) === placeKey(connection) || olds.peerName === "") return false;
  return report === undefined ? found === undefined : report.peerName !== olds.peerName;
}

function leftBehind({ host, peerName, connection }: PeerState, inputs: PeerInputs): string {
  return (
    `Host '${inputs.host}' of cluster '${inputs.cluster}' is another machine than before, or its router is gone: the peer ` +
    `${peerName} (host '${host}' at ${connection.host}) does not answer there. It was left as it is and keeps its share of ` +
    "Weave's range: if that machine is still there and nothing needs it, run `weave reset` on it; if it is gone for good, " +
    `run \`weave rmpeer ${peerName}\` on one host of the cluster, and on one only.`
  );
}
