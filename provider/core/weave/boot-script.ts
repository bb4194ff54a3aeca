import { FerryError } from "../errors";
import {
  confText,
  CONF_PATH,
  LAUNCHER_PATH,
  SIGNATURE,
  UNIT,
  UNIT_PATH,
  UNIT_TEXT,
} from "./boot-unit";
import { commandPath } from "./source";
import { joining, type LaunchSettings } from "./settings";

export interface BootScriptOptions {
  /** What launches the router at boot: the text of on-host/weave/launcher.sh. */
  readonly launcher: string;
  /** The version of the weave command on the new hosts. @default the last release */
  readonly weaveVersion?: string;
  /** The path of that command. @default where the host finds `weave` */
  readonly command?: string;
}

/**
 * A POSIX script that brings a fresh host into a cluster as an observer, without any run of Pulumi:
 * from a machine image, cloud-init or by hand, as root. The host needs Docker and the weave
 * command. It waits for Docker, leaves what somebody else set up alone, and may be run again. The
 * next `pulumi up` that lists the host adopts the router as it runs.
 *
 * Holds the password: a secret, like whatever it is put into.
 * @param settings of the cluster, with the core's addresses as targets; names are left to each host
 */
export function observerBootScript(
  settings: LaunchSettings,
  { launcher, weaveVersion = "unreleased", command }: BootScriptOptions,
): string {
  if (settings.targets.length === 0) {
    throw new FerryError(
      "A boot script needs the address of at least one peer that is there already.",
    );
  }
  const {
    peerName: _peerName,
    nickname: _nickname,
    bindAddress: _bindAddress,
    ...shared
  } = settings;
  const path = command === undefined ? undefined : commandPath(command);
  const conf = confText(joining(shared), weaveVersion, {}, path);
  return `#!/bin/sh
${SIGNATURE}. Joins this host to a Weave network as an observer. Run it as root, at first boot or at any time after.
set -eu
umask 077
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
fail() {
  echo "joining the Weave network failed on $(hostname): $1" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || fail "this needs root"
command -v docker >/dev/null || fail "Docker is not installed"
command -v ${path ?? "weave"} >/dev/null || fail "the weave command is not installed${path === undefined ? "" : ` at ${path}`}"
for file in ${CONF_PATH} ${LAUNCHER_PATH} ${UNIT_PATH}; do
  if [ -e "$file" ] && ! head -n 2 "$file" | grep -q '^${SIGNATURE}'; then
    fail "$file is there already, and not Ferry's"
  fi
done
tries=60
until docker info >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail "Docker does not answer"
  sleep 2
done
# Each file is whole or not there: written beside its place, then moved.
put() {
  mkdir -p "\${1%/*}"
  cat >"$1.ferry-new"
  chmod "$2" "$1.ferry-new"
  mv -f "$1.ferry-new" "$1"
}
put ${CONF_PATH} 600 <<'FERRY_END'
${conf}FERRY_END
put ${LAUNCHER_PATH} 755 <<'FERRY_END'
${launcher}FERRY_END
chmod 755 ${LAUNCHER_PATH.slice(0, LAUNCHER_PATH.lastIndexOf("/"))}
if [ -d /run/systemd/system ]; then
  put ${UNIT_PATH} 644 <<'FERRY_END'
${UNIT_TEXT}FERRY_END
  systemctl daemon-reload
  systemctl enable --quiet ${UNIT}
fi
exec ${LAUNCHER_PATH}
`;
}
