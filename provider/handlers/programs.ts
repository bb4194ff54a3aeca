import type { Connection } from "../core/connection";

/** A cluster as the program of this run has it. */
export interface ClusterProgram {
  /** How each of its hosts is reached. */
  readonly connections: ReadonlyMap<string, Connection>;
  /** All that it says of each of them, what is the network's among it. */
  readonly inputs: ReadonlyMap<string, object>;
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
      inputs: Map<string, object>;
    }
  >();

  of(cluster: string): ClusterProgram {
    return this.#at(cluster);
  }

  /** Every host of every cluster. */
  hosts(): { cluster: string; host: string; connection: Connection }[] {
    return [...this.#clusters].flatMap(([cluster, { connections }]) =>
      [...connections].map(([host, connection]) => ({ cluster, host, connection })),
    );
  }

  rememberHost(cluster: string, host: string, connection: Connection, said: object = {}): void {
    const { connections, inputs } = this.#at(cluster);
    connections.set(host, connection);
    inputs.set(host, said);
  }

  #at(cluster: string) {
    const found = this.#clusters.get(cluster) ?? {
      connections: new Map<string, Connection>(),
      inputs: new Map<string, object>(),
    };
    this.#clusters.set(cluster, found);
    return found;
  }
}

/** One process serves a whole run. */
export const programs = new Programs();
