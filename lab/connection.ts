import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "./errors";
import { hostKey } from "./host-files";
import { type Host, type Lab, thisLab } from "./identity";

/** The fields of Ferry's `connection`, for one host of the lab. */
export interface LabConnection {
  host: string;
  port: number;
  user: string;
  privateKey: string;
  hostKey: string;
}

export function labDir(lab: Lab = thisLab()): string {
  return lab.dir;
}

function connectionsFile(lab: Lab): string {
  return join(lab.dir, "connections.json");
}

/** How to reach each host, as `up` wrote it. */
export function labConnections(lab: Lab = thisLab()): Record<string, LabConnection> {
  const file = connectionsFile(lab);
  if (!existsSync(file)) {
    throw new LabError("The lab is not up; run 'npm run lab -- up' first.");
  }
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, LabConnection>;
}

/** Written aside and moved into place: others read it while `up` runs again. */
export function writeConnections(lab: Lab, hosts: readonly Host[]): void {
  const privateKey = readFileSync(join(lab.dir, "key"), "utf8");
  const connections = Object.fromEntries(
    hosts.map((host): [string, LabConnection] => [
      host.name,
      { host: host.ip, port: 22, user: "root", privateKey, hostKey: hostKey(host) },
    ]),
  );
  const file = connectionsFile(lab);
  writeFileSync(`${file}.new`, JSON.stringify(connections, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function writeKnownHosts(lab: Lab, hosts: readonly Host[]): void {
  const file = join(lab.dir, "known_hosts");
  const lines = hosts.map((host) => `${host.ip},${host.name} ${hostKey(host)}\n`);
  writeFileSync(`${file}.new`, lines.join(""));
  renameSync(`${file}.new`, file);
}
