/** What the control service knows of a dataset, and its agents do with it. */
export interface Entry {
  readonly dataset_id: string;
  primary: string;
  deleted: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly maximum_size: number;
}

export interface Node {
  readonly uuid: string;
  /** Its address. */
  readonly host: string;
}

/** Where a dataset is, and since when it is about to be somewhere else. */
interface Place {
  on?: string;
  mounted: boolean;
  since?: number;
}

/** What a volume's host does with what its agent has attached or is about to let go of. */
export interface Mounts {
  attached(name: string, node: Node): void;
  /** False while it is in use there. */
  detached(name: string, node: Node): boolean;
  deleted(name: string): void;
}

const NONE: Mounts = {
  attached: () => undefined,
  detached: () => true,
  deleted: () => undefined,
};

/**
 * Flocker's agents, as their own tests and issues tell of them: one lets go of a dataset that is to
 * be elsewhere, unless its node has a lease or it is in use; only then another one attaches it, and
 * mounts it. All of it takes its time.
 */
export class FlockerAgents {
  /** How long each of an agent's steps takes: detaching, attaching, mounting. */
  stepMs = 15;
  /** Both tell of it for a step, as in FLOC-1303. */
  bothTell = false;
  readonly connected = new Set<string>();
  readonly leases = new Map<string, string>();
  readonly entries = new Map<string, Entry>();
  readonly #places = new Map<string, Place>();
  readonly #clock;

  constructor(
    readonly nodes: readonly Node[],
    private readonly mounts: Mounts = NONE,
  ) {
    for (const { uuid } of nodes) this.connected.add(uuid);
    this.#clock = setInterval(() => this.#look(), 5);
  }

  stop(): void {
    clearInterval(this.#clock);
  }

  /** Begins anew. */
  forget(): void {
    for (const all of [this.entries, this.leases, this.#places]) all.clear();
  }

  /** The nodes that say that they have it, and where. */
  states(): object[] {
    return [...this.#places].flatMap(([id, { on, mounted, since }]) => {
      const entry = this.entries.get(id);
      const state = { dataset_id: id, maximum_size: entry?.maximum_size };
      if (on === undefined || !this.connected.has(on)) return [state];
      const has = { ...state, primary: on, ...(mounted ? { path: `/flocker/${id}` } : {}) };
      const leaving = this.bothTell && mounted && since !== undefined && entry !== undefined;
      return leaving ? [has, { ...state, primary: entry.primary }] : [has];
    });
  }

  /** The node that has it. */
  on(id: string): string | undefined {
    return this.#places.get(id)?.on;
  }

  #look(): void {
    for (const entry of this.entries.values()) this.#converge(entry);
  }

  #converge({ dataset_id: id, primary, deleted, metadata }: Entry): void {
    const place = this.#places.get(id) ?? { mounted: false };
    if (place.on === undefined && deleted) {
      if (this.#places.delete(id)) this.mounts.deleted(metadata["name"] ?? "");
      return;
    }
    this.#places.set(id, place);
    const name = metadata["name"] ?? "";
    if (place.on !== undefined && (place.on !== primary || deleted)) {
      this.#step(place, () => this.#letGo(id, name, place));
    } else if (place.on === undefined && this.connected.has(primary)) {
      this.#step(place, () => {
        place.on = primary;
        return true;
      });
    } else if (place.on === primary && !place.mounted && this.connected.has(primary)) {
      this.#step(place, () => {
        place.mounted = true;
        this.mounts.attached(name, this.#node(primary));
        return true;
      });
    } else delete place.since;
  }

  /** A dead node's is detached by the one that is to have it. */
  #letGo(id: string, name: string, place: Place): boolean {
    const from = place.on as string;
    const lives = this.connected.has(from);
    if (lives && this.leases.get(id) === from) return false;
    if (lives && !this.mounts.detached(name, this.#node(from))) return false;
    place.mounted = false;
    delete place.on;
    return true;
  }

  #step(place: Place, done: () => boolean): void {
    place.since ??= performance.now();
    if (performance.now() - place.since >= this.stepMs && done()) delete place.since;
  }

  #node(uuid: string): Node {
    return this.nodes.find((node) => node.uuid === uuid) ?? { uuid, host: "" };
  }
}
