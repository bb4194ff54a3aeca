import { randomBytes } from "crypto";
import { volumeDrivers } from "../../adapters/volume/drivers";
import { seeToFollowers } from "../../adapters/docker/followers";
import { hostFacts } from "../../adapters/host/host-facts";
import { hostDataMovers } from "../../adapters/volume/data-movers";
import { hostQuarantine } from "../../adapters/volume/quarantine";
import { hostUpkeep } from "../../adapters/volume/upkeep";
import { hostFiles } from "../../adapters/files/host-files";
import { hostLeases } from "../../adapters/lease/host-leases";
import { hostJournals } from "../../adapters/journal/host-journals";
import { hostNetwork } from "../../adapters/network";
import type { Host } from "../../core/adapter-ports";
import type { Quarantine, Journals } from "../../core/move/journals";
import type { DataMovers, HostFacts } from "../../core/move/move-ports";
import type { HostFiles } from "../../core/files/host-files";
import type { OverlayAddresses } from "../../core/network/network-port";
import type { HostLocks } from "../../core/lock";
import type { VolumeDrivers } from "../../core/volume/driver";
import type { HostUpkeep } from "../../core/volume/upkeep-port";
import type { VolumeLeases } from "../../core/volume/lease";
import { aliveInThisRun, noting, type Alive } from "../alive";
import { credentialsOfMachine } from "../../local/docker-config";
import { systemClock, type Clock } from "../clock";
import type { HandlerContext } from "../handler";
import { hostLocks } from "../host-locks";
import { runOwner } from "../run-owner";
import { Builds } from "./builds";
import { ChangeSlots } from "./change-slots";
import { FilesOfRun } from "./files";
import { LeastBusyHosts } from "./least-busy";
import { MoveSlots } from "./move-slots";
import { PublishedPorts } from "./published-ports";
import { RegistryLogins } from "./registry-logins";
import { RestoresOfRun } from "./restore-volume";
import { SnapshotsOfRun } from "./snapshot-before";
import { waysOfThisRun, type Ways } from "../ways";

/** What the replica's handler and its moves work with. */
export interface ReplicaTools extends HandlerContext {
  readonly drivers: VolumeDrivers;
  /** How hosts are reached, as far as this run knows. */
  readonly ways: Ways;
  readonly movers: DataMovers;
  readonly files: HostFiles;
  readonly filesOfRun: FilesOfRun;
  readonly upkeep: HostUpkeep;
  readonly restoresOfRun: RestoresOfRun;
  readonly snapshotsOfRun: SnapshotsOfRun;
  readonly facts: HostFacts;
  readonly journals: Journals;
  readonly leases: VolumeLeases;
  readonly quarantine: Quarantine;
  readonly overlay: OverlayAddresses;
  /** Has the host keep containers with those whose namespaces they are in. */
  seeToFollowers(host: Host): Promise<void>;
  readonly clock: Clock;
  /** Moves of this run wait here until their hosts have room for them. */
  readonly moveSlots: MoveSlots;
  /** Changes of a service's replicas wait here for each other. */
  readonly changeSlots: ChangeSlots;
  readonly published: PublishedPorts;
  readonly leastBusy: LeastBusyHosts;
  /** Images that this run builds. */
  readonly builds: Builds;
  readonly logins: RegistryLogins;
  /** Keeps runs apart that work on the same replica. */
  readonly locks: HostLocks;
  /** Hosts that cannot count as lost in this run. */
  readonly alive: Alive;
  /** Who runs this: "root@ci-7, process 4711". */
  readonly owner: string;
  /** Now, in ISO 8601, UTC. */
  date(): string;
  /** Another one for each move. */
  moveToken(): string;
}

/** The real ones; a test puts its own in their place. */
export function replicaTools(
  context: HandlerContext,
  own: Partial<Omit<ReplicaTools, keyof HandlerContext>> = {},
): ReplicaTools {
  const alive = own.alive ?? aliveInThisRun;
  return {
    drivers: volumeDrivers,
    movers: hostDataMovers,
    files: hostFiles,
    filesOfRun: new FilesOfRun(),
    upkeep: hostUpkeep,
    restoresOfRun: new RestoresOfRun(),
    snapshotsOfRun: new SnapshotsOfRun(),
    facts: hostFacts,
    journals: hostJournals,
    leases: hostLeases,
    quarantine: hostQuarantine,
    overlay: hostNetwork.overlay,
    seeToFollowers,
    clock: systemClock,
    moveSlots: new MoveSlots(),
    changeSlots: new ChangeSlots(own.clock ?? systemClock),
    ways: waysOfThisRun,
    published: new PublishedPorts(),
    leastBusy: new LeastBusyHosts(context.hosts, context.progress),
    builds: new Builds(),
    logins: new RegistryLogins(credentialsOfMachine),
    owner: runOwner(),
    date: () => new Date().toISOString(),
    moveToken: () => randomBytes(6).toString("hex"),
    ...own,
    alive,
    locks: noting(own.locks ?? hostLocks, alive),
    hosts: context.hosts,
    progress: context.progress,
  };
}
