import type { RemovedPeer } from "../../../core/weave/removed";

/** What a fake host keeps in mind of peers that were removed for good. */
export class FakeRemovedPeers {
  readonly #peers = new Map<string, RemovedPeer>();

  mark(peers: readonly RemovedPeer[]): void {
    for (const peer of peers) {
      if (!this.#peers.has(peer.peerName)) this.#peers.set(peer.peerName, peer);
    }
  }

  unmark(peerNames: readonly string[]): void {
    for (const peerName of peerNames) this.#peers.delete(peerName);
  }

  clear(): void {
    this.#peers.clear();
  }

  all(): RemovedPeer[] {
    return [...this.#peers.values()].sort((a, b) => (a.peerName < b.peerName ? -1 : 1));
  }
}
