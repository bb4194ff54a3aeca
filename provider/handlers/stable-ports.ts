import { hostPorts } from "../adapters/ports/host-ports";
import { placeKey, type Connection, type Connections } from "../core/connection";
import { unclaimed, type FerryError, type InputProblem } from "../core/errors";
import { separationId } from "../core/network/separation";
import {
  keptPorts,
  portsOn,
  portsProblems,
  type KeptPorts,
  type PortsInputs,
  type PortsState,
} from "../core/ports/ports-inputs";
import type { HostPorts } from "../core/ports/ports-port";
import { containsUnknown, isUnknown } from "../core/unknown";
import { askAll, refuseTrouble } from "./ask";
import { rememberConnections } from "./connections";
import { PartialStateError, type Handler, type HandlerContext } from "./handler";
import { openHost } from "./replica/discover";
import { deploymentId } from "../core/replica/formerly";
import { bindingsOf, PublishedPorts } from "./replica/published-ports";
import { requireChecked, waysOfThisRun, withoutHosts, type Ways } from "./ways";

/**
 * Ports of a deployment that answer on every host of its cluster. They come after the replicas that
 * they lead to, and no move changes them: a replica keeps its address.
 */
export function portsHandler(
  context: HandlerContext,
  ports: HostPorts = hostPorts,
  ways: Ways = waysOfThisRun,
  published: PublishedPorts = new PublishedPorts(),
): Handler<KeptPorts, PortsState> {
  const on = <T>(connections: Connections, work: (host: string) => Promise<T>) =>
    askAll(Object.keys(connections), work);
  const open = (host: string, connections: Connections) => openHost(context, host, connections);

  /** Gives those on which it may still be. */
  const removeFrom = async (connections: Connections, id: string): Promise<Connections> => {
    const done = await on(connections, async (host) =>
      ports.remove(await open(host, connections), id),
    );
    const failed = new Map([...done.silent, ...done.troubled]);
    for (const error of failed.values()) context.progress.warn(unclaimed(error).message);
    return Object.fromEntries(Object.entries(connections).filter(([host]) => failed.has(host)));
  };

  const put = async (inputs: KeptPorts, before: Connections): Promise<PortsState> => {
    const { drift: _, ...kept } = inputs;
    const connections = requireChecked(ways.ofCluster(inputs.cluster), inputs);
    const id = separationId(inputs);
    const left = await removeFrom(former(before, connections), id);
    const answers = await on(connections, async (host) => {
      const wanted = portsOn(inputs, host);
      if (wanted !== undefined) await ports.put(await open(host, connections), id, wanted);
    });
    const state = { ...kept, connections: { ...left, ...connections } };
    const [failed] = [...answers.troubled.values(), ...answers.silent.values()];
    if (failed === undefined) return state;
    throw new PartialStateError(id, state, failed.message, { cause: failed });
  };

  const conflicts = (inputs: PortsInputs): InputProblem[] => {
    const { connections, publish } = inputs;
    if (containsUnknown([deploymentId(inputs), publish, connections])) return [];
    const label = `the ports of deployment '${inputs.deployment}' that answer everywhere`;
    return Object.entries(connections).flatMap(([host, connection]) =>
      published.problems({
        ...{ id: `${deploymentId(inputs)} on ${host}`, label, host, property: "ports" },
        place: placeKey(connection),
        ports: bindingsOf(publish),
      }),
    );
  };

  return {
    secrets: ["connections", "places"],
    replaces: ["project", "stack", "deployment"],
    deleteBeforeReplace: true,
    check(olds, news) {
      const inputs = news as unknown as PortsInputs;
      const without = withoutHosts(inputs.connections);
      if (without !== undefined) return { inputs: olds as KeptPorts, problems: [without] };
      if (!isUnknown(inputs.connections)) {
        rememberConnections(inputs.connections);
        ways.say(inputs.connections, inputs.cluster);
      }
      const kept = keptPorts(inputs);
      const problems = portsProblems(kept);
      return { inputs: kept, problems: problems.length > 0 ? problems : conflicts(inputs) };
    },
    create: async (inputs) => ({ id: separationId(inputs), outs: await put(inputs, {}) }),
    update: (_id, olds, inputs) => put(inputs, olds.connections),
    async read(id, outs) {
      const { connections, drift: _, ...kept } = outs;
      const here = Object.fromEntries(
        Object.entries(connections).filter(([host]) => host in outs.addresses),
      );
      const found = await on(here, async (host) => {
        const wanted = portsOn(kept, host);
        return wanted && ports.fault(await open(host, here), id, wanted);
      });
      refuseTrouble(found);
      for (const error of found.silent.values()) context.progress.warn(error.message);
      const drift = [...found.answers].flatMap(([host, fault]) =>
        fault === undefined ? [] : [`${host}: ${fault}`],
      );
      if (drift.length === 0) return { inputs: kept, outs: { ...kept, connections } };
      return { inputs: { ...kept, drift }, outs: { ...kept, connections, drift } };
    },
    async delete(id, outs) {
      const connections = { ...outs.connections, ...ways.ofCluster(outs.cluster) };
      const done = await on(connections, async (host) =>
        ports.remove(await open(host, connections), id),
      );
      refuseTrouble(done);
      // One that comes back answers for addresses that nobody has: it is told, not hidden.
      for (const error of done.silent.values()) context.progress.warn(stays(error));
    },
  };
}

const stays = (error: FerryError) =>
  `${error.message} What answers there for the deployment's ports stays: remove the container 'ferry-ports-*' by hand.`;

/** Hosts that have left the cluster, by another name or none. */
function former(before: Connections, now: Connections): Connections {
  const places = new Set(Object.values(now).map(placeKey));
  return Object.fromEntries(
    Object.entries(before).filter(
      ([host, connection]: [string, Connection]) =>
        !(host in now) && !places.has(placeKey(connection)),
    ),
  );
}
