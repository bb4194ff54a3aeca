import { FerryError } from "../../../core/errors";
import type { PeerInputs } from "../../../core/weave/peer-inputs";
import type { RouterReport } from "../../../core/weave/report";
import { describeDifferences } from "../../../core/weave/router-container";
import { CONNECT_SECONDS, peerOn, portsHint, waitForNetwork } from "./back-in-network";
import { answer, inspect, settingsFor, applyBoot, applyRouter } from "./apply-router";
import { underLock, type OpenedWeave, type PeerTools } from "./peer-tools";

/** Peers that differ in one of these cannot connect, so they cannot wait for one another either. */
const APART = new Set(["password", "ipallocRange"]);

/**
 * Launches a router with other settings, in its turn: the next one of the cluster is not touched
 * before this one is back in the network. Containers keep their addresses; what is silent is the
 * router alone, for as long as its own restart takes. When it does not come back, the other routers
 * are left as they are.
 */
export function relaunchQueued(
  tools: PeerTools,
  opened: OpenedWeave,
  inputs: PeerInputs,
): Promise<RouterReport> {
  const { cluster, host } = inputs;
  const { clock, peerQueue, context } = tools;
  return peerQueue.take(cluster, async () => {
    peerQueue.refuseAfterFailure(cluster, host);
    const warn = (message: string) => {
      context.progress.warn(message);
    };
    const before = await inspect(opened.weave, inputs, clock);
    if (before.report === undefined || before.different.length === 0) {
      // Somebody was faster: what is there now needs no relaunch.
      return underLock(tools, opened, reasonFor(inputs), (weave) =>
        applyRouter(weave, inputs, {
          joins: true,
          isNew: false,
          clock,
          warn,
          touching: () => undefined,
        }),
      );
    }
    const was = before.report;
    const ready = was.ipam?.ready === true;
    const apart = before.different.some(({ setting }) => APART.has(setting));
    try {
      context.progress.info(
        `Weave's router on host '${host}' is launched anew: ${describeDifferences(before.different)}.`,
      );
      await underLock(tools, opened, reasonFor(inputs), async (weave) => {
        const settings = settingsFor(inputs, before.found, ready);
        await weave.setup(inputs.imageVersion);
        await weave.relaunch(settings);
        await applyBoot(weave, inputs, settings, warn);
        await answer(weave, host, clock);
        for (const { name, addresses } of was.externalNames) await weave.dnsAdd(name, addresses);
      });
      const seconds = tools.peers.membershipOf(cluster, host)?.timeoutSeconds ?? CONNECT_SECONDS;
      const { arrived, report } = await waitForNetwork(
        { ...inputs, weave: opened.weave },
        { connectedWith: apart ? [] : was.establishedWith, ipam: ready && !apart },
        clock,
        seconds,
      );
      if (arrived && report !== undefined) return report;
      throw new FerryError({
        kind: "trouble",
        reason: await notBack(opened, inputs, was, report, seconds),
      });
    } catch (error) {
      peerQueue.breakOff(cluster, host);
      throw error;
    }
  });
}

const reasonFor = ({ cluster }: PeerInputs) => `launching its router anew in cluster '${cluster}'`;

async function notBack(
  { host }: OpenedWeave,
  inputs: PeerInputs,
  was: RouterReport,
  is: RouterReport | undefined,
  seconds: number,
): Promise<string> {
  const established = new Set(is?.establishedWith);
  const lost = was.establishedWith.filter((name) => !established.has(name));
  const what =
    is === undefined
      ? "it does not answer"
      : lost.length > 0
        ? `it is not connected any more with ${lost.join(", ")}`
        : "it does not know how Weave's range is divided";
  const tried = is?.connections.find(({ state }) => state !== "established")?.address;
  const from = tried ?? inputs.targets[0];
  const apart = from === undefined ? [] : [{ host, from }];
  return (
    `${peerOn(inputs)} was launched with other settings, and is not back in the network after ${seconds} s: ${what}. ${await portsHint(is, apart)}No other ` +
    "router was touched after it. Put the cause right, or take the settings back, and run `pulumi up` again."
  );
}
