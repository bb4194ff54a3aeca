import type { Invocation } from "./invocation";
import { dialectFor } from "./dialect";
import type { LaunchSettings } from "./settings";

/** The files by which a host launches Weave's router at boot. Each begins with a line that says whose it is. */
export const CONF_PATH = "/etc/weave.conf";
export const LAUNCHER_PATH = "/usr/local/lib/pulumi-ferry/weave-launch";
export const UNIT = "pulumi-ferry-weave.service";
export const UNIT_PATH = `/etc/systemd/system/${UNIT}`;

/** First words of a file that Ferry wrote. */
export const SIGNATURE = "# Written by pulumi-ferry";

/**
 * The settings as `/etc/weave.conf` has them: NAME=VALUE lines, word for word and without any quoting, of which
 * FERRY_LAUNCH has the arguments of `weave launch`. Holds the password, so it is for root alone.
 */
export function confText(settings: LaunchSettings, weaveVersion: string): string {
  // Whether the host can do the fast datapath, the launcher finds out there.
  const launch = dialectFor(weaveVersion).launch(settings, { fastDatapath: true });
  return [
    `${SIGNATURE}: what ${UNIT} launches Weave with. Changes are overwritten by the next \`pulumi up\`.`,
    ...assignments(launch),
    `FERRY_LAUNCH=${launch.argv.slice(2).join(" ")}`,
    "",
  ].join("\n");
}

const assignments = ({ environment, secrets }: Invocation) =>
  Object.entries({ ...environment, ...secrets }).map(([name, value]) => `${name}=${value}`);

/**
 * Launches the router as the settings say, unless one runs or Docker is bringing one up. Arguments are split at spaces and at
 * nothing else; none can hold one, as Weave's own script would split it. Decides on the fast datapath as
 * ./fast-datapath.ts does.
 */
export const LAUNCHER_TEXT = `#!/bin/sh
${SIGNATURE}: launches Weave's router with the settings in ${CONF_PATH}.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
case $(docker inspect --type container -f '{{.State.Running}} {{.State.Restarting}}' weave 2>/dev/null) in
  *true*) exit 0 ;;
esac
launch=
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    '#'*) ;;
    FERRY_LAUNCH=*) launch=\${line#*=} ;;
    *=*) export "$line" ;;
  esac
done <${CONF_PATH} || exit 1
if [ -d /sys/class/net/weave/bridge ] && [ ! -d /sys/class/net/datapath ]; then
  export WEAVE_NO_FASTDP=1
elif [ ! -d /sys/class/net/weave ] && [ ! -d /sys/module/openvswitch ] &&
  ! modprobe -n -q openvswitch 2>/dev/null; then
  export WEAVE_NO_FASTDP=1
fi
set -f
exec weave launch $launch
`;

/** Not of type oneshot, which may not be restarted before systemd 244: a launch may come before the network is up. */
export const UNIT_TEXT = `${SIGNATURE}.
[Unit]
Description=Weave Net's router
After=docker.service network-online.target
Wants=docker.service network-online.target

[Service]
ExecStart=${LAUNCHER_PATH}
RemainAfterExit=yes
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
