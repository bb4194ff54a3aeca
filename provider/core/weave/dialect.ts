import { FerryError } from "../errors";
import type { Invocation } from "./invocation";
import type { LaunchSettings } from "./settings";
import type { WeaveSource } from "./source";
import { atLeast, parseVersion, type WeaveVersion } from "./version";
import { flagWords, requireCommand, requireFlag } from "./words";

/** What the host itself decides about a launch. */
export interface LaunchConditions {
  /** False keeps Weave from its fast datapath (./fast-datapath.ts). */
  readonly fastDatapath: boolean;
}

/**
 * The weave command's words in one version. All of it is pure: it says what to call, and calls
 * nothing. What the version has no word for rejects with a sentence that says which one has it.
 */
export interface Dialect {
  launch(settings: LaunchSettings, conditions: LaunchConditions): Invocation;
  /** Launches with the targets that the router had before it was stopped. */
  resume(settings: LaunchSettings, conditions: LaunchConditions): Invocation;
  /** Adds targets to those that the router keeps dialling. */
  connect(targets: readonly string[]): Invocation;
  /** Takes targets away; a connection that stands stays. */
  forget(targets: readonly string[]): Invocation;
  stop(): Invocation;
  /** Blocks until the electors agree: always bound it in time. */
  prime(): Invocation;
  /**
   * Leaves the network, gives the range's share back, and removes containers and bridge, also when
   * the router is stopped.
   */
  reset(): Invocation;
  /** Takes over the share of a peer, by its name. */
  rmpeer(peerName: string): Invocation;
  /**
   * Gives the host addresses on the overlay; without any, one of Weave's range, which blocks before
   * quorum.
   */
  expose(cidrs: readonly string[], name?: string): Invocation;
  hide(cidrs: readonly string[]): Invocation;
  dnsAdd(name: string, addresses: readonly string[]): Invocation;
  dnsRemove(name: string, addresses: readonly string[]): Invocation;
  report(): Invocation;
  /** Fetches all images, whether they are there or not. */
  setup(imageVersion?: string): Invocation;
  /** What a launch needs on the host. By default Weaveworks' own. */
  images(imageVersion?: string, owner?: string): string[];
}

/**
 * The dialect of a host's weave command. A build without a version number is taken for a recent
 * one.
 *
 * @param source what every call is told of, as each runs a helper from these images
 */
export function dialectFor(versionText: string, source: WeaveSource = {}): Dialect {
  const version = parseVersion(versionText);
  if (version !== undefined && !atLeast(version, 1, 0)) {
    throw new FerryError(
      `Weave Net ${versionText} is too old: Ferry knows the words of 1.0 and later`,
    );
  }
  return dialectOf(version ?? NEWEST, versionText, source);
}

/** The last release. */
const NEWEST: WeaveVersion = { major: 2, minor: 8, patch: 1 };

function dialectOf(version: WeaveVersion, versionText: string, source: WeaveSource): Dialect {
  const since = (major: number, minor: number) => atLeast(version, major, minor);
  const imageEnvironment = (tag: string | undefined, owner: string | undefined) => ({
    ...(tag === undefined ? {} : { [since(1, 2) ? "WEAVE_VERSION" : "VERSION"]: tag }),
    ...(owner === undefined ? {} : { DOCKERHUB_USER: owner }),
  });
  const call = (...argv: string[]): Invocation => ({
    argv: ["weave", ...argv],
    // Weave otherwise asks its maker's server for news at every launch; earlier ones cannot be
    // told.
    environment: {
      ...(since(1, 5) ? { CHECKPOINT_DISABLE: "1" } : {}),
      ...imageEnvironment(source.version, source.images),
    },
    secrets: {},
  });
  const images = (imageVersion?: string, owner = "weaveworks") => {
    const tag =
      imageVersion ?? (parseVersion(versionText) === undefined ? "latest" : numberOf(version));
    return [
      `${owner}/weave:${tag}`,
      `${owner}/weaveexec:${tag}`,
      // Before 2.0 the plugin was a container of its own, and launched unless told otherwise.
      ...(since(1, 3) && !since(2, 0) ? [`${owner}/plugin:${tag}`] : []),
      ...(since(1, 5) ? [`${owner}/weavedb:latest`] : []),
    ];
  };
  const launch = (
    settings: LaunchSettings,
    conditions: LaunchConditions,
    how: readonly string[],
  ): Invocation => {
    requireSettings(version, settings);
    const { argv, environment } = call("launch", ...launchFlags(version, settings), ...how);
    return {
      argv,
      environment: {
        ...environment,
        ...(settings.mtu === undefined ? {} : { WEAVE_MTU: String(settings.mtu) }),
        ...(fastDatapathOff(settings, conditions) && since(1, 2) ? { WEAVE_NO_FASTDP: "1" } : {}),
        ...(since(1, 4) && !since(2, 0) && withoutPlugin(settings) ? { WEAVE_NO_PLUGIN: "1" } : {}),
        ...imageEnvironment(settings.imageVersion, settings.images),
      },
      secrets: settings.password === undefined ? {} : { WEAVE_PASSWORD: settings.password },
    };
  };
  const named = (name: string | undefined) => (name === undefined ? [] : ["-h", name]);
  return {
    launch: (settings, conditions) => launch(settings, conditions, settings.targets),
    resume: (settings, conditions) => {
      requireCommand(version, "launch --resume");
      return launch(settings, conditions, ["--resume"]);
    },
    connect: (targets) => call("connect", ...targets),
    forget: (targets) => call("forget", ...targets),
    stop: () => call("stop"),
    prime: () => {
      requireCommand(version, "prime");
      return call("prime");
    },
    // From 1.6 on a stopped router cannot be reset without --force; with it, a running one still
    // hands its share back first.
    reset: () => call("reset", ...(since(1, 6) ? ["--force"] : [])),
    rmpeer: (peerName) => call("rmpeer", peerName),
    expose: (cidrs, name) => call("expose", ...cidrs, ...named(name)),
    hide: (cidrs) => call("hide", ...cidrs),
    dnsAdd: (name, addresses) => call("dns-add", ...addresses, "-h", name),
    dnsRemove: (name, addresses) => call("dns-remove", ...addresses, "-h", name),
    report: () => {
      requireCommand(version, "report");
      return call("report");
    },
    setup: (imageVersion) => {
      const { argv, environment, secrets } = call("setup");
      const images = imageEnvironment(imageVersion, undefined);
      return { argv, environment: { ...environment, ...images }, secrets };
    },
    images,
  };
}

const numberOf = ({ major, minor, patch }: WeaveVersion) => `${major}.${minor}.${patch}`;

const fastDatapathOff = (settings: LaunchSettings, { fastDatapath }: LaunchConditions) =>
  settings.noFastdp === true || !fastDatapath;

const withoutPlugin = ({ extraFlags }: LaunchSettings) => extraFlags.includes("--plugin=false");

/** In the words of a program, so that its author knows what to leave out. */
function requireSettings(version: WeaveVersion, settings: LaunchSettings): void {
  const given = (value: unknown, flag: string, setting: string) => {
    if (value !== undefined && value !== false) requireFlag(version, flag, setting);
  };
  given(settings.dnsDomain, "dns-domain", "dnsDomain");
  given(settings.mtu, "mtu", "mtu");
  given(settings.bindAddress, "host", "bindAddress");
  given(settings.observer, "ipalloc-init", "observers");
  given(settings.seed, "ipalloc-init", "seeds");
  given(settings.trustedSubnets.length > 0, "trusted-subnets", "trustedSubnets");
  for (const flag of extraFlags(version, settings)) {
    requireFlag(version, /^--([^=]*)/.exec(flag)?.[1] ?? flag);
  }
}

/**
 * Before 2.0 nothing but an environment variable keeps the plugin from being launched, and it is
 * set.
 */
const extraFlags = (version: WeaveVersion, settings: LaunchSettings) =>
  atLeast(version, 2, 0)
    ? settings.extraFlags
    : settings.extraFlags.filter((flag) => flag !== "--plugin=false");

/**
 * In a fixed order, each flag one word, because Weave's script splits and joins its arguments at
 * spaces.
 */
function launchFlags(version: WeaveVersion, settings: LaunchSettings): string[] {
  const flag = (name: string, value: string | undefined) =>
    value === undefined ? [] : flagWords(version, name, value);
  return [
    ...flag("name", settings.peerName),
    ...flag("nickname", settings.nickname),
    ...flag("host", settings.bindAddress),
    ...flag("ipalloc-range", settings.ipallocRange),
    ...flag("ipalloc-default-subnet", settings.ipallocDefaultSubnet),
    ...initFlag(version, settings),
    // Its proxy hands the domain to containers as their search domain, word for word; Weave's
    // default ends with a dot.
    ...flag("dns-domain", settings.dnsDomain === undefined ? undefined : `${settings.dnsDomain}.`),
    ...(settings.discovery ? [] : flagWords(version, "no-discovery")),
    ...flag(
      "trusted-subnets",
      settings.trustedSubnets.length === 0 ? undefined : settings.trustedSubnets.join(","),
    ),
    ...extraFlags(version, settings),
  ];
}

/** Who divides the range. A count of peers was the only way before 1.5, and is deprecated since. */
function initFlag(version: WeaveVersion, settings: LaunchSettings): string[] {
  const { observer, seed, electors } = settings;
  if (!atLeast(version, 1, 5)) return flagWords(version, "init-peer-count", String(electors));
  if (seed !== undefined) return flagWords(version, "ipalloc-init", `seed=${seed.join(",")}`);
  if (observer === true) return flagWords(version, "ipalloc-init", "observer");
  return flagWords(version, "ipalloc-init", `consensus=${electors}`);
}
