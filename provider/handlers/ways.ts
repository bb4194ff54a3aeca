import { placeKey, type Connections } from "../core/connection";
import type { InputProblem } from "../core/errors";
import { deploymentId, type InDeployment } from "../core/replica/formerly";

/**
 * How long a refresh waits for what says where the other hosts are; it is read in the same moment.
 */
const PATIENCE_MS = 3000;

/** All hosts of a cluster, and who says it: the program of this run, or state of an earlier one. */
interface Cluster {
  readonly connections: Connections;
  readonly by: "program" | "state";
}

/**
 * How hosts are reached, as far as this run knows: the program says it of all, to `check`; in a run
 * without it, the mesh's state does, and that of whatever is read or deleted says it of a few. So
 * a thousand replicas need not keep the ways to twenty hosts each. No place is in two clusters.
 */
export class Ways {
  readonly #byPlace = new Map<string, Cluster>();
  readonly #byName = new Map<string, Connections>();
  readonly #met = new Map<string, Connections>();
  #last: Connections | undefined;
  #waiting: (() => void)[] = [];

  /** What the program says of a cluster: it counts from then on. */
  say(connections: Connections, name = ""): void {
    this.#byName.set(name, connections);
    this.#learn({ connections, by: "program" });
  }

  /** What state has of a cluster: keys and ways may be others by now. */
  read(connections: Connections): void {
    this.#learn({ connections, by: "state" });
  }

  #learn(cluster: Cluster): void {
    if (cluster.connections === this.#last) return;
    this.#last = cluster.connections;
    for (const each of Object.values(cluster.connections)) {
      const place = placeKey(each);
      if (cluster.by === "program" || this.#byPlace.get(place)?.by !== "program")
        this.#byPlace.set(place, cluster);
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Hosts of a deployment that a run without the program has come by. */
  meet(of: InDeployment, connections: Connections): void {
    this.#met.set(deploymentId(of), { ...connections, ...this.met(of) });
  }

  met(of: InDeployment): Connections {
    return this.#met.get(deploymentId(of)) ?? {};
  }

  ofCluster(name = ""): Connections | undefined {
    return this.#byName.get(name);
  }

  /** All hosts of the cluster that a host at this place is in. */
  at(place: string | undefined): Connections | undefined {
    return place === undefined ? undefined : this.#byPlace.get(place)?.connections;
  }

  /**
   * These, and all others of the cluster that the host is in; undefined while nothing of this run
   * knows it. The program's word counts over what is given, and that over other state.
   */
  around(some: Connections, host: string): Connections | undefined {
    const own = some[host];
    const cluster = own && this.#byPlace.get(placeKey(own));
    if (cluster === undefined) return undefined;
    const { connections, by } = cluster;
    return by === "program" ? { ...some, ...connections } : { ...connections, ...some };
  }

  /** As `around`, of what is told a moment later as well. */
  async soonAround(some: Connections, host: string): Promise<Connections | undefined> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.around(some, host);
      const left = until - performance.now();
      if (found !== undefined || left <= 0) return found;
      await this.#somethingNew(left);
    }
  }

  #somethingNew(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** A user's option may take away what the program says of the cluster's hosts. */
export function withoutHosts(connections: unknown): InputProblem | undefined {
  if (connections !== undefined) return undefined;
  const reason =
    'the cluster\'s hosts are missing. `ignoreChanges: ["*"]` or a transform has taken them away: name what is to be ignored';
  return { property: "", reason };
}

/** What `check` was told of the hosts before anything is made or changed. */
export function requireChecked(
  connections: Connections | undefined,
  of: InDeployment,
): Connections {
  if (connections !== undefined) return connections;
  throw new Error(`${deploymentId(of)}: what belongs to it was not checked in this process`);
}

/** One process serves a whole run. */
export const waysOfThisRun = new Ways();
