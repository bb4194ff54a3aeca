import { isDeepStrictEqual } from "util";
import { isTrusting, placeKey, type Connection } from "../core/connection";
import { FerryError } from "../core/errors";
import {
  isAnotherMachine,
  isSameNow,
  machineInWords,
  type Machine,
  type MachineIds,
} from "../core/machine";
import { connection, InputReader, text } from "../core/input-reader";
import { parseRoutes } from "../core/host/routes";
import { network as theNetwork } from "../core/network";
import type { HostNetwork } from "../core/network/network-port";
import type { Host, HostDirectory, Progress } from "../core/adapter-ports";
import { containsUnknown } from "../core/unknown";
import { hostNetwork } from "../adapters/network";
import { newestConnection, rememberConnections, rememberShownKey } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { requireFit } from "./host/fit";
import { programs as programsOfThisRun, type Programs } from "./programs";

/** With what the network asks of a program beside these (`HostNetwork.inputs`). */
export interface HostInputs {
  readonly cluster: string;
  readonly name: string;
  readonly connection: Connection;
}

/** With what is kept of the network there (`Network.hostOutputs`). */
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
  /**
   * CIDRs of the host's own routes, without the default route and without the network's devices.
   */
  readonly routes: readonly string[];
  /**
   * What replicas may reserve there. Absent in state of versions before, until the host changes:
   * what is found anew of a host that is the same is no change.
   */
  readonly cpus?: number;
  /** In bytes. */
  readonly memory?: number;
}

/** A host as it was found. Looks, and changes nothing there. */
export function hostHandler(
  context: HandlerContext,
  network: HostNetwork = hostNetwork,
  programs: Programs = programsOfThisRun,
): Handler<HostInputs, HostState> {
  const look = async (inputs: HostInputs): Promise<HostState> => {
    const host = await context.hosts.open(inputs.name, newestConnection(inputs.connection));
    return { ...inputs, ...(await discover(host, network, inputs, context.progress)) };
  };
  /** As `look`, once it is sure that no other host of the cluster is this machine. */
  const findAlone = async (inputs: HostInputs, olds?: HostState): Promise<HostState> => {
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
        ...network.inputs(reader),
      };
      if (reader.problems.length === 0 && !containsUnknown(inputs.connection)) {
        rememberConnections({ [inputs.name]: inputs.connection });
        programs.rememberHost(inputs.cluster, inputs.name, inputs.connection, inputs);
      }
      return { inputs, problems: reader.problems };
    },

    meets(outs, { connection: wanted }) {
      if (!containsUnknown(wanted)) pinToKey(outs, wanted);
    },

    async create(inputs) {
      return { id: `${inputs.cluster}/${inputs.name}`, outs: await findAlone(inputs) };
    },

    async read(_id, outs) {
      try {
        pinToKey(outs, outs.connection);
        return { outs: asKnown(compared(await look(outs), outs), outs) };
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        context.progress.warn(
          `${error.message} What is known of host '${outs.name}' is kept as it was.`,
        );
        return { outs };
      }
    },

    async update(_id, olds, inputs) {
      const found = await findAlone(inputs, olds);
      const isOther = !isDeepStrictEqual(
        Object.keys(inputs).map((key) => inputs[key as keyof HostInputs]),
        Object.keys(inputs).map((key) => olds[key as keyof HostInputs]),
      );
      return isOther ? found : asKnown(found, olds);
    },

    delete: () => Promise.resolve(),
  };
}

/** Without what an earlier version did not look for. */
function asKnown({ cpus, memory, ...found }: HostState, olds: HostState): HostState {
  return {
    ...found,
    ...(cpus === undefined || olds.cpus === undefined ? {} : { cpus }),
    ...(memory === undefined || olds.memory === undefined ? {} : { memory }),
  };
}

async function discover(
  host: Host,
  network: HostNetwork,
  inputs: HostInputs,
  progress: Progress,
): Promise<Omit<HostState, keyof HostInputs>> {
  // A refused sudo is better said at once than by the first thing that needs it.
  await host.shell.check({ argv: ["true"], root: true });
  const docker = await host.docker.info();
  const found = await network.find(host, inputs);
  await requireFit(host, docker, found.rows, progress);
  const ofNetwork = await found.outputs();
  const { id, docker: engine } = await host.machine();
  return {
    machine: { id, docker: engine },
    shownKey: host.hostKey,
    dockerVersion: docker.version,
    dockerApiVersion: docker.apiVersion,
    architecture: docker.architecture,
    operatingSystem: docker.operatingSystem,
    ...(docker.cpus === undefined ? {} : { cpus: docker.cpus }),
    ...(docker.memoryBytes === undefined ? {} : { memory: docker.memoryBytes }),
    routes: parseRoutes(
      await host.shell.check({ argv: ["ip", "-4", "route"], root: true }),
      theNetwork.devices,
    ),
    ...ofNetwork,
  };
}

/** A key that the program pins counts before what was seen. */
function pinToKey({ connection: before, shownKey }: Partial<HostState>, now: Connection): void {
  if (shownKey === undefined || now.hostKey !== undefined || now.trustOnFirstUse !== true) return;
  if (before !== undefined && placeKey(before) === placeKey(now)) rememberShownKey(now, shownKey);
}

/**
 * The network, a machine's address in it and its locks are the machine's: nothing is changed there
 * under two names.
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
