import type { Connection } from "../../core/connection";
import type { Membership } from "../../core/weave/peer-inputs";

/** A peer as the program of this run has it. */
export interface ClusterPeer {
  readonly cluster: string;
  readonly host: string;
  readonly connection: Connection;
}

/**
 * What the program says of its peers in this run, told by `check` as what `Programs` knows of
 * hosts. Hosts of a cluster that another program keeps have none.
 */
export class Peers {
  readonly #peers = new Map<string, ClusterPeer>();
  readonly #memberships = new Map<string, Membership>();
  readonly #claimed = new Set<string>();

  remember(peer: ClusterPeer): void {
    this.#peers.set(keyOf(peer.cluster, peer.host), peer);
  }

  /** Every peer of every cluster. */
  all(): ClusterPeer[] {
    return [...this.#peers.values()];
  }

  rememberMembership(cluster: string, host: string, membership: Membership): void {
    this.#memberships.set(keyOf(cluster, host), membership);
  }

  /** Whom it lives with. */
  membershipOf(cluster: string, host: string): Membership | undefined {
    return this.#memberships.get(keyOf(cluster, host));
  }

  /**
   * In this run a peer was made, or settled, under this name: whoever leaves it is one that it
   * takes the place of.
   */
  claim(cluster: string, host: string): void {
    this.#claimed.add(keyOf(cluster, host));
  }

  isClaimed(cluster: string, host: string): boolean {
    return this.#claimed.has(keyOf(cluster, host));
  }
}

const keyOf = (cluster: string, host: string) => JSON.stringify([cluster, host]);

/** One process serves a whole run. */
export const peers = new Peers();
