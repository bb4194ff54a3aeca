import { placeAmong } from "../replica/known-places";
import type { ReplicaState } from "../replica/model";
import { isUnknown } from "../unknown";
import type { Standing } from "./occupancy";

/** A replica as state has it. */
export interface StandingReplica extends Standing {
  readonly deployment: string;
  /** "redis-0", by the name that the service has in DNS. */
  readonly key: string;
  /** Where its host's name leads, where state knows it. */
  readonly place?: string;
}

/** What state's outputs of a replica say of where it is and what it reserves. */
export function standingOf(outs: Partial<ReplicaState>): StandingReplica | undefined {
  const { deployment, service, index, host, reserves, spec, connections } = outs;
  if (typeof deployment !== "string" || typeof service !== "string") return undefined;
  if (typeof host !== "string" || isUnknown(host) || typeof index !== "number") return undefined;
  const memory = reserves?.memory ?? spec?.memoryReservationBytes;
  const place = placeAmong(connections, host);
  return {
    ...{ deployment, key: `${service}-${index}`, host },
    ...(reserves?.cpus === undefined ? {} : { cpus: reserves.cpus }),
    ...(memory === undefined ? {} : { memory }),
    ...(place === undefined ? {} : { place }),
  };
}
