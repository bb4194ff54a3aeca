import type { Input } from "@pulumi/pulumi";
import type { Application, Service } from "../provider/core/application";
import { groupsOf } from "../provider/core/placement/groups";
import type { DeploymentArgs } from "./deployment-args";

/** Indices of a service's replicas: what the program says, else the file. */
export function indicesOf(service: Service, { scale }: Pick<DeploymentArgs, "scale">): number[] {
  return Array.from({ length: scale?.[service.name] ?? service.scale }, (_, index) => index);
}

/** One value for all replicas, or one for each. */
export function at<T>(values: T | T[] | undefined, index: number): T | undefined {
  return Array.isArray(values) ? values[index] : values;
}

/** Keys of the named volumes that a service mounts. */
export function volumeKeys(service: Service): string[] {
  const keys = (service.container.mounts ?? []).flatMap((mount) =>
    mount.type === "volume" && mount.volume !== undefined ? [mount.volume] : [],
  );
  return [...new Set(keys)];
}

/** A replica of the deployment, before it has a host. */
export interface Unplaced {
  /** "redis-0". */
  readonly key: string;
  readonly volumes: readonly string[];
  /** What the program says, an output or not. */
  readonly given?: Input<string>;
  /** The same, where placement can read it. */
  readonly host?: string;
}

export function replicasToPlace(application: Application, args: DeploymentArgs): Unplaced[] {
  return Object.values(application.services).flatMap((service) =>
    indicesOf(service, args).map((index) => {
      const given = at(args.hosts?.[service.name], index);
      return {
        key: `${service.name}-${index}`,
        volumes: volumeKeys(service),
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
export function hostsOfGroups(replicas: readonly Unplaced[]): Map<string, Input<string>> {
  const hosts = new Map<string, Input<string>>();
  for (const group of groupsOf(replicas)) {
    const named = group.map(({ given }) => given).find((given) => given !== undefined);
    for (const { key, given = named } of group) if (given !== undefined) hosts.set(key, given);
  }
  return hosts;
}
