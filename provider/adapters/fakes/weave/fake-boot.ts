import { confText, type BootExposures } from "../../../core/weave/boot-unit";
import type { BootOutcome, BootState } from "../../../core/weave/weave-port";
import type { LaunchSettings } from "../../../core/weave/settings";

/** What a fake host has for its boot. */
export interface FakeBootFiles {
  readonly host: string;
  readonly hasSystemd: boolean;
  /** Somebody else's file in the way of the unit for the boot. */
  readonly foreignBootFile: string | undefined;
  bootConf: string | undefined;
  readonly commandVersion: string | undefined;
}

export function fakeBootState(
  files: FakeBootFiles,
  settings: LaunchSettings,
  exposures?: BootExposures,
): BootState {
  const wanted = confText(settings, files.commandVersion ?? "", exposures);
  if (!files.hasSystemd) return "unsupported";
  if (files.foreignBootFile !== undefined) return "foreign";
  if (files.bootConf === undefined) return "none";
  return files.bootConf === wanted ? "current" : "outdated";
}

export function keepAtFakeBoot(
  files: FakeBootFiles,
  settings: LaunchSettings,
  exposures?: BootExposures,
): BootOutcome {
  const state = fakeBootState(files, settings, exposures);
  if (state === "unsupported") {
    return { launchesAtBoot: false, reason: `Host '${files.host}' has no systemd.` };
  }
  if (state === "foreign") {
    const reason = `Host '${files.host}' has ${files.foreignBootFile ?? ""} already, and it is not Ferry's.`;
    return { launchesAtBoot: false, reason };
  }
  files.bootConf = confText(settings, files.commandVersion ?? "", exposures);
  return { launchesAtBoot: true };
}
