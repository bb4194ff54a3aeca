import type { BootOutcome, BootState } from "../../core/weave/weave-port";
import { type BootExposures, confText, UNIT_TEXT } from "../../core/weave/boot-unit";
import type { LaunchSettings } from "../../core/weave/settings";
import type { WeaveCommand } from "./weave-command";
import { hostProgram } from "../../on-host/load";

const BOOT = hostProgram("weave/boot.sh");
const FORGET_BOOT = hostProgram("weave/forget-boot.sh");
/** Kept by hosts as it is. */
const LAUNCHER = hostProgram("weave/launcher.sh");

/** Has the host launch the router at boot. */
export async function keepAtBoot(
  weave: WeaveCommand,
  settings: LaunchSettings,
  exposures?: BootExposures,
): Promise<BootOutcome> {
  const [state, file] = await ask(weave, settings, exposures, "write");
  if (state === "unsupported") {
    return {
      launchesAtBoot: false,
      reason:
        `Host '${weave.hostName}' has no systemd: after a reboot Docker starts Weave's router again, but not one that ` +
        "was stopped or removed.",
    };
  }
  if (state === "foreign") {
    return {
      launchesAtBoot: false,
      reason:
        `Host '${weave.hostName}' has ${file} already, and it is not Ferry's, so nothing was set up for the boot there. ` +
        "Remove it to let Ferry do that, or switch `launchAtBoot` off.",
    };
  }
  return { launchesAtBoot: true };
}

export async function forgetAtBoot(weave: WeaveCommand): Promise<void> {
  await weave.checkScript("Undoing the launch at boot", FORGET_BOOT);
}

/** What is there, compared on the host, so that the password never travels back. */
export async function atBoot(
  weave: WeaveCommand,
  settings: LaunchSettings,
  exposures?: BootExposures,
): Promise<BootState> {
  const [state] = await ask(weave, settings, exposures, "look");
  return state;
}

async function ask(
  weave: WeaveCommand,
  settings: LaunchSettings,
  exposures: BootExposures | undefined,
  act: "write" | "look",
): Promise<[state: BootState, file: string]> {
  const conf = Buffer.from(
    await weave.words((_, version) => confText(settings, version, exposures, weave.path)),
  );
  const said = await weave.checkScript("Setting up the launch at boot", BOOT, {
    args: [String(conf.length), act, LAUNCHER, UNIT_TEXT],
    stdin: conf,
    ...(settings.password === undefined ? {} : { redact: [settings.password] }),
  });
  const [state = "", file = ""] = said.trim().split(" ");
  return [isState(state) ? state : "none", file];
}

const isState = (text: string): text is BootState =>
  ["current", "outdated", "none", "foreign", "unsupported"].includes(text);
