import { FerryError } from "../../core/errors";
import { replicaId, type ReplicaIdentity } from "../../core/identity";
import { DEFAULT_CHANGES, type ChangeSettings } from "../../core/replica/change-settings";
import type { Clock } from "../clock";

interface Service {
  settings: Required<ChangeSettings>;
  running: number;
  /** Those that were put back, as messages call them. */
  readonly failed: string[];
  readonly waiting: (() => void)[];
}

/**
 * Replicas of one service are changed one after the other, however many the engine updates at a
 * time. One run's: the process ends with it.
 */
export class ChangeSlots {
  readonly #services = new Map<string, Service>();

  constructor(private readonly clock: Clock) {}

  /** The program's word; the latest counts. */
  say(replica: ReplicaIdentity, settings: ChangeSettings): void {
    this.#of(replica).settings = { ...DEFAULT_CHANGES, ...settings };
  }

  monitorSeconds(replica: ReplicaIdentity): number {
    return this.#of(replica).settings.monitorSeconds;
  }

  /** Does the work in its turn; rejects where others of the service could not be changed. */
  async take<T>(replica: ReplicaIdentity, label: string, work: () => Promise<T>): Promise<T> {
    const service = this.#of(replica);
    if (!hasRoom(service)) await new Promise<void>((begin) => service.waiting.push(begin));
    else service.running += 1;
    let failed = false;
    try {
      requireGoingOn(service, label);
      return await work();
    } catch (error) {
      failed = !(error instanceof LeftAsItIs);
      if (failed) service.failed.push(label);
      throw error;
    } finally {
      await this.#next(service);
    }
  }

  /** The room goes to whoever waits longest, after the pause that the program wants. */
  async #next(service: Service): Promise<void> {
    const { delaySeconds } = service.settings;
    if (service.waiting.length > 0 && delaySeconds > 0 && !hasStopped(service)) {
      await this.clock.sleep(delaySeconds * 1000);
    }
    const begin = service.waiting.shift();
    if (begin === undefined) service.running -= 1;
    else begin();
  }

  #of(replica: ReplicaIdentity): Service {
    const key = replicaId({ ...replica, index: 0 });
    const known = this.#services.get(key);
    if (known !== undefined) return known;
    const service = { settings: DEFAULT_CHANGES, running: 0, failed: [], waiting: [] };
    this.#services.set(key, service);
    return service;
  }
}

function hasRoom({ settings, running }: Service): boolean {
  return settings.parallelism === 0 || running < settings.parallelism;
}

function hasStopped({ settings, failed }: Service): boolean {
  const { onFailure, maxFailureRatio, replicas } = settings;
  return onFailure === "pause" && failed.length > Math.floor(maxFailureRatio * replicas);
}

/** It was not touched, because others of its service could not be changed. */
class LeftAsItIs extends FerryError {}

function requireGoingOn(service: Service, label: string): void {
  if (!hasStopped(service)) return;
  throw new LeftAsItIs({
    ...{ kind: "settings", replica: label, what: `changing ${label}`, ended: "was refused" },
    reason: `${service.failed.join(", ")} could not be changed, and was put back`,
    advice: "Mend the program, or put it back as it was",
    touched: { said: "It runs on as it was" },
  });
}
