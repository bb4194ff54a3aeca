import { FerryError } from "../../../core/errors";
import { bootExposures, launchSettings, type PeerInputs } from "../../../core/weave/peer-inputs";
import type { Weave } from "../../../core/weave/weave-port";
import type { RouterReport } from "../../../core/weave/report";
import {
  differences,
  targetChanges,
  type Difference,
  type RouterContainer,
} from "../../../core/weave/router-container";
import { joining } from "../../../core/weave/settings";
import { inputsIn, type PeerState } from "./state";

/**
 * What there is of a peer. `inputs` are those that would have led to it, and only where they differ
 * from the program's, so that a refresh shows what has drifted and the next `up` puts it right.
 * undefined when the host has no router at all.
 */
export async function refreshPeer(
  weave: Weave,
  outs: PeerState,
): Promise<{ inputs?: PeerInputs; outs: PeerState } | undefined> {
  const found = await weave.router(outs.password);
  if (found === undefined) return undefined;
  const { running: _, swept: _swept, ...last } = outs;
  const report = found.status === "running" ? await weave.report() : undefined;
  const trouble = report === undefined ? await weave.trouble() : undefined;
  // Between two of its deaths it runs; the next `up` looks for longer before it does anything about
  // it.
  const dies = (trouble?.restarts ?? 0) > 0;
  if (found.status !== "running" || (report === undefined && dies)) {
    // Its container is still there, and the host's part in the network with it: not gone, and not
    // to be forgotten.
    const inputs = inputsIn(last, found.settings);
    return { inputs: { ...inputs, running: false }, outs: { ...last, running: false } };
  }
  if (report === undefined) {
    throw new FerryError({
      kind: "trouble",
      reason: `Weave's router on host '${outs.host}' runs but does not answer.`,
    });
  }
  const { peerName, nickname, version } = report;
  const actual = { ...last, peerName, nickname, version };
  const { connect, forget } = targetChanges(outs.targets, report.targets);
  const wanted = { ...launchSettings(outs), peerName: outs.peerName };
  const drifted = differences(wanted, found, report);
  const boot = await bootDrift(weave, inputsIn(last, found.settings));
  const collected =
    (await weave.unitsFault()) === undefined ? undefined : { swept: false as const };
  const beside =
    boot === undefined && collected === undefined ? undefined : { ...boot, ...collected };
  if (drifted.length + connect.length + forget.length === 0 && beside === undefined) {
    return { outs: actual };
  }
  const { inputs, outs: state } = asFound(actual, found, report, drifted);
  return { inputs: { ...inputs, ...beside }, outs: state };
}

function asFound(
  outs: PeerState,
  { settings, imageVersion }: RouterContainer,
  report: RouterReport,
  drifted: readonly Difference[],
): { inputs: PeerInputs; outs: PeerState } {
  const changed: Record<string, unknown> = { targets: report.targets };
  const gone = new Set<string>();
  const is: Record<string, unknown> = { ...settings, imageVersion };
  for (const { setting } of drifted) {
    // Another password than the program's is none that anybody here knows.
    const value = setting === "password" ? undefined : is[setting];
    const isNothing = value === undefined || (Array.isArray(value) && value.length === 0);
    if (isNothing) gone.add(setting);
    else changed[setting] = value;
  }
  const apply = <T extends object>(to: T): T =>
    Object.fromEntries(
      Object.entries({ ...to, ...changed }).filter(([name]) => !gone.has(name)),
    ) as T;
  return { inputs: apply(inputsIn(outs, settings)), outs: { ...outs, targets: report.targets } };
}

/** A unit that is missing or has other settings shows as the switch that it stands for. */
async function bootDrift(
  weave: Weave,
  inputs: PeerInputs,
): Promise<Partial<PeerInputs> | undefined> {
  if (inputs.launchAtBoot === false) return undefined;
  const [settings, exposures] = [launchSettings(inputs), bootExposures(inputs)];
  const found = await weave.atBoot(joining(settings), exposures);
  // A peer that was there when the network was formed may have been told to take part in forming
  // it.
  const state = found === "outdated" ? await weave.atBoot(settings, exposures) : found;
  return state === "outdated" || state === "none" ? { launchAtBoot: false } : undefined;
}
