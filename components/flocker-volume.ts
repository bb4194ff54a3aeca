import {
  all,
  ComponentResource,
  getProject,
  getStack,
  output,
  secret,
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
import { FLOCKER_DRIVER } from "../provider/core/volume/flocker";
import type { UpkeepResource } from "../provider/resources/upkeep-resource";
import type { Scope } from "../provider/core/volume/scope";
import { VolumeResource } from "../provider/resources/volume-resource";
import type { HookInput } from "../provider/core/replica/move-settings";
import { mistake } from "../provider/resources/mistake";
import type { Cluster } from "./cluster";
import { internalsOf } from "./cluster-internals";
import type { OneOf } from "./one-of";
import { Registrations } from "./registrations";
import {
  declareUpkeep,
  given,
  restoreText,
  upkeepOutputs,
  type UpkeepOutputs,
  type VolumeUpkeepArgs,
} from "./volume-upkeep";

/** What a `FlockerVolume` is made of. */
export interface FlockerVolumeArgs extends VolumeUpkeepArgs {
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
   * "local" (or "flocker"): the data lives on one host and the move copies it. "folder": the same
   * for a folder of the host, which `driverOptions` binds; it has one path on all hosts. Any other is
   * a volume plugin that the hosts have: docs/volumes.md.
   *
   * @default "local"
   */
  driver?: Input<OneOf<"local" | "flocker" | "folder">>;
  /**
   * Where the data can be reached, which decides what a move does: on one `host` (it is copied), on
   * one host at a time (`attach`: the source lets go of it, the target takes it), or on every host
   * (`shared`: nothing of it is copied). It counts before what Ferry knows of the driver, and before
   * what that says of itself.
   *
   * @default what is known of the driver and its options
   */
  scope?: Input<OneOf<Scope>>;
  /**
   * Flocker's control service, which attaches the volume: its plugin of that name is on every host,
   * and the `scope` is `attach`. What `driverOptions` may say is then Flocker's `size` and `profile`.
   *
   * @default none: `driver: "flocker"` is Ferry's own way of copying
   */
  flocker?: FlockerControlArgs;
  /**
   * Options for Docker's volume driver. Cannot be changed on an existing volume: Docker would
   * ignore it. With `type`, `device` or `o`, Docker mounts the data from elsewhere: with a `type`
   * that a server keeps, such as `nfs`, it is `shared`; with another, a replica that mounts it can
   * only move where `scope` says how. With driver "folder" they are those of the second
   * example.
   *
   * @example { type: "nfs", o: "addr=192.0.2.9,rw", device: ":/export/data" }
   *
   * @example { type: "none", o: "bind", device: "/srv/app" }
   */
  driverOptions?: Input<Record<string, Input<string>>>;
  /**
   * Labels for the Docker volume, beside Ferry's own. Docker takes them when it makes the volume,
   * and never changes them.
   *
   * @example { "com.example.owner": "shop" }
   */
  labels?: Input<Record<string, Input<string>>>;
  /**
   * The Compose project whose volume becomes this one, with its data, when the resource is made:
   * `<project>_<key>`, or `name` where that is given. From then on it is as with `external`, and
   * stays so whether the program still says it or not.
   */
  adopt?: string;
  /** Made by somebody else: Ferry neither makes nor deletes it. @default false */
  external?: Input<boolean>;
  /**
   * Delete the data together with this resource. Without it the data stays on its host. @default
   * false
   */
  deleteData?: Input<boolean>;
}

/** Flocker's REST API, and what an API user of it has; all of it is secret in state but the address. */
export interface FlockerControlArgs {
  /** Its address, as the machine reaches it that runs the program; Flocker's port is 4523. */
  control: Input<string>;
  /** The cluster's certificate (`cluster.crt`), in PEM. */
  ca: Input<string>;
  /** An API user's certificate, in PEM. */
  cert: Input<string>;
  /** Its key, in PEM. */
  key: Input<string>;
}

/**
 * A volume with an identity of its own, which follows the replica that mounts it from host to host.
 * Deleting the resource keeps the data unless `deleteData` is set.
 *
 * @example
 * const data = new ferry.FlockerVolume("data", { cluster, deployment: "apples" });
 * const redis = new ferry.ServiceReplica("redis", {
 *   cluster,
 *   deployment: "apples",
 *   service: "redis",
 *   container: {
 *     image: "redis:7",
 *     mounts: [{ type: "volume", volume: "data", target: "/data" }],
 *   },
 *   volumes: [data],
 * });
 */
export class FlockerVolume extends ComponentResource {
  /** Identity, the same for ever: "project/stack/deployment/key". */
  readonly volumeId: Output<string>;
  /** The Docker volume's name on whichever host it is. */
  readonly volumeName: Output<string>;
  /** The volume's name in its deployment: what a replica's mounts refer to. */
  readonly key: Output<string>;
  /** The newest backup that is whole, as the last refresh or change has found it. */
  readonly lastBackup: UpkeepOutputs["lastBackup"];
  /** Its snapshots on its host, the oldest first, as the last refresh or change has found them. */
  readonly snapshotNames: UpkeepOutputs["snapshotNames"];
  /** What a refresh found not to be in order with `backup` or `snapshots`, in words; absent when all is well. */
  readonly upkeepHealth: UpkeepOutputs["upkeepHealth"];

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
      driver: output(args.driver ?? (args.flocker === undefined ? DEFAULT_DRIVER : FLOCKER_DRIVER)),
      driverOptions: output(args.driverOptions ?? {}),
      ...scopeOf(name, args),
      labels: output(args.labels ?? {}),
      external: output(args.external ?? false),
      deleteData: output(args.deleteData ?? false),
    };
    const users = new Registrations<VolumeUser>(
      ({ replica }) =>
        `'${replica}' mounts volume '${key}' after the program's replicas had been settled. Declare it earlier.`,
    );
    const { id: _id, labels: _labels, formerly: _formerly, ...inputs } = settings;
    const flocker =
      args.flocker && secret(output(args.flocker).apply((all) => JSON.stringify(all)));
    const resource = new VolumeResource(
      name,
      {
        ...identity,
        ...(args.formerly === undefined ? {} : { formerly: args.formerly }),
        ...inputs,
        ...given({ flocker }),
        ...(isUpkept(args) ? { upkept: true } : {}),
        ...(args.adopt === undefined
          ? {}
          : { adopt: args.name ?? dockerVolumeName(args.adopt, key) }),
        clusterHosts: internalsOf(args.cluster).clusterHosts,
        users: output(users.all).apply((each) =>
          all(Object.fromEntries(each.map(({ replica, host }) => [replica, host]))),
        ),
      },
      { parent: this },
    );
    // What was taken over keeps its name, whatever the program says of it since.
    const made = {
      ...settings,
      name: asMade(resource.name, settings.name),
      external: asMade(resource.external, settings.external),
    };
    this.volumeId = settings.id;
    this.volumeName = made.name;
    this.key = output(key);
    const { cluster, deployment, backup, snapshots } = args;
    if (args.restore !== undefined && args.restoreFrom !== undefined)
      throw mistake(`FlockerVolume '${name}': give \`restore\` or \`restoreFrom\`, and not both.`);
    if (args.snapshotBeforeChange === true && snapshots === undefined)
      throw mistake(`FlockerVolume '${name}': snapshotBeforeChange: give \`snapshots\` as well.`);
    const upkept = { cluster, resourceName: name, deployment, key, volumeName: made.name };
    let upkeep: UpkeepResource | undefined;
    const restores = restoreText(args);
    internals.set(this, {
      ...{ deployment, key, settings: made, resource, users },
      ...given({ restores, flocker, snapshotBeforeChange: args.snapshotBeforeChange }),
      declareUpkeep(lead) {
        upkeep = declareUpkeep({ ...upkept, ...given({ backup, snapshots }) }, lead);
      },
    });
    const outputs = upkeepOutputs(args, () => users.all.then(() => upkeep));
    this.lastBackup = outputs.lastBackup;
    this.snapshotNames = outputs.snapshotNames;
    this.upkeepHealth = outputs.upkeepHealth;
    this.registerOutputs({ volumeId: this.volumeId, volumeName: this.volumeName, key: this.key });
  }
}

/** With Flocker's control service there is one that is right. */
function scopeOf(
  name: string,
  { scope, flocker }: FlockerVolumeArgs,
): Pick<VolumeInternals["settings"], "scope" | "control"> {
  if (flocker === undefined) {
    return scope === undefined ? {} : { scope: output(scope as Input<Scope>) };
  }
  if (scope === undefined || scope === "attach") {
    return { scope: output("attach" as const), control: output(flocker.control) };
  }
  throw mistake(
    `FlockerVolume '${name}': with \`flocker\` its scope is "attach". Leave \`scope\` out.`,
  );
}

const isUpkept = ({ backup, snapshots, restore, restoreFrom }: FlockerVolumeArgs): boolean =>
  [backup, snapshots, restore, restoreFrom].some((each) => each !== undefined);

/** A test's mocks may answer nothing. */
function asMade<T>(made: Output<T>, said: Output<T>): Output<T> {
  return made.apply<T>((of) => (of ?? said) as T);
}

/** A replica that mounts a volume, and the host that it will be on. */
export interface VolumeUser {
  readonly replica: string;
  readonly host: Input<string>;
}

/**
 * The first replica that mounts a volume: those that come after go where it is, and wait for it.
 */
export interface VolumeLead {
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
  /** Its own commands around a move, and around each snapshot. */
  readonly hooks?: {
    readonly quiesce: Input<HookInput | undefined>;
    readonly resume: Input<HookInput | undefined>;
  };
}

/** What a replica needs of its volumes. */
export interface VolumeInternals {
  readonly deployment: string;
  readonly key: string;
  readonly settings: {
    readonly id: Output<string>;
    readonly formerly?: Output<string[]>;
    readonly name: Output<string>;
    readonly driver: Output<string>;
    readonly driverOptions: Output<Record<string, string>>;
    readonly scope?: Output<Scope>;
    readonly control?: Output<string>;
    readonly labels: Output<Record<string, string>>;
    readonly external: Output<boolean>;
    readonly deleteData: Output<boolean>;
  };
  readonly resource: VolumeResource;
  readonly snapshotBeforeChange?: boolean;
  /** What it begins with when it is made, as one text. */
  readonly restores?: Output<string>;
  /** What opens its control service, as one text. */
  readonly flocker?: Output<string>;
  /** Its upkeep is where the first replica is that mounts it. */
  declareUpkeep(lead: VolumeLead): void;
  users: Registrations<VolumeUser>;
  lead?: VolumeLead;
}

/** A volume's name among all those of a cluster. */
export const volumeInCluster = (of: Pick<VolumeInternals, "deployment" | "key">) =>
  `${of.deployment}/${of.key}`;

const internals = new WeakMap<FlockerVolume, VolumeInternals>();

export function volumeInternals(volume: FlockerVolume): VolumeInternals {
  const found = internals.get(volume);
  if (found === undefined) throw new TypeError("Not a FlockerVolume of this copy of pulumi-ferry.");
  return found;
}
