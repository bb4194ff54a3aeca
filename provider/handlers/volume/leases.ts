import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import { deploymentId } from "../../core/replica/formerly";
import type { PlacedReplica } from "../../core/replica/model";
import type { VolumeDrivers } from "../../core/volume/driver";
import {
  leaseOfOthers,
  leaseProblem,
  newestLease,
  type LeasedVolume,
  type VolumeLease,
  type VolumeLeases,
} from "../../core/volume/lease";
import { kindOf, Unfinished } from "../replica/outcome";
import { isInDeployment, type InDeployment } from "../../core/volume/owner";

/** What leases are taken with. */
export interface LeaseTools {
  readonly leases: VolumeLeases;
  readonly drivers: VolumeDrivers;
  readonly owner: string;
  date(): string;
}

const RUNNING = ["running", "paused", "restarting"];

/**
 * Takes the leases of the volumes that one host has at a time, before anything is done that could
 * take one of them from where it is: a driver may pull it from under whoever has it. Refused where
 * another deployment has it, or anybody's container runs with it on another host.
 */
export async function takeLeases(
  tools: LeaseTools,
  replica: PlacedReplica,
  hosts: readonly Host[],
): Promise<TakenLeases> {
  const held = new Set<string>();
  const taken: LeasedVolume[] = [];
  for (const each of await attachedOf(tools, replica, hosts)) {
    if (await take(tools, replica, each, hosts)) held.add(each.volume);
    else taken.push(each);
  }
  return {
    held,
    drop: async () => {
      for (const each of taken) await dropLeases(tools, replica, each, hosts);
    },
  };
}

/** Of what somebody else has made, its host says the driver, and not the program. */
async function attachedOf(
  { drivers }: Pick<LeaseTools, "drivers">,
  { host: wanted, volumes }: PlacedReplica,
  hosts: readonly Host[],
): Promise<LeasedVolume[]> {
  const all = Object.values(volumes);
  const host = hosts.find(({ name }) => name === wanted);
  const asks = host !== undefined && all.some(({ external }) => external);
  const there = new Map((asks ? await host.docker.volumes({}) : []).map((v) => [v.name, v]));
  return all.flatMap((volume) => {
    const theirs = volume.external ? there.get(volume.name) : undefined;
    const scope =
      theirs === undefined || volume.scope !== undefined
        ? drivers.scopeOf(volume)
        : drivers.scopeOfExisting(theirs);
    if (scope !== "attach") return [];
    return [{ driver: theirs?.driver ?? volume.driver, volume: volume.name }];
  });
}

export interface TakenLeases {
  /** Names of volumes that the deployment had before. */
  readonly held: ReadonlySet<string>;
  /** Lets go of the others: nothing has come of it. */
  drop(): Promise<void>;
}

/**
 * What could not be made keeps no volume from others, nor makes it this deployment's in the eyes of
 * the next run.
 */
export async function orDropped<T>(
  leases: TakenLeases,
  work: () => Promise<T>,
  isForNothing: (error: unknown) => boolean = () => true,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isForNothing(error)) await leases.drop().catch(() => undefined);
    throw error;
  }
}

/** Nothing has come of it. After any other failure something may run with what was leased. */
export function isRefusal(error: unknown): boolean {
  return kindOf(error) === "settings" && !(error instanceof Unfinished);
}

/** Resolves to whether the deployment had it before. */
async function take(
  tools: LeaseTools,
  replica: PlacedReplica,
  of: LeasedVolume,
  hosts: readonly Host[],
): Promise<boolean> {
  const ids = idsOf(replica);
  const found = await readAll(tools.leases, of, hosts);
  const problem = leaseProblem(leaseOfOthers(found, ids), ids);
  if (problem !== undefined) throw refusal(problem);
  const newest = newestLease(found);
  const isSame = newest?.holder === ids[0] && newest?.host === replica.host;
  // A host that was not there, or is new, has not been asked who runs with it.
  const isKnown = isSame && found.every((each) => each?.epoch === newest.epoch);
  if (!isKnown) await requireNoStranger(replica, of, hosts);
  const lease: VolumeLease =
    newest !== undefined && isSame
      ? newest
      : {
          ...{ version: 1, ...of, holder: ids[0] ?? "", host: replica.host },
          ...{ epoch: (newest?.epoch ?? 0) + 1, owner: tools.owner, when: tools.date() },
        };
  // In the order of their names: of two runs that take one, the first host decides.
  const byName = hosts
    .map((host, index) => ({ host, before: found[index] }))
    .sort((a, b) => (a.host.name < b.host.name ? -1 : 1));
  for (const { host, before } of byName) {
    if (before?.epoch === lease.epoch && before.holder === lease.holder) continue;
    if (await tools.leases.replace(host, of, { before, lease })) continue;
    const now = await tools.leases.read(host, of);
    throw refusal(
      leaseProblem(now, ids) ??
        `another run is taking volume '${of.volume}' of driver '${of.driver}' as well, as host '${host.name}' says`,
    );
  }
  return newest !== undefined;
}

/** Lets go of those that the deployment has, when its volume goes. */
export async function dropLeases(
  { leases }: Pick<LeaseTools, "leases">,
  deployment: InDeployment,
  of: LeasedVolume,
  hosts: readonly Host[],
): Promise<void> {
  const ids = idsOf(deployment);
  await Promise.all(
    hosts.map(async (host) => {
      const before = await leases.read(host, of);
      if (before === undefined || !ids.includes(before.holder)) return;
      await leases.replace(host, of, { before });
    }),
  );
}

function idsOf(of: InDeployment): string[] {
  return [deploymentId(of), ...(of.formerly ?? [])];
}

function readAll(
  leases: VolumeLeases,
  of: LeasedVolume,
  hosts: readonly Host[],
): Promise<(VolumeLease | undefined)[]> {
  return Promise.all(hosts.map((host) => leases.read(host, of)));
}

/** Who runs with it on another host than where it is to be, and has no lease to show. */
async function requireNoStranger(
  replica: PlacedReplica,
  { volume: name, driver }: LeasedVolume,
  hosts: readonly Host[],
): Promise<void> {
  await Promise.all(
    hosts.map(async (host) => {
      if (host.name === replica.host) return;
      const [containers, volumes] = await Promise.all([
        host.docker.containers({}),
        host.docker.volumes({}),
      ]);
      if (!volumes.some((each) => each.name === name && each.driver === driver)) return;
      const stranger = containers.find(
        ({ mounts, labels, status }) =>
          RUNNING.includes(status) &&
          mounts.some(({ volume }) => volume === name) &&
          !isInDeployment(labels, replica),
      );
      if (stranger === undefined) return;
      throw refusal(
        `container '${stranger.name}' on host '${host.name}' runs with volume '${name}' of driver '${driver}', which one host ` +
          "has at a time. Stop that container first",
      );
    }),
  );
}

function refusal(reason: string): FerryError {
  return new FerryError({ kind: "settings", reason, touched: "nothing" });
}
