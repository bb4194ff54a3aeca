import { FerryError } from "../../core/errors";
import type { HostDirectory, Progress } from "../../core/adapter-ports";
import type { Connections } from "../../core/connection";
import { Chosen, leastBusy, readingInWords, type Reading } from "../../core/placement/least-busy";
import type { LeastBusy } from "../../core/replica/model";
import { hostLoad } from "../../adapters/host/host-load";

interface Asking {
  readonly label: string;
  readonly choice: LeastBusy;
  readonly connections: Connections;
}

/** Hosts of a cluster as they were found busy, and who was put there since. */
interface OfCluster {
  readonly chosen: Chosen;
  readonly readings: Map<string, Promise<Reading | undefined>>;
}

/**
 * Chooses hosts by their load, one group after the other. Each host is asked once in a run; what is
 * put there afterwards is added to what it answers.
 */
export class LeastBusyHosts {
  readonly #clusters = new Map<string, OfCluster>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly hosts: HostDirectory,
    private readonly progress: Progress,
  ) {}

  choose(asking: Asking): Promise<string> {
    const next = this.#turn.then(() => this.#choose(asking));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  async #choose({ label, choice, connections }: Asking): Promise<string> {
    const { cluster, group, standIn } = choice;
    const found = this.#clusters.get(cluster) ?? { chosen: new Chosen(), readings: new Map() };
    this.#clusters.set(cluster, found);
    const { chosen } = found;
    const before = chosen.of(group);
    if (before !== undefined) return before;
    const open = chosen.open(choice);
    const answers = await Promise.all(
      open.map(async (host) => [host, await this.#reading(found, host, connections)] as const),
    );
    const readings = new Map(
      answers.flatMap(([host, reading]): [string, Reading][] =>
        reading === undefined
          ? []
          : [[host, { ...reading, load: reading.load + chosen.coming(host) }]],
      ),
    );
    const host = leastBusy(choice, readings) ?? standIn;
    chosen.note(choice, host);
    const saw = [...readings].map(([name, reading]) => readingInWords(name, reading));
    const of = saw.length === 0 ? "no host tells how busy it is" : `busy are ${saw.join("; ")}`;
    this.progress.info(`${label}: goes to ${host}, the least busy: ${of}`);
    return host;
  }

  #reading(
    { readings }: OfCluster,
    host: string,
    connections: Connections,
  ): Promise<Reading | undefined> {
    const found = readings.get(host) ?? this.#ask(host, connections);
    readings.set(host, found);
    return found;
  }

  /** A host that cannot be asked is none to go to, unless nobody can. */
  async #ask(host: string, connections: Connections): Promise<Reading | undefined> {
    const connection = connections[host];
    if (connection === undefined) return undefined;
    try {
      return await hostLoad(await this.hosts.open(host, connection));
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      this.progress.warn(`Host '${host}' does not tell how busy it is: ${error.message}`);
      return undefined;
    }
  }
}
