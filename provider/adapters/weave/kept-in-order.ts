import { hostProgram } from "../../on-host/load";
import { collectorWords, NAMES_UNIT, namesWords } from "../../core/weave/weave-port";
import { COLLECTOR } from "./dead-links";
import { installUnit, removeUnit, unitFault, type KeptUnit, type OnHost } from "./kept-unit";

/** Names follow health, and each replica has one of its own. */
const NAMES: KeptUnit = {
  unit: NAMES_UNIT,
  description: "Keep the names of Ferry's replicas in Weave's DNS as they should be",
  scriptPath: "/usr/local/lib/pulumi-ferry/keep-names",
  script: hostProgram("weave/keep-names.sh"),
};

const UNITS = [
  { kept: COLLECTOR, words: collectorWords },
  { kept: NAMES, words: namesWords },
] as const;

/** As `Weave.keepUnits`. */
export async function installUnits(host: OnHost): Promise<boolean> {
  let able = true;
  for (const { kept } of UNITS) able = (await installUnit(host, kept)) && able;
  return able;
}

/** As `Weave.unitsFault`. */
export async function unitsFault(host: OnHost): Promise<string | undefined> {
  const faults: string[] = [];
  for (const { kept, words } of UNITS) {
    const state = await unitFault(host, kept);
    if (state !== undefined) faults.push(words(host.name, state));
  }
  return faults.length === 0 ? undefined : faults.join("; ");
}

/** Missing is success. */
export async function removeUnits(host: OnHost): Promise<void> {
  for (const { kept } of UNITS) await removeUnit(host, kept);
}
