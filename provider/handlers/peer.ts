import { FerryError } from "../core/errors";
import type { Host } from "../core/ports";
import { containsUnknown } from "../core/unknown";
import { checkPeer, launchSettings, type PeerInputs } from "../core/weave/peer-inputs";
import { PROXY_SOCKET, type Weave } from "../core/weave/port";
import type { RouterReport } from "../core/weave/report";
import { differences, targetChanges, type RouterContainer } from "../core/weave/router-container";
import { weaveOn } from "../adapters/weave/host-weave";
import { systemClock, type Clock } from "./clock";
import { newestConnection, rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { settleRouter } from "./settle-router";

export interface PeerState extends Omit<PeerInputs, "peerName" | "nickname"> {
  /** Weave's name of the peer, whether the program gave it or Weave derived it. */
  readonly peerName: string;
  readonly nickname: string;
  /** The router's version. */
  readonly version: string;
  /** Path on the host of the Docker API through which containers get their addresses. */
  readonly proxySocket: string;
}

export interface PeerOptions {
  readonly weaveOf?: (host: Host) => Weave;
  readonly clock?: Clock;
}

/** Weave's router on one host. */
export function peerHandler(
  context: HandlerContext,
  { weaveOf = weaveOn, clock = systemClock }: PeerOptions = {},
): Handler<PeerInputs, PeerState> {
  const open = async ({ host, connection }: Pick<PeerInputs, "host" | "connection">) =>
    weaveOf(await context.hosts.open(host, newestConnection(connection)));

  const settle = async (inputs: PeerInputs, mayRelaunch: boolean) => {
    const weave = await open(inputs);
    const report = await settleRouter(weave, inputs, { mayRelaunch, clock });
    if (!(await weave.keepSwept())) {
      context.progress.warn(
        `Host '${inputs.host}' has no systemd: a container that Docker restarts there by itself may leave its old ` +
          `address behind on the network. Each \`pulumi up\` that touches the host takes such addresses off.`,
      );
    }
    return report;
  };

  return {
    replaces: ["cluster", "host"],

    check(olds, news) {
      const checked = checkPeer(olds, news);
      const { connection, host } = checked.inputs;
      if (checked.problems.length === 0 && !containsUnknown(connection)) {
        rememberConnections({ [host]: connection });
      }
      return checked;
    },

    async create(inputs) {
      const report = await settle(inputs, false);
      return { id: `${inputs.cluster}/${inputs.host}`, outs: stateOf(inputs, report) };
    },

    async read(_id, outs) {
      try {
        return await refreshed(await open(outs), outs);
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        context.progress.warn(
          `${error.message} What is known of the peer on '${outs.host}' is kept as it was.`,
        );
        return { outs };
      }
    },

    async update(_id, _olds, inputs) {
      return stateOf(inputs, await settle(inputs, true));
    },

    async delete(_id, outs) {
      const weave = await open(outs).catch((error: unknown) => {
        throw error instanceof FerryError
          ? new FerryError(`${error.message} ${staysBehind(outs.host)}`)
          : error;
      });
      await weave.reset();
    },
  };
}

function stateOf(inputs: PeerInputs, report: RouterReport): PeerState {
  return {
    ...inputs,
    peerName: report.peerName,
    nickname: report.nickname,
    version: report.version,
    proxySocket: PROXY_SOCKET,
  };
}

function staysBehind(host: string): string {
  return (
    `Weave on host '${host}' was left as it is. Bring the host back and run again; or, if it is gone for good, drop ` +
    "this peer with `pulumi state delete` and its URN, which touches no host and loses no data."
  );
}

/** undefined when no router runs, so that `up` launches one; else inputs that show what has drifted. */
async function refreshed(
  weave: Weave,
  outs: PeerState,
): Promise<{ inputs?: PeerInputs; outs: PeerState } | undefined> {
  const found = await weave.router(outs.password);
  if (found?.status !== "running") return undefined;
  const report = await weave.report();
  if (report === undefined) {
    throw new FerryError(`Weave's router on host '${outs.host}' runs but does not answer.`);
  }
  const actual = { ...outs, ...fromReport(report) };
  const { connect, forget } = targetChanges(outs.targets, report.targets);
  const drifted = differences({ ...launchSettings(outs), peerName: outs.peerName }, found, report);
  if (drifted.length + connect.length + forget.length === 0) return { outs: actual };
  return { inputs: inputsOf(outs, found, report), outs: { ...actual, targets: report.targets } };
}

const fromReport = ({ peerName, nickname, version }: RouterReport) => ({
  peerName,
  nickname,
  version,
});

/** The inputs that would have led to what runs now. Absent where the router was launched without. */
function inputsOf(outs: PeerState, found: RouterContainer, report: RouterReport): PeerInputs {
  const { extraFlags, trustedSubnets, ...settings } = found.settings;
  return {
    cluster: outs.cluster,
    host: outs.host,
    connection: outs.connection,
    address: outs.address,
    electors: outs.electors,
    ...settings,
    targets: report.targets,
    ...(trustedSubnets.length === 0 ? {} : { trustedSubnets }),
    ...(extraFlags.length === 0 ? {} : { extraFlags }),
    ...(found.password === "same" && outs.password !== undefined
      ? { password: outs.password }
      : {}),
  };
}
