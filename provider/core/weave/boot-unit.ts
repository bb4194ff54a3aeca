import type { Invocation } from "./invocation";
import { dialectFor } from "./dialect";
import type { ExternalName } from "./report";
import type { LaunchSettings } from "./settings";

/**
 * The files by which a host launches Weave's router at boot. Each begins with a line that says
 * whose it is.
 */
export const CONF_PATH = "/etc/weave.conf";
export const LAUNCHER_PATH = "/usr/local/lib/pulumi-ferry/weave-launch";
export const UNIT = "pulumi-ferry-weave.service";
export const UNIT_PATH = `/etc/systemd/system/${UNIT}`;

/** First words of a file that Ferry wrote. */
export const SIGNATURE = "# Written by pulumi-ferry";

/**
 * What Weave itself forgets: the host's addresses on the overlay at a reboot, names at each restart
 * of the router.
 */
export interface BootExposures {
  /** "10.40.0.1/24"; an address of Weave's range too. */
  readonly expose?: readonly string[];
  /** In full; for all of those addresses. */
  readonly exposeName?: string;
  readonly externalNames?: readonly ExternalName[];
}

/**
 * The settings as `/etc/weave.conf` has them: NAME=VALUE lines, word for word and without any
 * quoting, of which FERRY_LAUNCH has the arguments of `weave launch`, and further ones those of
 * `weave expose` and `weave dns-add`, a call each. Holds the password, so it is for root alone.
 *
 * @param command the path of the weave command, where it is another one than the host finds
 */
export function confText(
  settings: LaunchSettings,
  weaveVersion: string,
  exposures: BootExposures = {},
  command?: string,
): string {
  // Whether the host can do the fast datapath, the launcher finds out there.
  const dialect = dialectFor(weaveVersion);
  const launch = dialect.launch(settings, { fastDatapath: true });
  const { expose = [], exposeName, externalNames = [] } = exposures;
  return [
    `${SIGNATURE}: what ${UNIT} launches Weave with. Changes are overwritten by the next \`pulumi up\`.`,
    ...assignments(launch),
    ...(command === undefined ? [] : [`FERRY_WEAVE=${command}`]),
    `FERRY_LAUNCH=${words(launch)}`,
    ...(expose.length === 0 ? [] : [`FERRY_EXPOSE=${words(dialect.expose(expose, exposeName))}`]),
    ...externalNames.map(
      ({ name, addresses }) => `FERRY_NAME=${words(dialect.dnsAdd(name, addresses))}`,
    ),
    "",
  ].join("\n");
}

/** Without "weave" and the command. */
const words = ({ argv }: Invocation) => argv.slice(2).join(" ");

const assignments = ({ environment, secrets }: Invocation) =>
  Object.entries({ ...environment, ...secrets }).map(([name, value]) => `${name}=${value}`);

/**
 * Not of type oneshot, which may not be restarted before systemd 244: a launch may come before the
 * network is up.
 */
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
