import type { Connection } from "../core/connection";
import type { Company } from "../core/weave/peer-inputs";
import type { WeaveSource } from "../core/weave/source";

/** A cluster as the program of this run has it. */
export interface ClusterProgram {
  /** How each of its hosts is reached. */
  readonly connections: ReadonlyMap<string, Connection>;
  /** Where the Weave of its hosts comes from, as far as the program says. */
  readonly sources: ReadonlyMap<string, WeaveSource>;
  /** Whom each of its peers lives with. */
  readonly companies: ReadonlyMap<string, Company>;
}

/** A peer as the program of this run has it. */
export interface ClusterPeer {
  readonly cluster: string;
  readonly host: string;
  readonly connection: Connection;
}

/**
 * What the program says of its clusters in this run. `check` tells it, before anything of a cluster
 * is changed: a peer waits for all of its cluster's hosts. So it needs no place in state, where
 * every peer would have to hold every other one's keys. Nothing is known of a cluster in a run
 * without its program, which is what `destroy` is.
 */
export class Programs {
  readonly #clusters = new Map<
    string,
    {
      connections: Map<string, Connection>;
      sources: Map<string, WeaveSource>;
      companies: Map<string, Company>;
    }
  >();

  readonly #peers = new Map<string, ClusterPeer>();
  readonly #claimed = new Set<string>();

  of(cluster: string): ClusterProgram {
    return this.#at(cluster);
  }

  /** Every host of every cluster. */
  hosts(): { cluster: string; host: string; connection: Connection }[] {
    return [...this.#clusters].flatMap(([cluster, { connections }]) =>
      [...connections].map(([host, connection]) => ({ cluster, host, connection })),
    );
  }

  /**
   * In this run a peer was made, or settled, under this name: whoever leaves it is one that it
   * takes the place of.
   */
  claim(cluster: string, host: string): void {
    this.#claimed.add(JSON.stringify([cluster, host]));
  }

  isClaimed(cluster: string, host: string): boolean {
    return this.#claimed.has(JSON.stringify([cluster, host]));
  }

  rememberHost(cluster: string, host: string, connection: Connection, source?: WeaveSource): void {
    const { connections, sources } = this.#at(cluster);
    connections.set(host, connection);
    if (source !== undefined) sources.set(host, source);
  }

  rememberPeer(peer: ClusterPeer): void {
    this.#peers.set(JSON.stringify([peer.cluster, peer.host]), peer);
  }

  /** Every peer of every cluster; hosts of a cluster that another program keeps have none. */
  peers(): ClusterPeer[] {
    return [...this.#peers.values()];
  }

  rememberCompany(cluster: string, host: string, company: Company): void {
    this.#at(cluster).companies.set(host, company);
  }

  #at(cluster: string) {
    const found = this.#clusters.get(cluster) ?? {
      connections: new Map<string, Connection>(),
      sources: new Map<string, WeaveSource>(),
      companies: new Map<string, Company>(),
    };
    this.#clusters.set(cluster, found);
    return found;
  }
}

/** One process serves a whole run. */
export const programs = new Programs();
