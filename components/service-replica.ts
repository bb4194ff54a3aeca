import { resolve } from "path";
import {
  all,
  ComponentResource,
  getProject,
  getStack,
  output,
  runtime,
  unsecret,
  type ComponentResourceOptions,
  type Input,
  type Output,
} from "@pulumi/pulumi";
import { validateDnsLabel } from "../provider/core/compose";
import type { LastMove } from "../provider/core/replica/model";
import type { HookInput } from "../provider/core/replica/move-settings";
import { formerNames } from "../provider/core/replica/formerly";
import { replicaLabel } from "../provider/core/replica/replica-names";
import { mistake } from "../provider/resources/mistake";
import { ReplicaResource } from "../provider/resources/replica-resource";
import { withoutStacks } from "../provider/resources/without-stacks";
import { internalsOf } from "./cluster-internals";
import { dependencies } from "./dependencies";
import {
  volumeInCluster,
  volumeInternals,
  type VolumeInternals,
  type VolumeLead,
} from "./flocker-volume";
import { isPlain, orElse } from "./known";
import { LateComponent } from "./late-component";
import type { Placement } from "./placement";
import type { DeclaredReplicaArgs, ServiceReplicaArgs } from "./service-replica-args";
import { travellingFiles } from "./travelling-files";

/**
 * One container with an address, a name and data of its own that stay with it when it changes its
 * host.
 *
 * @example
 * const web = new ferry.ServiceReplica("web", {
 *   cluster,
 *   deployment: "apples",
 *   service: "web", // web.apples, in the cluster's domain
 *   host: "node1", // another host, and `pulumi up` moves it with its address and its name
 *   container: {
 *     image: "nginx:1.29",
 *     ports: [{ containerPort: 80, hostPort: 8080, protocol: "tcp" }],
 *     restart: { name: "always" },
 *   },
 *   environment: { TOKEN: config.requireSecret("token") },
 * });
 * export const webIp = web.ip;
 */
export class ServiceReplica extends ComponentResource {
  /** The host that it is on. */
  readonly host: Output<string>;
  /** Its address on the overlay. Known in preview. */
  readonly ip: Output<string>;
  /** The service's name: replicas of one service share it. Known in preview. */
  readonly dnsName: Output<string>;
  /** The deployment's subnet. Known in preview. */
  readonly subnet: Output<string>;
  /** What `docker ps` shows on the host. Known in preview. */
  readonly containerName: Output<string>;
  /** Docker's id of the container on its host; another one after a move. */
  readonly containerId: Output<string>;
  /**
   * What the move that brought it to its host did. Absent before the first, and when that move was
   * interrupted and finished by a later run: nobody knows its figures, and those of an earlier move
   * would be taken for its own.
   */
  readonly lastMove: Output<LastMove | undefined>;

  constructor(name: string, args: ServiceReplicaArgs, opts?: ComponentResourceOptions) {
    // Where one of a deployment's stands is in Ferry's own code.
    const restore = opts?.parent instanceof LateComponent ? withoutStacks() : () => undefined;
    try {
      super("pulumi-ferry:index:ServiceReplica", name, {}, opts);
    } finally {
      restore();
    }
    const cluster = internalsOf(args.cluster);
    const { deployment, service, index = 0 } = args;
    const key = `${service}-${index}`;
    for (const [property, label] of Object.entries({ deployment, service })) {
      const wrong = validateDnsLabel(label);
      if (wrong !== undefined) throw mistake(`ServiceReplica '${name}': ${property}: ${wrong}`);
    }
    const volumes = (args.volumes ?? []).map(volumeInternals);
    const suggestedHost = hostFor(key, args, volumes, cluster.placement);
    const former = formerNames(args.formerly, deployment);
    cluster.addresses.ask({
      deployment,
      key,
      ...(former.length === 0 ? {} : { formerly: former }),
      ...(args.ip === undefined ? {} : { ip: args.ip }),
      ...(args.subnet === undefined ? {} : { subnet: args.subnet }),
    });
    const leads = [...joinedLeads(args), ...leadsOf(name, args, volumes)];
    const quiesce = hookOf(name, "quiesce", args, leads);
    const resume = hookOf(name, "resume", args, leads);
    const [lead] = leads;
    const host = orElse(args.host, lead?.host);
    const wanted = orElse(args.host, lead?.wanted ?? suggestedHost) as Input<string>;
    for (const { users } of volumes) users.add({ replica: key, host: wanted });
    const subnet = cluster.addresses.of(deployment).apply((each) => each?.subnet as string);

    const replica = new ReplicaResource(
      name,
      {
        project: getProject(),
        stack: getStack(),
        deployment,
        service,
        index,
        ...(args.formerly === undefined ? {} : { formerly: args.formerly }),
        ...(host === undefined ? {} : { host }),
        suggestedHost,
        spec: args.container,
        environment: args.environment ?? {},
        ...imageSettings(args),
        ...(volumes.length === 0 ? {} : { volumes: settingsOf(volumes) }),
        ...foldersOf(args),
        ...saidOf(volumes),
        ...travellingFiles(`ServiceReplica '${name}'`, args.files ?? {}),
        ip: cluster.addresses.lease(deployment, key),
        subnet,
        dnsDomain: cluster.dnsDomain,
        clusterHosts: cluster.clusterHosts,
        verify: args.verify ?? "manifest",
        healthTimeoutSeconds: args.healthTimeoutSeconds ?? 60,
        ...(args.job === true ? { job: true } : {}),
        ...(args.restartsWith === undefined ? {} : { restartsWith: args.restartsWith }),
        ...(args.changes === undefined ? {} : { changes: args.changes }),
        ...moveSettings({ ...args, quiesce, resume }),
        ...estimateOf(args),
        ...(args as DeclaredReplicaArgs).placed,
        ...adoptOf(name, args),
        ...(volumes.length === 0 ? {} : { sharesWith: sharers(deployment, key, volumes) }),
        ...(cluster.movesPerHost === undefined ? {} : { movesPerHost: cluster.movesPerHost }),
      },
      {
        parent: this,
        dependsOn: [
          cluster.ready,
          ...volumes.map(({ resource }) => resource),
          ...leads.map(({ resource }) => resource),
          ...dependencies(opts),
        ],
      },
    );
    const fixed = args.host !== undefined;
    const hooks =
      quiesce === undefined || resume === undefined ? {} : { hooks: { quiesce, resume } };
    const known = { replica: key, service, wanted, fixed, ...hooks };
    const first = { ...known, host: replica.host, resource: replica };
    for (const volume of volumes) {
      if (volume.lead === undefined) volume.declareUpkeep(first);
      volume.lead ??= first;
    }
    asLead.set(this, first);
    this.host = replica.host;
    this.ip = replica.ip;
    this.dnsName = replica.dnsName;
    this.subnet = subnet;
    this.containerName = replica.containerName;
    this.containerId = replica.containerId;
    this.lastMove = replica.lastMove;
    // What it says stands in the state of the resource below it, once.
    this.registerOutputs();
  }
}

function foldersOf({ folders = {} }: ServiceReplicaArgs) {
  const all = Object.entries(folders).map(([key, path]) => [key, resolve(path)]);
  return all.length === 0 ? {} : { folders: Object.fromEntries(all) as Record<string, string> };
}

/** What of them is read, and not kept. */
function saidOf(volumes: readonly VolumeInternals[]) {
  const texts = volumes.flatMap(({ key, restores }) =>
    restores === undefined ? [] : [[key, restores] as const],
  );
  const flocker = volumes.flatMap(({ key, flocker: text }) =>
    text === undefined ? [] : [[key, text] as const],
  );
  const before = volumes.flatMap(({ key, snapshotBeforeChange: asked }) =>
    asked === true ? [key] : [],
  );
  return {
    ...(texts.length === 0 ? {} : { restores: Object.fromEntries(texts) }),
    ...(flocker.length === 0 ? {} : { flocker: Object.fromEntries(flocker) }),
    ...(before.length === 0 ? {} : { snapshotsBefore: before }),
  };
}

function imageSettings({ pull, build, registries }: DeclaredReplicaArgs) {
  const logins = registries && output(registries).apply((all) => JSON.stringify(all));
  return {
    ...(pull === undefined ? {} : { pull }),
    ...(build === undefined ? {} : { build }),
    ...(logins === undefined ? {} : { registries: logins }),
  };
}

const settingsOf = (volumes: readonly VolumeInternals[]) =>
  Object.fromEntries(volumes.map(({ key, settings }) => [key, settings]));

/**
 * The program's word, or what the cluster's placement says. Where the word is an output, as that of
 * a deployment is, somebody else has placed it.
 */
function hostFor(
  key: string,
  { host, suggestedHost }: ServiceReplicaArgs,
  volumes: readonly VolumeInternals[],
  placement: Placement,
): Input<string> {
  if (!isPlain(suggestedHost)) return suggestedHost;
  const word = typeof host === "string" ? host : suggestedHost;
  const replica = {
    key,
    volumes: volumes.map(volumeInCluster),
    ...(word === undefined ? {} : { host: word }),
  };
  const placed = placement.suggest({ byHand: true, replicas: [replica] });
  return suggestedHost ?? placed.apply((hosts) => hosts[key] as string);
}

/** What others need of a replica that they are with. */
const asLead = new WeakMap<ServiceReplica, VolumeLead>();

const joinedLeads = ({ joins = [] }: DeclaredReplicaArgs): VolumeLead[] =>
  joins.flatMap((replica) => asLead.get(replica) ?? []);

/** Those that mount one of its volumes already: it goes where they are. */
function leadsOf(
  name: string,
  args: ServiceReplicaArgs,
  volumes: readonly VolumeInternals[],
): VolumeLead[] {
  return volumes.flatMap(({ key, lead }) => {
    if (lead === undefined) return [];
    if (args.host !== undefined && !lead.fixed) {
      throw mistake(
        `ServiceReplica '${name}': host: '${lead.replica}' mounts volume '${key}' as well and has no host of its own. ` +
          "Replicas that share a volume are on one host: give the first of them the host, or none of them.",
      );
    }
    return [lead];
  });
}

/**
 * Who is carried along by the move of another one is stopped and started by that move: a hook of
 * its own would never run. One that an output brings is refused as soon as it is there.
 */
function hookOf(
  name: string,
  property: "quiesce" | "resume",
  args: ServiceReplicaArgs,
  leads: readonly VolumeLead[],
): Input<HookInput | undefined> | undefined {
  const hook = args[property];
  const other = leads.find(({ service }) => service !== args.service);
  if (other === undefined || hook === undefined) return hook;
  const neverRun = () =>
    mistake(
      `ServiceReplica '${name}': ${property}: it shares a volume with '${other.replica}', which comes before it, and moves along ` +
        `with that one, so that this command would never run. Give '${other.replica}' the command.`,
    );
  if (isPlain(hook)) throw neverRun();
  // A deployment's output may bring nothing for it, and a secret nothing would be a value.
  return unsecret(output<unknown>(hook)).apply((given) => {
    if (given !== undefined) throw neverRun();
    return undefined;
  });
}

/**
 * By volume, the other replicas that mount it, as messages call them; known once the program has
 * declared all.
 */
function sharers(
  deployment: string,
  self: string,
  volumes: readonly VolumeInternals[],
): Output<Record<string, string[]>> {
  return all(volumes.map(({ users }) => output(users.all))).apply((users) =>
    Object.fromEntries(
      volumes.flatMap(({ key }, i) => {
        const others = (users[i] ?? []).filter(({ replica }) => replica !== self);
        if (others.length === 0) return [];
        return [[key, others.map(({ replica }) => labelOfKey(deployment, replica))]];
      }),
    ),
  );
}

function labelOfKey(deployment: string, key: string): string {
  const [, service = key, index = "0"] = /^(.*)-(\d+)$/.exec(key) ?? [];
  return replicaLabel({ deployment, service, index: Number(index) });
}

/** A matter of previews alone. */
function estimateOf({ estimate = false }: ServiceReplicaArgs) {
  if (estimate === false || !runtime.isDryRun()) return {};
  return { estimate: output(estimate).apply((wanted) => (wanted ? true : undefined)) };
}

/** The preview says what is found. */
function adoptOf(name: string, { adopt }: ServiceReplicaArgs) {
  if (adopt === undefined) return {};
  const { container, project, service } = adopt;
  if (container === undefined && (project === undefined || service === undefined)) {
    throw mistake(
      `ServiceReplica '${name}': adopt: name a \`container\`, or a \`project\` and a \`service\` of Compose's.`,
    );
  }
  return { adopt: { ...adopt, ...(runtime.isDryRun() ? { tell: true } : {}) } };
}

interface Hooks {
  readonly quiesce: Input<HookInput | undefined> | undefined;
  readonly resume: Input<HookInput | undefined> | undefined;
}

/** Only what is used: nothing of the rest may be seen in state. */
function moveSettings({
  onSourceLost,
  quiesce,
  resume,
  maxBandwidth,
}: Pick<ServiceReplicaArgs, "onSourceLost" | "maxBandwidth"> & Hooks) {
  return {
    ...(onSourceLost === undefined ? {} : { onSourceLost }),
    ...(quiesce === undefined ? {} : { quiesce }),
    ...(resume === undefined ? {} : { resume }),
    ...(maxBandwidth === undefined ? {} : { maxBandwidth }),
  };
}
