import { completeCopies } from "../../core/move/source-lost";
import { copiedVolumes } from "../../core/replica/following-volumes";
import type { PlacedReplica } from "../../core/replica/model";
import type { Discovery } from "./discover";

/**
 * Hosts whose older copies are all that is left of a replica's data: where it should be, nothing is
 * there any more. The newest of those that are surely whole, or else all there are.
 */
export async function lastCopies(
  replica: PlacedReplica,
  { findings, hosts }: Discovery,
  withData: ReadonlySet<string>,
): Promise<string[]> {
  const names = copiedVolumes(replica);
  for (const name of withData) {
    const host = hosts.get(name);
    if (host === undefined) continue;
    const found = await Promise.all(names.map((volume) => host.docker.volume(volume)));
    if (found.some((volume) => volume !== undefined)) return [];
  }
  const [newest] = completeCopies(findings);
  if (newest !== undefined) return [newest.host];
  const holds = (host: string) =>
    findings.journals[host]?.volumes.some((volume) => names.includes(volume)) === true;
  return Object.keys(findings.journals).filter((host) => !withData.has(host) && holds(host));
}
