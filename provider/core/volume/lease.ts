import { createHash } from "crypto";
import type { Host } from "../adapter-ports";
import { canonicalJson } from "../canonical-json";
import { isNumber, isRecord, isString } from "../move/shapes";

/**
 * Who may have a volume that one host has at a time. Every host that answers keeps it, so that the
 * loss of one tells nobody that the volume is free: its driver would not say no.
 */
export interface VolumeLease extends LeasedVolume {
  readonly version: 1;
  /** The deployment: "shop/prod/apples". Which of its replicas, and where, its journals say. */
  readonly holder: string;
  /** The host that it was taken for. */
  readonly host: string;
  /** Counts how often it was given: the higher one is the newer. */
  readonly epoch: number;
  /** Who ran it, and when, for people. */
  readonly owner: string;
  readonly when: string;
}

/** What it is about: a name is a volume's within its driver. */
export interface LeasedVolume {
  readonly driver: string;
  readonly volume: string;
}

/** The leases on hosts. */
export interface VolumeLeases {
  read(host: Host, of: LeasedVolume): Promise<VolumeLease | undefined>;
  /**
   * Puts one in the place of `before`, and of no other; without `lease`, of that only. False when
   * something else is there by now. On disk once it resolves.
   */
  replace(
    host: Host,
    of: LeasedVolume,
    change: { readonly before: VolumeLease | undefined; readonly lease?: VolumeLease },
  ): Promise<boolean>;
}

const ALL_LEASES = "/var/lib/ferry/volumes";

export function leasePath({ driver, volume }: LeasedVolume): string {
  const hash = createHash("sha256").update(`${driver}\0${volume}`).digest("hex").slice(0, 12);
  return `${ALL_LEASES}/${volume.replace(/[^a-zA-Z0-9.-]/g, "_").slice(0, 100)}-${hash}.json`;
}

export function formatLease(lease: VolumeLease): string {
  return `${canonicalJson(lease)}\n`;
}

/** undefined for anything that this version does not write. */
export function parseLease(text: string): VolumeLease | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { version, driver, volume, holder, host, epoch, owner, when } = value;
  if (version !== 1 || !isNumber(epoch)) return undefined;
  if (!isString(driver) || !isString(volume) || !isString(holder) || !isString(host)) {
    return undefined;
  }
  if (!isString(owner) || !isString(when)) return undefined;
  return { version, driver, volume, holder, host, epoch, owner, when };
}

/** The one that counts, of what the hosts say. */
export function newestLease(found: readonly (VolumeLease | undefined)[]): VolumeLease | undefined {
  return found.reduce(
    (best, each) => (each !== undefined && each.epoch > (best?.epoch ?? -1) ? each : best),
    undefined,
  );
}

/** The one of somebody else, of what the hosts say: one host's word is enough, however old it is. */
export function leaseOfOthers(
  found: readonly (VolumeLease | undefined)[],
  ids: readonly string[],
): VolumeLease | undefined {
  return newestLease(found.filter((each) => each !== undefined && !ids.includes(each.holder)));
}

/** Why it is not given to a deployment of one of these ids; undefined when it is. */
export function leaseProblem(
  newest: VolumeLease | undefined,
  ids: readonly string[],
): string | undefined {
  if (newest === undefined || ids.includes(newest.holder)) return undefined;
  const { volume, driver, holder, host, owner, when } = newest;
  return (
    `volume '${volume}' of driver '${driver}' is deployment '${holder}''s, for host '${host}' (${owner}, ${when}), and one host ` +
    `has it at a time. Take it out of that deployment first. When that is gone for good, remove ${leasePath(newest)} from the hosts`
  );
}
