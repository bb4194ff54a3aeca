import type { Wish } from "./wish";

/** A host that replicas may be placed on. */
export interface PlaceHost {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** No message has them. */
  readonly secretLabels?: true;
  /** Absent: nobody knows, and nothing is bounded by it. */
  readonly cpus?: number;
  /** In bytes. */
  readonly memory?: number;
  readonly draining?: true;
}

/** A replica of another deployment, or one that the program does not have any more. */
export interface Standing {
  readonly host: string;
  readonly cpus?: number;
  readonly memory?: number;
}

interface Tally {
  count: number;
  cpus: number;
  memory: number;
  readonly services: Map<string, number>;
  /** By the service that is not wanted there, those who do not want it. */
  readonly shunned: Map<string, Map<string, number>>;
}

type Reserving = Pick<Wish, "apart" | "cpus" | "memory">;

/** What each host carries, as a plan goes on. */
export class Occupancy {
  readonly #hosts = new Map<string, PlaceHost>();
  readonly #tallies = new Map<string, Tally>();
  /** Replicas of a service on all hosts. */
  readonly #services = new Map<string, number>();

  constructor(hosts: readonly PlaceHost[], standing: readonly Standing[]) {
    for (const host of hosts) this.#hosts.set(host.name, host);
    for (const each of standing) {
      const tally = this.#at(each.host);
      tally.count += 1;
      tally.cpus += each.cpus ?? 0;
      tally.memory += each.memory ?? 0;
    }
  }

  host(name: string): PlaceHost {
    return this.#hosts.get(name) ?? { name, labels: {} };
  }

  add(host: string, member: { readonly service: string; readonly wish: Reserving }): void {
    this.#change(host, member, 1);
  }

  remove(host: string, member: { readonly service: string; readonly wish: Reserving }): void {
    this.#change(host, member, -1);
  }

  count(host: string): number {
    return this.#at(host).count;
  }

  countOf(host: string, service: string): number {
    return this.#at(host).services.get(service) ?? 0;
  }

  hasService(host: string, service: string): boolean {
    return this.countOf(host, service) > 0;
  }

  /** It is elsewhere, and not here. */
  lacks(host: string, service: string): boolean {
    return !this.hasService(host, service) && (this.#services.get(service) ?? 0) > 0;
  }

  /** Who is there and does not want the service beside itself. */
  shunning(host: string, service: string): string[] {
    const who = this.#at(host).shunned.get(service) ?? new Map<string, number>();
    return [...who].flatMap(([other, count]) => (count > 0 ? [other] : []));
  }

  /** Replicas of a service on all hosts whose label says the same. */
  alike(host: string, label: string, service: string): number {
    const value = this.host(host).labels[label];
    const alike = [...this.#hosts.values()].filter(({ labels }) => labels[label] === value);
    return alike.reduce((total, { name }) => total + this.countOf(name, service), 0);
  }

  free(host: string, of: "cpus" | "memory"): number | undefined {
    const capacity = this.host(host)[of];
    return capacity === undefined ? undefined : capacity - this.#at(host)[of];
  }

  allFree(host: string): { cpus?: number; memory?: number } {
    const [cpus, memory] = [this.free(host, "cpus"), this.free(host, "memory")];
    return { ...(cpus === undefined ? {} : { cpus }), ...(memory === undefined ? {} : { memory }) };
  }

  /** How full it is by what is reserved there, from 0 to 1. */
  share(host: string): number {
    const shares = (["cpus", "memory"] as const).map((of) => {
      const capacity = this.host(host)[of] ?? 0;
      return capacity > 0 ? this.#at(host)[of] / capacity : 0;
    });
    return Math.max(...shares);
  }

  #change(
    host: string,
    { service, wish }: { readonly service: string; readonly wish: Reserving },
    by: 1 | -1,
  ): void {
    const tally = this.#at(host);
    tally.count += by;
    tally.cpus += by * (wish.cpus ?? 0);
    tally.memory += by * (wish.memory ?? 0);
    addTo(tally.services, service, by);
    addTo(this.#services, service, by);
    for (const shunned of wish.apart ?? []) {
      const who = tally.shunned.get(shunned) ?? new Map<string, number>();
      tally.shunned.set(shunned, who);
      addTo(who, service, by);
    }
  }

  #at(host: string): Tally {
    const found = this.#tallies.get(host) ?? {
      ...{ count: 0, cpus: 0, memory: 0 },
      services: new Map<string, number>(),
      shunned: new Map<string, Map<string, number>>(),
    };
    this.#tallies.set(host, found);
    return found;
  }
}

const addTo = (counts: Map<string, number>, key: string, by: number) =>
  counts.set(key, (counts.get(key) ?? 0) + by);
