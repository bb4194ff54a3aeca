import type { Host } from "../../core/adapter-ports";
import { parseRemoved, removedText, type RemovedPeer } from "../../core/weave/removed";
import { FORGET_REMOVED, REMOVED } from "./host-scripts";

type OnHost = Pick<Host, "name" | "shell">;

/**
 * What a host keeps in mind of peers that were removed for good: on the peers that stay, where a
 * returning one is met.
 */
export async function readRemoved(host: OnHost): Promise<readonly RemovedPeer[]> {
  return parseRemoved(await host.shell.readFile(REMOVED, { root: true }));
}

/** Whoever changes it holds the host's lock "weave". */
export async function markRemoved(host: OnHost, peers: readonly RemovedPeer[]): Promise<void> {
  const before = await readRemoved(host);
  const names = new Set(before.map(({ peerName }) => peerName));
  const added = peers.filter(({ peerName }) => !names.has(peerName));
  if (added.length > 0) await write(host, [...before, ...added]);
}

export async function unmarkRemoved(host: OnHost, peerNames: readonly string[]): Promise<void> {
  const before = await readRemoved(host);
  const kept = before.filter(({ peerName }) => !peerNames.includes(peerName));
  if (kept.length < before.length) await write(host, kept);
}

async function write({ shell }: OnHost, peers: readonly RemovedPeer[]): Promise<void> {
  if (peers.length === 0) await shell.script(FORGET_REMOVED, [], { root: true });
  else await shell.writeFile(REMOVED, removedText(peers), { root: true });
}
