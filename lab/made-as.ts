import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "./errors";
import type { Host } from "./identity";
import { completeKind, defaultKind, formatKind, type HostKind, parseKind } from "./kind";

const fileOf = (host: Host): string => join(host.dir, "kind");

/** What a host was made as; undefined for one that was never made. */
export function madeAs(host: Host): HostKind | undefined {
  if (existsSync(fileOf(host))) return completeKind(parseKind(readFileSync(fileOf(host), "utf8")));
  // Made before there was another kind.
  return existsSync(join(host.dir, "upper")) ? defaultKind : undefined;
}

export function writeKind(host: Host, kind: HostKind): void {
  mkdirSync(host.dir, { recursive: true });
  writeFileSync(fileOf(host), formatKind(kind));
}

/**
 * The kind that a host is brought up as: the wanted one, else the one it has. A host that is down
 * may get another Docker or Weave, as by an upgrade; what its disk holds does not become another
 * release's, nor another store's.
 */
export function kindFor(host: Host, wanted: HostKind | undefined, running: boolean): HostKind {
  const made = madeAs(host);
  if (wanted === undefined || made === undefined) return wanted ?? made ?? defaultKind;
  if (formatKind(made) === formatKind(wanted)) return made;
  const was = `${host.name} is ${formatKind(made)}, not ${formatKind(wanted)}`;
  if (made.suite !== wanted.suite || made.store !== wanted.store) {
    throw new LabError(`${was}; 'npm run lab -- wipe' makes room for another one.`, 2);
  }
  if (running) {
    throw new LabError(`${was}, and it is up; run 'npm run lab -- down' before its upgrade.`, 2);
  }
  return wanted;
}
