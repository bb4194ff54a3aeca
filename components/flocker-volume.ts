import {
  all,
  ComponentResource,
  getProject,
  getStack,
  output,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import { dockerVolumeName, volumeId } from "../provider/core/identity";
import {
  deploymentId,
  formerDeployments,
  formerVolumeIds,
} from "../provider/core/replica/formerly";
import { DEFAULT_DRIVER } from "../provider/core/volume/driver";
import { VolumeResource } from "../provider/resources/volume-resource";
import type { Cluster } from "./cluster";
import { internalsOf } from "./cluster-internals";
import type { OneOf } from "./one-of";
import { Registrations } from "./registrations";

/** What a `FlockerVolume` is made of. */
export interface FlockerVolumeArgs {
  /** The cluster whose hosts it may be on. */
  cluster: Cluster;
  /** The deployment whose replicas mount it. */
  deployment: string;
  /** The volume's name in the deployment. @default the resource's name */
  key?: string;
  /**
   * Whom it was before, as for `ServiceReplica`: Docker volumes made by that name are taken over.
   * The default of `name` is then what it was in the first of the deployments that are named.
   */
  formerly?: string | string[];
  /** The Docker volume's name on the hosts. @default `<deployment>_<key>`, as Compose names it */
  name?: Input<string>;
  /**
   * "local" (or "flocker"): the data lives on one host and the move copies it.
   *
   * @default "local"
   */
  driver?: Input<OneOf<"local" | "flocker">>;
  /**
   * Options for Docker's volume driver. Cannot be changed on an existing volume: Docker would
   * ignore it.
   */
  driverOptions?: Input<Record<string, Input<string>>>;
  /**
   * Labels for the Docker volume, beside Ferry's own. Docker takes them when it makes the volume,
   * and never changes them.
   */
  labels?: Input<Record<string, Input<string>>>;
  /** Made by somebody else: Ferry neither makes nor deletes it. @default false */
  external?: Input<boolean>;
  /**
   * Delete the data together with this resource. Without it the data stays on its host. @default
   * false
   */
  deleteData?: Input<boolean>;
}

/**
 * A volume with an identity of its own, which follows the replica that mounts it from host to host.
 * Deleting the resource keeps the data unless `deleteData` is set.
 */
export class FlockerVolume extends ComponentResource {
  /** Identity, the same for ever: "project/stack/deployment/key". */
  readonly volumeId: Output<string>;
  /** The Docker volume's name on whichever host it is. */
  readonly volumeName: Output<string>;
  /** The volume's name in its deployment: what a replica's mounts refer to. */
  readonly key: Output<string>;

  constructor(name: string, args: FlockerVolumeArgs, opts?: ComponentResourceOptions) {
    super("pulumi-ferry:index:FlockerVolume", name, {}, opts);
    const key = args.key ?? name;
    const identity = { project: getProject(), stack: getStack(), deployment: args.deployment, key };
    const former = formerDeployments(args.formerly, identity);
    const [first = deploymentId(identity)] = former;
    const settings = {
      id: output(volumeId(identity)),
      ...(former.length === 0 ? {} : { formerly: output(formerVolumeIds(former, key)) }),
      name: output(args.name ?? dockerVolumeName(first.split("/").at(-1) ?? "", key)),
      driver: output(args.driver ?? DEFAULT_DRIVER),
      driverOptions: output(args.driverOptions ?? {}),
      labels: output(args.labels ?? {}),
      external: output(args.external ?? false),
      deleteData: output(args.deleteData ?? false),
    };
    const users = new Registrations<VolumeUser>(
      ({ replica }) =>
        `'${replica}' mounts volume '${key}' after the program's replicas had been settled. Declare it earlier.`,
    );
    const { id: _id, labels: _labels, formerly: _formerly, ...inputs } = settings;
    const resource = new VolumeResource(
      name,
      {
        ...identity,
        ...(args.formerly === undefined ? {} : { formerly: args.formerly }),
        ...inputs,
        connections: internalsOf(args.cluster).connections,
        users: output(users.settled).apply((each) =>
          all(Object.fromEntries(each.map(({ replica, host }) => [replica, host]))),
        ),
      },
      { parent: this },
    );
    this.volumeId = settings.id;
    this.volumeName = settings.name;
    this.key = output(key);
    internals.set(this, { key, settings, resource, users });
    this.registerOutputs({ volumeId: this.volumeId, volumeName: this.volumeName, key: this.key });
  }
}

/** A replica that mounts a volume, and the host that it will be on. */
export interface VolumeUser {
  readonly replica: string;
  readonly host: Input<string>;
}

/**
 * The first replica that mounts a volume: those that come after go where it is, and wait for it.
 */
export interface VolumeLeader {
  /** Says who it is. */
  readonly replica: string;
  readonly service: string;
  /** The user's word, or the suggestion: what the program knows. */
  readonly wanted: Input<string>;
  /** Whether `wanted` is the user's word. */
  readonly fixed: boolean;
  /** Where it really is, which for a replica without a fixed host only its state knows. */
  readonly host: Output<string>;
  readonly resource: Resource;
}

/** What a replica needs of its volumes. */
export interface VolumeInternals {
  readonly key: string;
  readonly settings: {
    readonly id: Output<string>;
    readonly formerly?: Output<string[]>;
    readonly name: Output<string>;
    readonly driver: Output<string>;
    readonly driverOptions: Output<Record<string, string>>;
    readonly labels: Output<Record<string, string>>;
    readonly external: Output<boolean>;
    readonly deleteData: Output<boolean>;
  };
  readonly resource: VolumeResource;
  readonly users: Registrations<VolumeUser>;
  leader?: VolumeLeader;
}

const internals = new WeakMap<FlockerVolume, VolumeInternals>();

export function volumeInternals(volume: FlockerVolume): VolumeInternals {
  const found = internals.get(volume);
  if (found === undefined) throw new TypeError("Not a FlockerVolume of this copy of pulumi-ferry.");
  return found;
}
