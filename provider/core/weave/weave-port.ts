import type { BootExposures } from "./boot-unit";
import type { DatapathFacts } from "./fast-datapath";
import type { RouterOrigin } from "./origin";
import type { RouterReport } from "./report";
import type { RouterContainer } from "./router-container";
import type { RouterTrouble } from "./router-trouble";
import type { RemovedPeer } from "./removed";
import type { LaunchSettings } from "./settings";

/**
 * Weave Net on one host. Every method rejects with a FerryError that names the host; all but
 * `version` need the weave command there.
 */
export interface Weave {
  /**
   * The version of the weave command ("2.6.5"), undefined when the host has none. Changes nothing
   * on the host.
   */
  version(): Promise<string | undefined>;
  /**
   * Whose images the weave command launches: "weaveworks", "rajchaudhuri"; undefined where it does
   * not say.
   */
  imagesOf(): Promise<string | undefined>;
  datapath(): Promise<DatapathFacts>;
  /**
   * The router's container, running or not; undefined when there is none. Needs no weave command.
   */
  router(password?: string): Promise<RouterContainer | undefined>;
  /**
   * The router's container and its last words; undefined when there is none. Needs no weave
   * command.
   */
  trouble(): Promise<RouterTrouble | undefined>;
  /** What the router says; undefined when none answers. Needs no weave command. */
  report(): Promise<RouterReport | undefined>;
  /**
   * Rejects when a router runs already, whatever its settings, and with the router's own words when
   * it dies.
   */
  launch(settings: LaunchSettings): Promise<void>;
  /** Stops the router and keeps what it knows. Success when none runs. */
  stop(): Promise<void>;
  connect(targets: readonly string[]): Promise<void>;
  /**
   * Has the router dial those of these that it dials anyway at once, however long it would wait
   * after attempts that failed. Adds no target, so it needs no lock.
   */
  dialAgain(targets: readonly string[]): Promise<void>;
  forget(targets: readonly string[]): Promise<void>;
  /**
   * Waits until the electors agree on Weave's range, and leaves nothing behind on the host when
   * they do not in time. True when they agree.
   */
  prime(timeoutSeconds: number): Promise<boolean>;
  /**
   * Stops the router and launches it with other settings, as one step on the host that ends even
   * when the caller goes away. Containers keep their addresses. When the new router does not start,
   * the former one is started again, and it rejects with the reason. Needs no running router.
   */
  relaunch(settings: LaunchSettings): Promise<void>;
  /**
   * Sees to it that Weave's images are on the host, so that a launch has nothing to wait for. What
   * it has to fetch, `reset` removes again. Returns what was fetched.
   * @param version as `RouterSettings.imageVersion`
   */
  setup(version?: string): Promise<readonly string[]>;
  /**
   * Takes over the share of the range of a peer that is gone for good, and keeps in mind on this
   * host that it was removed. Only ever on one peer, and never for a peer that may come back with
   * its containers. By Weave's name of the peer. Returns how many addresses were taken over; 0 when
   * it held none, or none that this peer knows of.
   */
  rmpeer(removed: RemovedPeer): Promise<number>;
  /** The peers that were removed for good, as this host keeps them in mind. Sorted by name. */
  removedPeers(): Promise<readonly RemovedPeer[]>;
  /** Adds to what this host keeps in mind, by name. */
  markRemoved(peers: readonly RemovedPeer[]): Promise<void>;
  /** These have come back as new peers. */
  unmarkRemoved(peerNames: readonly string[]): Promise<void>;
  /**
   * Gives the host itself addresses on the overlay: these ("10.40.0.1/24"), or, for none, one of
   * Weave's range. Again is success. Returns the addresses with their prefix.
   */
  expose(cidrs: readonly string[], name?: string): Promise<readonly string[]>;
  /** Takes addresses of the host's off the overlay. Again is success. */
  hide(cidrs: readonly string[]): Promise<void>;
  /**
   * The host's own addresses on the overlay, "10.40.0.1/24". Sorted. Needs no weave command and no
   * router.
   */
  exposed(): Promise<readonly string[]>;
  /**
   * Gives a full name ("printer.weave.local") to addresses that are no container's. What was added
   * is in the report (`externalNames`), and is gone when the router ends.
   */
  dnsAdd(name: string, addresses: readonly string[]): Promise<void>;
  dnsRemove(name: string, addresses: readonly string[]): Promise<void>;
  /**
   * Has the host launch the router at boot with these settings, unless one runs: a systemd unit and
   * /etc/weave.conf. Nothing that somebody else wrote is overwritten. Repeating it changes nothing.
   * `exposures` is what the host is to be given again then, since Weave forgets it.
   */
  keepAtBoot(settings: LaunchSettings, exposures?: BootExposures): Promise<BootOutcome>;
  /** What `keepAtBoot` would find. Changes nothing. */
  atBoot(settings: LaunchSettings, exposures?: BootExposures): Promise<BootState>;
  /** Undoes `keepAtBoot`. Missing is success. */
  forgetAtBoot(): Promise<void>;
  /**
   * Has the host take ended containers' addresses off the network by itself from now on
   * (docs/adr/0004-dead-links.md), and keep the names of its replicas true
   * (docs/adr/0033-names-follow-health.md). False where the host cannot (no systemd). Repeating it changes
   * nothing.
   */
  keepUnits(): Promise<boolean>;
  /**
   * Why the host does not do what `keepUnits` had it do, a clause that stays the same
   * while nothing changes; undefined where it does, and where it cannot (no systemd). Needs no
   * weave command and no router.
   */
  unitsFault(): Promise<string | undefined>;
  /** How the router came to the host, as far as it is kept in mind there. */
  origin(): Promise<RouterOrigin | undefined>;
  /** Keeps it in mind, in place of what was. */
  noteOrigin(origin: RouterOrigin): Promise<void>;
  /**
   * Takes what Ferry keeps on the host beside the router, and what it keeps in mind, and leaves the
   * router as it is.
   */
  letGo(): Promise<void>;
  /**
   * Leaves the network; no container, volume container, bridge or image of Weave's stays that was
   * not there before Ferry, nor what `keepUnits` and `keepAtBoot` made, nor what is kept
   * in mind. Success when there is none.
   */
  reset(options?: ResetOptions): Promise<void>;
}

export interface ResetOptions {
  /**
   * False: the router is stopped first, so that it tells nobody. For a peer whose share others have
   * taken over: what it would hand back is no longer its own.
   * @default true
   */
  readonly handBack?: boolean;
}

/**
 * current: the unit and its settings are as wanted. outdated: they are Ferry's, with other
 * settings. none: there are none. foreign: /etc/weave.conf or a unit called weave.service is
 * somebody else's. unsupported: the host has no systemd.
 */
export type BootState = "current" | "outdated" | "none" | "foreign" | "unsupported";

export interface BootOutcome {
  readonly launchesAtBoot: boolean;
  /** Why not, a sentence for a warning. */
  readonly reason?: string;
}

/** Where the weave command makes its Docker proxy listen. */
export const PROXY_SOCKET = "/var/run/weave/weave.sock";

/** The unit that takes ended containers' addresses off the network. */
export const COLLECTOR_UNIT = "pulumi-ferry-sweep.service";

/** @param state of the unit, as systemd has it: "failed (start-limit-hit)" */
export const collectorWords = (host: string, state: string) =>
  `'${host}' does not take ended containers' addresses off the network: ${COLLECTOR_UNIT} there is ${state}`;

/** The unit that keeps the names of replicas true in Weave's DNS. */
export const NAMES_UNIT = "pulumi-ferry-names.service";

/** @param state as above */
export const namesWords = (host: string, state: string) =>
  `'${host}' does not keep the names of replicas true: ${NAMES_UNIT} there is ${state}`;

/**
 * The one sentence for a host without the command.
 *
 * @param command where the program says that it is
 */
export function weaveMissing(host: string, command?: string): string {
  if (command !== undefined) {
    return (
      `The weave command is not on host '${host}' at ${command}. Put it there, executable, or say in the program ` +
      "where it is (`weave: { command }`)."
    );
  }
  return (
    `The weave command is not on host '${host}' (looked in PATH and /usr/local/bin). ` +
    "`bootstrap: true` at the host in the program installs it with all that it needs. Or install it with " +
    "`curl -fsSLo /usr/local/bin/weave https://github.com/weaveworks/weave/releases/download/v2.8.1/weave && " +
    "chmod 755 /usr/local/bin/weave`, or copy /usr/local/bin/weave from a host that has it. " +
    "With Docker 25 or later it has to be the one of reWeave (github.com/rajch/weave)."
  );
}
