import type Dockerode from "dockerode";
import type { HostConfig } from "dockerode";
import type { Docker } from "../../core/adapter-ports";
import type { Limits } from "../../core/replica/limits";
import type { Engine } from "./engine";
import { statusOf } from "./failures";
import { nameInUrl } from "./names-in-url";

const NANO_CPUS = 1_000_000_000;
const NOT_FOUND = 404;

export type LimitMethods = "setLimits" | "memoryInUse";

/** What Docker changes of a container without another start. */
export function limitMethods(engine: Engine): Pick<Docker, LimitMethods> {
  return {
    async setLimits(id, limits) {
      await engine.call(`setting limits of container '${id}'`, (docker, abortSignal) => {
        const container = docker.getContainer(nameInUrl("container", id));
        return container.update({ ...limitFields(limits), abortSignal }) as Promise<unknown>;
      });
    },

    async memoryInUse(id) {
      const what = `asking what memory container '${id}' uses`;
      const stats = await engine.call(what, async (docker: Dockerode, abortSignal) => {
        const container = docker.getContainer(nameInUrl("container", id));
        const options = { stream: false as const, "one-shot": true, abortSignal };
        try {
          return await container.stats(options);
        } catch (error) {
          if (statusOf(error) === NOT_FOUND) return undefined;
          throw error;
        }
      });
      return stats && inUse(stats.memory_stats);
    },
  };
}

interface MemoryStats {
  readonly usage?: number;
  readonly stats?: Readonly<Partial<Record<string, number>>>;
}

/** Without what the kernel only remembers of files, by the words of either version of cgroups. */
function inUse({ usage, stats = {} }: MemoryStats): number | undefined {
  const own = stats["anon"] ?? stats["total_rss"] ?? stats["rss"];
  if (own === undefined) return usage;
  return own + (stats["shmem"] ?? stats["total_shmem"] ?? 0);
}

/** As Docker's requests have them. */
function limitFields(limits: Limits): HostConfig {
  const { memoryBytes, memorySwapBytes, memoryReservationBytes, cpus } = limits;
  return {
    ...(memoryBytes === undefined ? {} : { Memory: memoryBytes }),
    ...(memorySwapBytes === undefined ? {} : { MemorySwap: memorySwapBytes }),
    ...(memoryReservationBytes === undefined ? {} : { MemoryReservation: memoryReservationBytes }),
    ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * NANO_CPUS) }),
    ...(limits.cpuShares === undefined ? {} : { CpuShares: limits.cpuShares }),
    ...(limits.cpusetCpus === undefined ? {} : { CpusetCpus: limits.cpusetCpus }),
    ...(limits.cpuQuota === undefined ? {} : { CpuQuota: limits.cpuQuota }),
    ...(limits.cpuPeriod === undefined ? {} : { CpuPeriod: limits.cpuPeriod }),
    ...(limits.pidsLimit === undefined ? {} : { PidsLimit: limits.pidsLimit }),
  };
}

/** Docker says 0, "" or null for one that is not there; older ones leave it out. */
export function limitsIn(config: Partial<HostConfig>): Limits {
  const pids = config.PidsLimit ?? 0;
  return {
    ...given("memoryBytes", config.Memory),
    ...given("memorySwapBytes", config.MemorySwap),
    ...given("memoryReservationBytes", config.MemoryReservation),
    ...given("cpus", (config.NanoCpus ?? 0) / NANO_CPUS),
    ...given("cpuShares", config.CpuShares),
    ...given("cpusetCpus", config.CpusetCpus),
    ...given("cpuQuota", config.CpuQuota),
    ...given("cpuPeriod", config.CpuPeriod),
    ...given("pidsLimit", pids),
  };
}

function given<K extends string, T>(key: K, value: T | null | undefined): { [_ in K]?: T } {
  if (value === undefined || value === null || value === 0 || value === "") return {};
  return { [key]: value } as { [_ in K]?: T };
}
