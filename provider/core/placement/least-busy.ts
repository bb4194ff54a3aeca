import { TINY, type Choice } from "./place";
import { amount } from "./words";

/** How busy a host was at a moment. */
export interface Reading {
  /** Processes that ran or waited for a CPU, of the last minute. */
  readonly load: number;
  readonly cpus: number;
  /** Of its memory, from 0 to 1. */
  readonly memoryUsed: number;
  /**
   * Of the last ten seconds, the share in which something waited for a CPU, memory or a disk:
   * /proc/pressure. Absent where the kernel does not tell.
   */
  readonly pressure?: number;
}

/** Readings of one host as one. */
export function smoothed(readings: readonly Reading[]): Reading | undefined {
  const mean = (of: (reading: Reading) => number) =>
    readings.reduce((total, each) => total + of(each), 0) / readings.length;
  if (readings.length === 0) return undefined;
  const tells = readings.every(({ pressure }) => pressure !== undefined);
  return {
    load: mean(({ load }) => load),
    cpus: mean(({ cpus }) => cpus),
    memoryUsed: mean(({ memoryUsed }) => memoryUsed),
    ...(tells ? { pressure: mean(({ pressure = 0 }) => pressure) } : {}),
  };
}

/** Load for each CPU, and the shares of memory and time. */
export const busyness = ({ load, cpus, memoryUsed, pressure = 0 }: Reading): number =>
  load / Math.max(1, cpus) + memoryUsed + pressure;

/** What is no more than this is no difference: the plan's host is as good. */
const ALIKE = 0.1;

/** What was chosen in this run, by group. */
export class Chosen {
  readonly #hosts = new Map<string, string>();
  readonly #taken = new Map<string, { cpus: number; memory: number }>();
  readonly #coming = new Map<string, number>();

  of(group: string): string | undefined {
    return this.#hosts.get(group);
  }

  /** Hosts that have room beside all that is planned and was chosen. */
  open({ hosts, standIn, needs, free, apart }: Choice): string[] {
    const others = new Set(apart.flatMap((group) => this.of(group) ?? []));
    return hosts.filter((host) => {
      if (host === standIn) return true;
      const taken = this.#taken.get(host) ?? { cpus: 0, memory: 0 };
      return (
        !others.has(host) &&
        needs.cpus <= (free[host]?.cpus ?? Infinity) - taken.cpus + TINY &&
        needs.memory <= (free[host]?.memory ?? Infinity) - taken.memory + TINY
      );
    });
  }

  note({ group, standIn, needs }: Choice, host: string): void {
    this.#hosts.set(group, host);
    this.#coming.set(host, this.coming(host) + (needs.cpus > 0 ? needs.cpus : 1));
    if (host === standIn) return;
    const taken = this.#taken.get(host) ?? { cpus: 0, memory: 0 };
    taken.cpus += needs.cpus;
    taken.memory += needs.memory;
    this.#taken.set(host, taken);
  }

  /** Load that is to come there: a CPU for each group, or what it reserves. */
  coming(host: string): number {
    return this.#coming.get(host) ?? 0;
  }
}

/** The least busy one; the plan's where none is clearly less so. */
export function leastBusy(
  { standIn }: Choice,
  readings: ReadonlyMap<string, Reading>,
): string | undefined {
  const [first, ...rest] = [...readings].map(([host, reading]) => ({
    host,
    busy: busyness(reading) - (host === standIn ? ALIKE : 0),
  }));
  return first && rest.reduce((best, next) => (next.busy < best.busy ? next : best), first).host;
}

const percent = (share: number) => `${amount(share * 100)} %`;

/** What was seen of a host. */
export function readingInWords(host: string, reading: Reading): string {
  const { load, cpus, memoryUsed, pressure } = reading;
  const waited = pressure === undefined ? "" : `, pressure ${percent(pressure)}`;
  return `${host} ${amount(busyness(reading))} (load ${amount(load)} on ${amount(cpus)} CPUs, memory ${percent(memoryUsed)}${waited})`;
}
