import { createHash } from "crypto";
import { isNumber, isRecord, isString, isStrings } from "./shapes";

/**
 * What a host's copy of a replica is:
 * - `home`: the replica lives here;
 * - `leaving`: it is being moved away and may be stopped for it; this copy holds the data until the other side is `home`;
 * - `arriving`: a copy being made here, worth nothing until it is `home`;
 * - `rejected`: a copy that was started here and taken back; whatever it wrote does not count;
 * - `retired`: an older copy, kept because the next move back is the shorter for it.
 */
export type Role = "home" | "leaving" | "arriving" | "rejected" | "retired";

const ROLES: readonly string[] = ["home", "leaving", "arriving", "rejected", "retired"];

export interface PlacementRecord {
  readonly version: 1;
  readonly replica: string;
  readonly role: Role;
  readonly epoch: number;
  /** The other host of the move that made it so. */
  readonly other?: string;
  /** Docker volumes here that hold the copy and are Ferry's. */
  readonly volumes: readonly string[];
}

/** Where it lies on a host. The name holds no character that needs quoting, whatever the replica's id holds. */
export function recordDirectory(replica: string): string {
  const hash = createHash("sha256").update(replica).digest("hex").slice(0, 12);
  const readable = replica
    .split("/")
    .slice(2)
    .join("-")
    .replace(/[^a-zA-Z0-9.-]/g, "_");
  return `/var/lib/ferry/replicas/${readable.slice(0, 100)}-${hash}`;
}

export function recordPath(replica: string): string {
  return `${recordDirectory(replica)}/placement.json`;
}

export function formatRecord(record: PlacementRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** undefined for anything that is no record of this version. */
export function parseRecord(text: string): PlacementRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value["version"] !== 1) return undefined;
  const { replica, role, epoch, other, volumes } = value;
  if (!isString(replica) || !isString(role) || !ROLES.includes(role)) return undefined;
  if (!isNumber(epoch) || !isStrings(volumes)) return undefined;
  return {
    version: 1,
    replica,
    role: role as Role,
    epoch,
    volumes,
    ...(isString(other) ? { other } : {}),
  };
}
