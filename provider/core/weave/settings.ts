/**
 * What a router is launched with, apart from its targets, which change while it runs. An absent
 * setting is Weave's own default.
 */
export interface RouterSettings {
  /** Weave's name of the peer: "be:3f:00:12:ab:01". */
  readonly peerName?: string;
  readonly nickname?: string;
  readonly ipallocRange: string;
  readonly ipallocDefaultSubnet?: string;
  readonly dnsDomain?: string;
  readonly discovery: boolean;
  /** Sorted. */
  readonly trustedSubnets: readonly string[];
  /** Bytes. */
  readonly mtu?: number;
  /** Further flags, each one word: "--log-level=debug". */
  readonly extraFlags: readonly string[];
  /** The one address of the host on which the router listens; all of them unless given. */
  readonly bindAddress?: string;
  /** True keeps the router from the fast datapath also where the host has Open vSwitch. */
  readonly noFastdp?: boolean;
  /** The version of Weave's images: "2.6.5". That of the host's weave command unless given. */
  readonly imageVersion?: string;
  /** Whose images: "rajchaudhuri". As the host's weave command has it unless given. */
  readonly images?: string;
}

/** Everything for one `weave launch`. */
export interface LaunchSettings extends RouterSettings {
  readonly targets: readonly string[];
  /** How many electors must agree on Weave's range before the first address is given. */
  readonly electors: number;
  /** True: takes no part in that agreement, and is told the outcome by those who did. */
  readonly observer?: boolean;
  /**
   * Names of the peers between which the range is divided without any agreement: the same on every
   * peer, for ever. Sorted.
   */
  readonly seed?: readonly string[];
  /** Goes to the host by standard input. */
  readonly password?: string;
}

/** Weave's port for other peers; a target without a port means this one. */
export const WEAVE_PORT = 6783;

/** One spelling for a target, so that "10.0.0.2" and "10.0.0.2:6783" are equal. */
export function normaliseTarget(target: string): string {
  const text = target.trim().toLowerCase();
  const suffix = `:${WEAVE_PORT}`;
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

/**
 * What can be read back from a router's arguments: without targets, which change, without what is
 * only for the launch, and without what its container shows in other ways.
 */
export function routerSettings(settings: LaunchSettings): RouterSettings {
  const elsewhere = new Set(
    "targets electors observer seed password noFastdp imageVersion images".split(" "),
  );
  const rest = Object.entries(settings).filter(([name]) => !elsewhere.has(name));
  return Object.fromEntries(rest) as unknown as RouterSettings;
}

/**
 * The launch of a peer that joins a network whose range has been divided already: as an observer,
 * so that it can never divide it a second time while it does not reach the others. A seed stays:
 * the same on all peers for ever.
 */
export function joining(settings: LaunchSettings): LaunchSettings {
  return settings.seed === undefined ? { ...settings, observer: true } : settings;
}
