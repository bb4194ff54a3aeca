import { FerryError } from "../../../core/errors";
import { bootExposures, launchSettings, type PeerInputs } from "../../../core/weave/peer-inputs";
import { weaveMissing, type Weave } from "../../../core/weave/weave-port";
import type { RouterReport } from "../../../core/weave/report";
import {
  describeDifferences,
  differences,
  targetChanges,
  type Difference,
  type RouterContainer,
} from "../../../core/weave/router-container";
import { describeTrouble, isDying } from "../../../core/weave/router-trouble";
import { joining, type LaunchSettings } from "../../../core/weave/settings";
import { poll, type Clock } from "../../clock";

/** How long a router that runs may take until it answers, in seconds. */
const ANSWER_SECONDS = 30;

/** A router as it was found, beside what it should be. */
export interface Inspected {
  readonly found: RouterContainer | undefined;
  /** undefined: it does not run. */
  readonly report: RouterReport | undefined;
  /** What it would have to be launched anew for. */
  readonly different: readonly Difference[];
}

/** Looks, and changes nothing. Rejects where it cannot be the peer that the program means. */
export async function inspect(weave: Weave, inputs: PeerInputs, clock: Clock): Promise<Inspected> {
  const { host } = inputs;
  if ((await weave.version()) === undefined)
    throw new FerryError({ kind: "settings", reason: weaveMissing(host, inputs.command) });
  const found = await weave.router(inputs.password);
  if (found?.status !== "running") return { found, report: undefined, different: [] };
  const report = await answerOrDeath(weave, host, clock);
  // Between two of its deaths it runs.
  if (report === "dying") {
    return { found: { ...found, status: "restarting" }, report: undefined, different: [] };
  }
  refuseAnotherName(inputs, report);
  return { found, report, different: differences(launchSettings(inputs), found, report) };
}

export interface ApplyOptions {
  /** The range has been divided: the router joins, and never divides it a second time. */
  readonly joins: boolean;
  /**
   * No state knows of this peer yet: whose router it is that is found is kept in mind on the host.
   */
  readonly isNew: boolean;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** Called before the first change. */
  readonly touching: () => void;
}

/**
 * Brings the router on a host to what the inputs say, whatever is there: nothing, a stopped router,
 * one that is just as wanted (adopted), or one with other targets. One with other settings is left
 * alone, and the call rejects. May be interrupted and run again.
 */
export async function applyRouter(
  weave: Weave,
  inputs: PeerInputs,
  options: ApplyOptions,
): Promise<RouterReport> {
  const { host } = inputs;
  const { found, report, different } = await inspect(weave, inputs, options.clock);
  const settings = settingsFor(inputs, found, options.joins || report?.ipam?.ready === true);
  if (different.length > 0) throw alreadyRunning(host, describeDifferences(different));
  options.touching();
  if (report === undefined) {
    await noteLaunch(weave, found);
    await weave.setup(inputs.imageVersion);
    await applyBoot(weave, inputs, settings, options.warn);
    // Docker starts one that dies again and again by itself: Weave launches none beside it.
    // Launched anew it is told how to speak with the Docker that is there now, which may be another
    // one than when it was launched first. And nobody launches one beside somebody else's that has
    // stopped.
    if (found?.status === "restarting" || (await isOthers(weave, found)))
      await weave.relaunch(settings);
    else await weave.launch(settings);
  } else {
    if (options.isNew) await noteFound(weave, report, settings);
    await retarget(weave, inputs, report);
    await applyBoot(weave, inputs, settings, options.warn);
  }
  await keepUnits(weave, host, options.warn);
  return answer(weave, host, options.clock);
}

/** It has not the images of the one that is to be launched: weaveworks', say, and not reWeave's. */
async function isOthers(weave: Weave, found: RouterContainer | undefined): Promise<boolean> {
  const images = await weave.imagesOf();
  return found !== undefined && images !== undefined && found.images !== images;
}

/** One that was there before Ferry and has stopped since is no new one. */
async function noteLaunch(weave: Weave, found: RouterContainer | undefined): Promise<void> {
  const origin = await weave.origin();
  if (origin?.kind === "launched" || (origin !== undefined && found !== undefined)) return;
  await weave.noteOrigin({ kind: "launched" });
}

/**
 * Ferry's own are known by the note, or by what launches them at boot: versions before, and boot
 * scripts, leave that.
 */
async function noteFound(
  weave: Weave,
  { targets }: RouterReport,
  settings: LaunchSettings,
): Promise<void> {
  if ((await weave.origin()) !== undefined) return;
  const boot = await weave.atBoot(settings);
  const isOurs = boot === "current" || boot === "outdated";
  await weave.noteOrigin(
    isOurs ? { kind: "launched" } : { kind: "found", targets, exposed: await weave.exposed() },
  );
}

/** Targets by connect and forget: no relaunch, and no packet lost. */
async function retarget(weave: Weave, inputs: PeerInputs, report: RouterReport): Promise<void> {
  const { connect, forget } = targetChanges(inputs.targets, report.targets);
  await weave.connect(connect);
  await weave.forget(forget);
}

/** Whether and how the host launches the router when it boots. */
export async function applyBoot(
  weave: Weave,
  inputs: PeerInputs,
  settings: LaunchSettings,
  warn: (message: string) => void,
): Promise<void> {
  if (inputs.launchAtBoot === false) return weave.forgetAtBoot();
  const { launchesAtBoot, reason } = await weave.keepAtBoot(settings, bootExposures(inputs));
  if (!launchesAtBoot && reason !== undefined) warn(reason);
}

async function keepUnits(
  weave: Weave,
  host: string,
  warn: (message: string) => void,
): Promise<void> {
  if (await weave.keepUnits()) return;
  warn(
    `Host '${host}' has no systemd: a container that Docker restarts there by itself may leave its old ` +
      `address behind on the network. Each \`pulumi up\` that touches the host takes such addresses off.`,
  );
}

/**
 * What the router is launched with. Without the name that it had before, a relaunch would make
 * another peer of it.
 * @param joins the range has been divided already
 */
export function settingsFor(
  inputs: PeerInputs,
  found: RouterContainer | undefined,
  joins: boolean,
): LaunchSettings {
  const peerName = inputs.peerName ?? found?.settings.peerName;
  const settings = launchSettings(peerName === undefined ? inputs : { ...inputs, peerName });
  return joins ? joining(settings) : settings;
}

/** Waits for the router that runs; "dying" where Docker had to start it again meanwhile. */
async function answerOrDeath(
  weave: Weave,
  host: string,
  clock: Clock,
): Promise<RouterReport | "dying"> {
  const first = await weave.report();
  if (first !== undefined) return first;
  const before = await weave.trouble();
  const deadline = clock.now() + ANSWER_SECONDS * 1000;
  const report = await poll(clock, deadline, () => weave.report());
  if (report !== undefined) return report;
  const now = await weave.trouble();
  if (now !== undefined && isDying(now, before?.restarts)) return "dying";
  throw await noAnswer(weave, host);
}

export async function answer(weave: Weave, host: string, clock: Clock): Promise<RouterReport> {
  const deadline = clock.now() + ANSWER_SECONDS * 1000;
  const report = await poll(clock, deadline, () => weave.report());
  if (report !== undefined) return report;
  throw await noAnswer(weave, host);
}

async function noAnswer(weave: Weave, host: string): Promise<FerryError> {
  const trouble = await weave.trouble();
  const how = trouble === undefined ? "" : ` (${describeTrouble(trouble)})`;
  return new FerryError({
    ...{ kind: "trouble", host },
    reason: `Weave's router on host '${host}' runs, but has not answered on port 6784 of its loopback for ${ANSWER_SECONDS} s${how}`,
    advice: "Look at `docker logs weave` there, and run again",
  });
}

function refuseAnotherName({ host, peerName }: PeerInputs, report: RouterReport): void {
  if (peerName === undefined || peerName === report.peerName) return;
  throw new FerryError({
    ...{ kind: "settings", host },
    reason: `The router on host '${host}' is the peer ${report.peerName}, and the program calls it ${peerName}`,
    advice:
      "A peer holds its share of Weave's range by its name: leave peerName out, or run `weave reset` on the host",
    touched: "nothing",
  });
}

function alreadyRunning(host: string, what: string): FerryError {
  return new FerryError({
    ...{ kind: "settings", host },
    reason: `Weave already runs on host '${host}' with other settings: ${what}`,
    advice:
      "Give the program the same settings, or, if nothing needs that network any more, run `weave reset` on the host",
    touched: "nothing",
  });
}
