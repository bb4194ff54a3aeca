import { isUnknown } from "../unknown";
import { FOLDER_DRIVER } from "./folder";
import { KNOWN_DRIVERS } from "./known-drivers";

/**
 * Where a volume's data can be reached, which is how a move hands it over. `host`: on one host, so
 * that it is copied. `attach`: on any host, but one at a time, so that the source lets go of it
 * before the target takes it. `shared`: on every host at once, so that nothing is done with it. In
 * each case the source is stopped before the target starts.
 */
export const SCOPES = ["host", "attach", "shared"] as const;

export type Scope = (typeof SCOPES)[number];

/** What of a volume decides it. */
export interface Scoped {
  readonly driver: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
  /** The program's word, which counts before all else. */
  readonly scope?: Scope;
  /** The address of the control service that attaches it: what has one has scope `attach`. */
  readonly control?: string;
}

/** File systems that a server keeps, by the `type` that Docker's own driver is given. */
const SERVED = ["nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs"];

/** The names of Docker's own driver, and of the one of the seed story, which is that here. */
const LOCAL = ["local", "flocker"];

/**
 * The program's word, else what is known of the driver. A plugin that nobody knows is taken to
 * attach, as that is right for any whose data is on no host: a move of one that says itself that it
 * is, is refused.
 */
export function scopeOf(volume: Scoped): Scope {
  return volume.scope ?? knownScope(volume) ?? "attach";
}

/** Without a guess. */
export function knownScope({ driver, driverOptions = {}, scope }: Scoped): Scope | undefined {
  if (scope !== undefined) return scope;
  if (isUnknown(driver) || driver === FOLDER_DRIVER) return "host";
  if (LOCAL.includes(driver)) return isServed(driverOptions) ? "shared" : "host";
  const [name] = driver.toLowerCase().split(":");
  return KNOWN_DRIVERS.find(({ names }) => names.includes(name ?? ""))?.scope;
}

function isServed(options: Readonly<Record<string, string>>): boolean {
  return !isUnknown(options) && SERVED.includes(options["type"] ?? "");
}
