import { output, type Input, type Output } from "@pulumi/pulumi";
import type { Application, Service } from "../provider/core/application";
import { groupsOf } from "../provider/core/placement/groups";
import { joinedBy } from "../provider/core/replica/own-network";
import type { ByService } from "./by-service";
import { isPlain, orElse } from "./known";

/** Indices of a service's replicas: what the program says, else the file. */
export function indicesOf(service: Service, scale: Readonly<Record<string, number>>): number[] {
  const { name } = service;
  const length = (Object.hasOwn(scale, name) ? scale[name] : undefined) ?? service.scale;
  return Array.from({ length }, (_, index) => index);
}

/** One value for all replicas, or one for each. */
export function at(
  values: Input<string | Input<string>[] | undefined> | undefined,
  index: number,
): Input<string | undefined> | undefined {
  const ofReplica = (given: string | Input<string>[] | undefined) =>
    Array.isArray(given) ? given[index] : given;
  return isPlain(values)
    ? ofReplica(values)
    : (output(values).apply(ofReplica) as Output<string | undefined>);
}

/** Keys of the named volumes that a service mounts. */
export function volumeKeys(service: Service): string[] {
  const keys = (service.container.mounts ?? []).flatMap((mount) =>
    mount.type === "volume" && mount.volume !== undefined ? [mount.volume] : [],
  );
  return [...new Set(keys)];
}

/** No volume has such a key. */
function namespaceKeys(
  { name, container }: Service,
  index: number,
  joined: ReadonlySet<string>,
): string[] {
  const own = joined.has(name) ? [name] : [];
  return [...own, ...joinedBy(container, "service")].map(
    (lead) => `namespaces of ${lead}-${index}`,
  );
}

/** A replica of the deployment, before it has a host. */
export interface Unplaced {
  /** "redis-0". */
  readonly key: string;
  /** Keys of what binds it to others: volumes, and namespaces. */
  readonly volumes: readonly string[];
  /** What the program says, an output or not. */
  readonly given?: Input<string | undefined>;
  /** The same, where placement can read it. */
  readonly host?: string;
}

export function replicasToPlace(
  application: Application,
  scale: Readonly<Record<string, number>>,
  hosts: ByService["hosts"],
): Unplaced[] {
  const all = Object.values(application.services);
  const joined = new Set(all.flatMap(({ container }) => joinedBy(container, "service")));
  return all.flatMap((service) =>
    indicesOf(service, scale).map((index) => {
      const given = at(hosts[service.name], index);
      return {
        key: `${service.name}-${index}`,
        volumes: [...volumeKeys(service), ...namespaceKeys(service, index, joined)],
        ...(given === undefined ? {} : { given }),
        ...(typeof given === "string" ? { host: given } : {}),
      };
    }),
  );
}

/**
 * The program's hosts by replica. Who shares a volume goes to one host: the one that the program
 * names for any of them.
 */
export function hostsOfGroups(
  replicas: readonly Unplaced[],
): Map<string, Input<string | undefined>> {
  const hosts = new Map<string, Input<string | undefined>>();
  for (const group of groupsOf(replicas)) {
    const named = group
      .map(({ given }) => given)
      .reduceRight((rest, given) => orElse(given, rest), undefined);
    for (const { key, given } of group) {
      const host = orElse(given, named);
      if (host !== undefined) hosts.set(key, host);
    }
  }
  return hosts;
}
