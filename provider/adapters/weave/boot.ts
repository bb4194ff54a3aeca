import type { BootOutcome, BootState } from "../../core/weave/port";
import {
  type BootExtras,
  confText,
  CONF_PATH,
  LAUNCHER_PATH,
  LAUNCHER_TEXT,
  SIGNATURE,
  UNIT,
  UNIT_PATH,
  UNIT_TEXT,
} from "../../core/weave/boot-unit";
import type { LaunchSettings } from "../../core/weave/settings";
import type { WeaveCommand } from "./weave-command";

/**
 * What is there, in one word, and whose file is in the way. $1: length of the wanted settings,
 * which come by standard input; $2: "write" to put them there. The other two files are the same for
 * all hosts, so they are part of this.
 */
const BOOT = `
size=$1 act=$2
if [ ! -d /run/systemd/system ]; then cat >/dev/null; echo unsupported; exit; fi
for file in ${CONF_PATH} ${LAUNCHER_PATH} ${UNIT_PATH}; do
  if [ -e "$file" ] && ! head -n 2 "$file" | grep -q '^${SIGNATURE}'; then
    cat >/dev/null; echo "foreign $file"; exit
  fi
done
for folder in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
  if [ -e "$folder/weave.service" ]; then cat >/dev/null; echo "foreign $folder/weave.service"; exit; fi
done
umask 077
new=$(mktemp -d /run/pulumi-ferry-boot.XXXXXXXX) || exit 1
tmp=
trap 'rm -rf "$new" "$tmp"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$new/conf"
if [ "$(wc -c <"$new/conf" | tr -d ' ')" != "$size" ]; then echo "the settings were cut off" >&2; exit 1; fi
cat >"$new/launcher" <<'FERRY_END'
${LAUNCHER_TEXT}FERRY_END
cat >"$new/unit" <<'FERRY_END'
${UNIT_TEXT}FERRY_END
enabled=$(systemctl is-enabled ${UNIT} 2>/dev/null)
if [ "$enabled" = enabled ] && cmp -s "$new/conf" ${CONF_PATH} && cmp -s "$new/launcher" ${LAUNCHER_PATH} &&
  cmp -s "$new/unit" ${UNIT_PATH}; then
  echo current; exit
fi
if [ -e ${CONF_PATH} ] || [ -e ${UNIT_PATH} ]; then found=outdated; else found=none; fi
if [ "$act" != write ]; then echo $found; exit; fi
set -e
put() {
  mkdir -p -m 755 "\${2%/*}"
  tmp=$(mktemp "\${2%/*}/.ferry.XXXXXXXX")
  cat "$1" >"$tmp"
  chmod "$3" "$tmp"
  sync "$tmp"
  mv -f "$tmp" "$2"
  sync "\${2%/*}"
}
put "$new/conf" ${CONF_PATH} 600
put "$new/launcher" ${LAUNCHER_PATH} 755
put "$new/unit" ${UNIT_PATH} 644
systemctl daemon-reload
systemctl enable --quiet ${UNIT}
echo current
`;

/** Removes what BOOT put there, and nothing else. */
const FORGET_BOOT = `
if [ -e ${UNIT_PATH} ] && head -n 2 ${UNIT_PATH} | grep -q '^${SIGNATURE}'; then
  systemctl disable --quiet --now ${UNIT}
  rm -f ${UNIT_PATH}
  systemctl daemon-reload
  systemctl reset-failed ${UNIT} 2>/dev/null
fi
for file in ${CONF_PATH} ${LAUNCHER_PATH}; do
  if [ -e "$file" ] && head -n 2 "$file" | grep -q '^${SIGNATURE}'; then rm -f "$file"; fi
done
rmdir ${LAUNCHER_PATH.slice(0, LAUNCHER_PATH.lastIndexOf("/"))} 2>/dev/null
exit 0
`;

/** Has the host launch the router at boot. */
export async function keepAtBoot(
  weave: WeaveCommand,
  settings: LaunchSettings,
  extras?: BootExtras,
): Promise<BootOutcome> {
  const [state, file] = await ask(weave, settings, extras, "write");
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
  extras?: BootExtras,
): Promise<BootState> {
  const [state] = await ask(weave, settings, extras, "look");
  return state;
}

async function ask(
  weave: WeaveCommand,
  settings: LaunchSettings,
  extras: BootExtras | undefined,
  act: "write" | "look",
): Promise<[state: BootState, file: string]> {
  const conf = Buffer.from(
    await weave.words((_, version) => confText(settings, version, extras, weave.path)),
  );
  const said = await weave.checkScript("Setting up the launch at boot", BOOT, {
    args: [String(conf.length), act],
    stdin: conf,
    ...(settings.password === undefined ? {} : { redact: [settings.password] }),
  });
  const [state = "", file = ""] = said.trim().split(" ");
  return [isState(state) ? state : "none", file];
}

const isState = (text: string): text is BootState =>
  ["current", "outdated", "none", "foreign", "unsupported"].includes(text);
