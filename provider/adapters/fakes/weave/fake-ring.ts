import { parseCidr, sizeOf } from "../../../core/addresses/ipv4";
import type { IpamShare } from "../../../core/weave/report";

/** How Weave's range is divided between fake peers, as all of them see it. */
export class FakeRing {
  readonly #shares = new Map<string, { nickname: string; addresses: number }>();
  /** Peers whose share others took over, and who still believe that it is theirs. */
  readonly takenFrom = new Set<string>();

  get divided(): boolean {
    return this.#shares.size > 0;
  }

  /** Between peers, in equal parts; nothing when it has been divided before. */
  divide(range: string, peers: readonly { peerName: string; nickname: string }[]): void {
    if (this.divided || peers.length === 0) return;
    const total = sizeOf(parseCidr(range));
    const part = Math.floor(total / peers.length);
    for (const [i, { peerName, nickname }] of peers.entries()) {
      const addresses = i === 0 ? total - part * (peers.length - 1) : part;
      this.#shares.set(peerName, { nickname, addresses });
    }
  }

  shares(isReachable: (peerName: string) => boolean): IpamShare[] {
    return [...this.#shares]
      .map(([peerName, share]) => ({ peerName, ...share, reachable: isReachable(peerName) }))
      .sort((a, b) => (a.peerName < b.peerName ? -1 : 1));
  }

  /**
   * A peer leaves in order: its share goes to one that stays, or, when it was the last, with it.
   */
  handBack(peerName: string, heir: { peerName: string; nickname: string } | undefined): void {
    if (heir === undefined) this.#shares.clear();
    else this.#give(peerName, heir);
  }

  /** The share of one that is gone. Returns how many addresses that were. */
  takeOver(peerName: string, heir: { peerName: string; nickname: string }): number {
    if (peerName === heir.peerName || !this.#shares.has(peerName)) return 0;
    this.takenFrom.add(peerName);
    return this.#give(peerName, heir);
  }

  #give(from: string, to: { peerName: string; nickname: string }): number {
    const given = this.#shares.get(from)?.addresses ?? 0;
    this.#shares.delete(from);
    const addresses = (this.#shares.get(to.peerName)?.addresses ?? 0) + given;
    if (addresses > 0) this.#shares.set(to.peerName, { nickname: to.nickname, addresses });
    return given;
  }
}
