import { FerryError } from "../errors";
import type { Invocation } from "./invocation";
import type { LaunchSettings } from "./settings";
import { atLeast, parseVersion } from "./version";

/** What the host itself decides about a launch. */
export interface LaunchConditions {
  /** False keeps Weave from its fast datapath (./fast-datapath.ts). */
  readonly fastDatapath: boolean;
}

/** The weave command's words in one range of versions. All of it is pure: it says what to call, and calls nothing. */
export interface Dialect {
  launch(settings: LaunchSettings, conditions: LaunchConditions): Invocation;
  /** Adds targets to those that the router keeps dialling. */
  connect(targets: readonly string[]): Invocation;
  /** Takes targets away; a connection that stands stays. */
  forget(targets: readonly string[]): Invocation;
  stop(): Invocation;
  /** Blocks until the electors agree: always bound it in time. */
  prime(): Invocation;
  /** Leaves the network, gives the range's share back, and removes containers and bridge, also when the router is stopped. */
  reset(): Invocation;
  report(): Invocation;
}

/** The dialect of a host's weave command. A build without a version number is taken for a recent one. */
export function dialectFor(versionText: string): Dialect {
  const version = parseVersion(versionText);
  if (version !== undefined && !atLeast(version, 2, 0)) {
    throw new FerryError(`Weave Net ${versionText} is too old: Ferry needs 2.0 or later`);
  }
  return version2;
}

const call = (...argv: string[]): Invocation => ({
  argv: ["weave", ...argv],
  // Weave otherwise asks its maker's server for news at every launch.
  environment: { CHECKPOINT_DISABLE: "1" },
  secrets: {},
});

const version2: Dialect = {
  launch(settings, { fastDatapath }) {
    const { argv, environment } = call("launch", ...launchFlags(settings), ...settings.targets);
    return {
      argv,
      environment: {
        ...environment,
        ...(settings.mtu === undefined ? {} : { WEAVE_MTU: String(settings.mtu) }),
        ...(fastDatapath ? {} : { WEAVE_NO_FASTDP: "1" }),
      },
      secrets: settings.password === undefined ? {} : { WEAVE_PASSWORD: settings.password },
    };
  },
  connect: (targets) => call("connect", ...targets),
  forget: (targets) => call("forget", ...targets),
  stop: () => call("stop"),
  prime: () => call("prime"),
  // Without --force a stopped router cannot be reset; with it, a running one still hands its share back first.
  reset: () => call("reset", "--force"),
  report: () => call("report"),
};

/** In a fixed order, each flag one word, because Weave's script splits and joins its arguments at spaces. */
function launchFlags(settings: LaunchSettings): string[] {
  const flag = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`--${name}=${value}`];
  return [
    ...flag("name", settings.peerName),
    ...flag("nickname", settings.nickname),
    ...flag("ipalloc-range", settings.ipallocRange),
    ...flag("ipalloc-default-subnet", settings.ipallocDefaultSubnet),
    ...flag("ipalloc-init", `consensus=${settings.electors}`),
    // Its proxy hands the domain to containers as their search domain, word for word; Weave's default ends with a dot.
    ...flag("dns-domain", settings.dnsDomain === undefined ? undefined : `${settings.dnsDomain}.`),
    ...(settings.discovery ? [] : ["--no-discovery"]),
    ...flag(
      "trusted-subnets",
      settings.trustedSubnets.length === 0 ? undefined : settings.trustedSubnets.join(","),
    ),
    ...settings.extraFlags,
  ];
}
