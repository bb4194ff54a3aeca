import { FerryError } from "../core/errors";
import { launchSettings, type PeerInputs } from "../core/weave/peer-inputs";
import { weaveMissing, type Weave } from "../core/weave/port";
import type { RouterReport } from "../core/weave/report";
import {
  describeDifferences,
  differences,
  targetChanges,
  type RouterContainer,
} from "../core/weave/router-container";
import { poll, type Clock } from "./clock";

/** How long a router that runs may take until it answers, in seconds. */
const ANSWER_SECONDS = 30;

export interface SettleOptions {
  /** A router with other settings: true launches it anew, false leaves it alone and rejects. */
  readonly mayRelaunch: boolean;
  readonly clock: Clock;
}

/**
 * Brings the router on a host to what the inputs say, whatever is there: nothing, a stopped router, one that is just as
 * wanted (adopted), or one with other targets (connect and forget) or other settings. May be cut off and run again.
 */
export async function settleRouter(
  weave: Weave,
  inputs: PeerInputs,
  { mayRelaunch, clock }: SettleOptions,
): Promise<RouterReport> {
  const { host } = inputs;
  if ((await weave.version()) === undefined) throw new FerryError(weaveMissing(host));
  const found = await weave.router(inputs.password);
  if (found?.status !== "running") {
    await weave.launch(launchSettings(keepingName(inputs, found)));
    return answer(weave, host, clock);
  }
  const report = await answer(weave, host, clock);
  refuseAnotherName(inputs, report);
  const different = differences(launchSettings(inputs), found, report);
  if (different.length > 0) {
    if (!mayRelaunch) throw new FerryError(alreadyRunning(host, describeDifferences(different)));
    await weave.stop();
    await weave.launch(launchSettings(keepingName(inputs, found)));
    return answer(weave, host, clock);
  }
  const { connect, forget } = targetChanges(inputs.targets, report.targets);
  if (connect.length + forget.length === 0) return report;
  await weave.connect(connect);
  await weave.forget(forget);
  return answer(weave, host, clock);
}

/** A relaunch without the name that the router had would make another peer of it. */
function keepingName(inputs: PeerInputs, found: RouterContainer | undefined): PeerInputs {
  const peerName = inputs.peerName ?? found?.settings.peerName;
  return peerName === undefined ? inputs : { ...inputs, peerName };
}

async function answer(weave: Weave, host: string, clock: Clock): Promise<RouterReport> {
  const deadline = clock.now() + ANSWER_SECONDS * 1000;
  const report = await poll(clock, deadline, () => weave.report());
  if (report !== undefined) return report;
  throw new FerryError(
    `Weave's router on host '${host}' runs, but has not answered on port 6784 of its loopback for ${ANSWER_SECONDS} s. ` +
      "Look at `docker logs weave` there, and run again.",
  );
}

function refuseAnotherName({ host, peerName }: PeerInputs, report: RouterReport): void {
  if (peerName === undefined || peerName === report.peerName) return;
  throw new FerryError(
    `The router on host '${host}' is the peer ${report.peerName}, and the program calls it ${peerName}. Nothing was ` +
      "changed. A peer holds its share of Weave's range by its name: leave peerName out, or run `weave reset` on the host.",
  );
}

function alreadyRunning(host: string, what: string): string {
  return (
    `Weave already runs on host '${host}' with other settings: ${what}. Nothing was changed. Give the program the ` +
    "same settings, or, if nothing needs that network any more, run `weave reset` on the host."
  );
}
