/** A peer that was removed for good: its share of the range belongs to others now, so it may never rejoin with it. */
export interface RemovedPeer {
  /** Weave's name of the peer. */
  readonly peerName: string;
  /** What the program called the host. */
  readonly host: string;
  /** When, as an ISO time. */
  readonly since: string;
}
