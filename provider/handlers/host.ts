import { isTrusting, placeKey, type Connection } from "../core/connection";
import { FerryError } from "../core/errors";
import {
  isAnotherMachine,
  isSameNow,
  machineInWords,
  type Machine,
  type MachineIds,
} from "../core/machine";
import type { Host, HostDirectory, Progress } from "../core/ports";
import { containsUnknown } from "../core/unknown";
import { connection, InputReader, text } from "../core/weave/input-reader";
import { weaveMissing, type Weave } from "../core/weave/port";
import { parseRoutes } from "../core/weave/routes";
import { weaveSource, type WeaveSource } from "../core/weave/source";
import { weaveOn } from "../adapters/weave/host-weave";
import { newestConnection, rememberConnections, rememberShownKey } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { requireFit } from "./host/fit";
import { programs as programsOfThisRun, type Programs } from "./programs";

export interface HostInputs {
  readonly cluster: string;
  readonly name: string;
  readonly connection: Connection;
  /** Where its Weave comes from, as far as the program says. */
  readonly weave?: WeaveSource;
}

export interface HostState extends HostInputs {
  /** Which machine it is. Absent in state of versions before. */
  readonly machine?: MachineIds;
  /**
   * Kind and fingerprint of the key that it showed. With `trustOnFirstUse` it is held to that from
   * then on.
   */
  readonly shownKey?: string;
  readonly dockerVersion: string;
  readonly dockerApiVersion: string;
  /** As Docker names it: "x86_64". */
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly weaveVersion: string;
  /** CIDRs of the host's own routes, without the default route and without Weave's bridge. */
  readonly routes: readonly string[];
  readonly hasOpenVSwitch: boolean;
}

/** A host as it was found. Looks, and changes nothing there. */
export function hostHandler(
  context: HandlerContext,
  weaveOf: (host: Host, source?: WeaveSource) => Weave = weaveOn,
  programs: Programs = programsOfThisRun,
): Handler<HostInputs, HostState> {
  const look = async (inputs: HostInputs): Promise<HostState> => {
    const host = await context.hosts.open(inputs.name, newestConnection(inputs.connection));
    const weave = weaveOf(host, inputs.weave);
    const found = await discover(host, weave, inputs.weave, context.progress);
    return { ...inputs, ...found };
  };
  /** As `look`, once it is sure that no other host of the cluster is this machine. */
  const settle = async (inputs: HostInputs, olds?: HostState): Promise<HostState> => {
    await refuseTwoNames(context.hosts, programs, inputs);
    const found = await look(inputs);
    // Before what others have known of whoever had that address before.
    const { connection, shownKey } = found;
    if (shownKey !== undefined && isTrusting(connection)) rememberShownKey(connection, shownKey);
    return compared(found, olds);
  };
  const compared = (found: HostState, olds?: HostState): HostState => {
    if (olds?.machine === undefined || found.machine === undefined) return found;
    if (isAnotherMachine(olds.machine, found.machine)) {
      context.progress.warn(
        `Host '${found.name}' of cluster '${found.cluster}' is another machine than before: state knows it as ` +
          `${machineInWords(olds.machine)}, and ${machineInWords(found.machine)} answers at ${found.connection.host} now. ` +
          "Nothing of what ran on the old one is on the new one: replicas that state knows there are moved from it while it " +
          "answers, or follow `onSourceLost`.",
      );
    }
    return found;
  };
  return {
    secrets: ["connection"],
    replaces: ["cluster", "name"],
    // They tell hosts apart in a run; a host that is found under another name is looked at again.
    renames: () => ["cluster", "name"],

    check(_olds, news) {
      const reader = new InputReader(news);
      const inputs: HostInputs = {
        cluster: reader.required("cluster", text()),
        name: reader.required("name", text()),
        connection: reader.required("connection", connection),
        ...reader.optional("weave", weaveSource),
      };
      if (reader.problems.length === 0 && !containsUnknown(inputs.connection)) {
        rememberConnections({ [inputs.name]: inputs.connection });
        const source = containsUnknown(inputs.weave) ? undefined : inputs.weave;
        programs.rememberHost(inputs.cluster, inputs.name, inputs.connection, source);
      }
      return { inputs, problems: reader.problems };
    },

    meets(outs, { connection: wanted }) {
      if (!containsUnknown(wanted)) holdToKey(outs, wanted);
    },

    async create(inputs) {
      return { id: `${inputs.cluster}/${inputs.name}`, outs: await settle(inputs) };
    },

    async read(_id, outs) {
      try {
        holdToKey(outs, outs.connection);
        return { outs: compared(await look(outs), outs) };
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        context.progress.warn(
          `${error.message} What is known of host '${outs.name}' is kept as it was.`,
        );
        return { outs };
      }
    },

    update: (_id, olds, inputs) => settle(inputs, olds),

    delete: () => Promise.resolve(),
  };
}

async function discover(
  host: Host,
  weave: Weave,
  source: WeaveSource | undefined,
  progress: Progress,
): Promise<Omit<HostState, keyof HostInputs>> {
  // A refused sudo is better said at once than by the first thing that needs it.
  await host.shell.check({ argv: ["true"], root: true });
  const docker = await host.docker.info();
  const weaveVersion = await weave.version();
  if (weaveVersion === undefined)
    throw new FerryError({ kind: "trouble", reason: weaveMissing(host.name, source?.command) });
  // What runs there is of the images.
  const runs = source?.version ?? weaveVersion;
  await requireFit(host, weave, { docker, weaveVersion: runs }, progress);
  const { openVSwitch } = await weave.datapath();
  const { id, docker: engine } = await host.machine();
  return {
    machine: { id, docker: engine },
    shownKey: host.hostKey,
    dockerVersion: docker.version,
    dockerApiVersion: docker.apiVersion,
    architecture: docker.architecture,
    operatingSystem: docker.operatingSystem,
    weaveVersion,
    routes: parseRoutes(await host.shell.check({ argv: ["ip", "-4", "route"], root: true })),
    hasOpenVSwitch: openVSwitch,
  };
}

/** A key that the program pins counts before what was seen. */
function holdToKey({ connection: before, shownKey }: Partial<HostState>, now: Connection): void {
  if (shownKey === undefined || now.hostKey !== undefined || now.trustOnFirstUse !== true) return;
  if (before !== undefined && placeKey(before) === placeKey(now)) rememberShownKey(now, shownKey);
}

/**
 * Weave's router, its address and its locks are a machine's: nothing is changed there under two
 * names.
 */
async function refuseTwoNames(
  hosts: HostDirectory,
  programs: Programs,
  { cluster, name, connection: own }: HostInputs,
): Promise<void> {
  const others = [...programs.of(cluster).connections].filter(([other]) => other !== name);
  if (others.length === 0) return;
  const mine = await (await hosts.open(name, newestConnection(own))).machine();
  await Promise.all(
    others.map(async ([other, connection]) => {
      const its = await machineOf(hosts, other, connection);
      if (its === undefined || !isSameNow(mine, its)) return;
      const names = [name, other].sort().map((each) => `'${each}'`);
      throw new FerryError({
        kind: "settings",
        reason: `hosts ${names.join(" and ")} of cluster '${cluster}' are one machine, ${machineInWords(mine)}`,
        advice: "Leave one of the two names out of its `hosts`",
        touched: "nothing",
      });
    }),
  );
}

/** A host that cannot be asked tells so itself. */
async function machineOf(
  hosts: HostDirectory,
  name: string,
  connection: Connection,
): Promise<Machine | undefined> {
  try {
    return await (await hosts.open(name, newestConnection(connection))).machine();
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    return undefined;
  }
}
