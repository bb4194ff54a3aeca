import { hostNetwork } from "../adapters/network";
import { placeKey, type Connection, type Connections } from "../core/connection";
import type { NetworkSeparation } from "../core/network/network-port";
import { separationId } from "../core/network/separation";
import {
  keptSeparation,
  separationProblems,
  type KeptSeparation,
  type SeparationInputs,
  type SeparationState,
} from "../core/network/separation-inputs";
import { isUnknown } from "../core/unknown";
import { askAll, refuseTrouble } from "./ask";
import { rememberConnections } from "./connections";
import { PartialStateError, type Handler, type HandlerContext } from "./handler";
import { openHost } from "./replica/discover";
import { requireChecked, waysOfThisRun, withoutHosts, type Ways } from "./ways";

/**
 * Who of one deployment reaches whom, kept by every host of its cluster: replicas wait for it, and
 * may then go to any of them. Only there where services are to be kept apart.
 */
export function separationHandler(
  context: HandlerContext,
  separation: NetworkSeparation = hostNetwork.separation,
  ways: Ways = waysOfThisRun,
): Handler<KeptSeparation, SeparationState> {
  const on = <T>(connections: Connections, work: (host: string) => Promise<T>) =>
    askAll(Object.keys(connections), work);
  const open = (host: string, connections: Connections) => openHost(context, host, connections);

  /** A host that cannot be told may run a replica by rules that are too wide: that is no success. */
  const put = async (inputs: KeptSeparation, before: Connections): Promise<SeparationState> => {
    const { drift: _, ...kept } = inputs;
    const connections = requireChecked(ways.ofCluster(inputs.cluster), inputs);
    const id = separationId(inputs);
    const answers = await on(connections, async (host) =>
      separation.put(await open(host, connections), id, inputs.rules),
    );
    const state = { ...kept, connections: { ...former(before, connections), ...connections } };
    const [failed] = [...answers.troubled.values(), ...answers.silent.values()];
    if (failed === undefined) return state;
    throw new PartialStateError(id, state, failed.message, { cause: failed });
  };

  return {
    secrets: ["connections", "places"],
    replaces: ["project", "stack", "deployment"],
    check(olds, news) {
      const inputs = news as unknown as SeparationInputs;
      const without = withoutHosts(inputs.connections);
      if (without !== undefined) return { inputs: olds as KeptSeparation, problems: [without] };
      if (!isUnknown(inputs.connections)) {
        rememberConnections(inputs.connections);
        ways.say(inputs.connections, inputs.cluster);
      }
      const kept = keptSeparation(inputs);
      return { inputs: kept, problems: separationProblems(kept) };
    },
    create: async (inputs) => ({ id: separationId(inputs), outs: await put(inputs, {}) }),
    update: (_id, olds, inputs) => put(inputs, olds.connections),
    async read(id, outs) {
      const { connections, drift: _, ...kept } = outs;
      const here = Object.fromEntries(
        Object.entries(connections).filter(([host]) => host in outs.places),
      );
      const found = await on(here, async (host) =>
        separation.fault(await open(host, here), id, outs.rules),
      );
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
        separation.remove(await open(host, connections), id),
      );
      refuseTrouble(done);
      // One that comes back has rules for addresses that nobody has: they hurt nothing.
      for (const error of done.silent.values()) context.progress.warn(error.message);
    },
  };
}

/** Replicas may still be on a host that has just left: its rules go with the deployment. */
function former(before: Connections, now: Connections): Connections {
  const places = new Set(Object.values(now).map(placeKey));
  return Object.fromEntries(
    Object.entries(before).filter(
      ([host, connection]: [string, Connection]) =>
        !(host in now) && !places.has(placeKey(connection)),
    ),
  );
}
