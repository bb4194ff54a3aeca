import { hostUpkeep } from "../adapters/volume/upkeep";
import { placeKey, type Connection, type Connections } from "../core/connection";
import { FerryError, unclaimed } from "../core/errors";
import { volumeId } from "../core/identity";
import { placeAmong } from "../core/replica/known-places";
import { isUnknown } from "../core/unknown";
import {
  checkUpkeep,
  tasksOf,
  upkeepName,
  type KeptUpkeep,
  type UpkeepInputs,
  type UpkeepState,
} from "../core/volume/upkeep";
import { lastBackupOf, upkeepHealth } from "../core/volume/upkeep-health";
import type { FoundUpkeep, HostUpkeep } from "../core/volume/upkeep-port";
import { rememberConnections } from "./connections";
import { firstAlone, type FirstAlone } from "./first-alone";
import { PartialStateError, type Handler, type HandlerContext } from "./handler";
import { openHost } from "./replica/discover";
import { requireChecked, waysOfThisRun, withoutHosts, type Ways } from "./ways";

/**
 * What a host does for a volume by itself: it comes after the replica that mounts it, and goes where
 * that went. A host that the volume has left does nothing any more, as no container there mounts it;
 * this takes away what is left of it there.
 */
export function upkeepHandler(
  context: HandlerContext,
  upkeep: HostUpkeep = hostUpkeep,
  ways: Ways = waysOfThisRun,
  firsts: FirstAlone = firstAlone,
): Handler<KeptUpkeep, UpkeepState> {
  const { progress } = context;

  /** Takes it off hosts by each of these names, and gives the hosts where that was not possible. */
  const removeFrom = async (
    connections: Connections,
    names: ReadonlySet<string>,
  ): Promise<Connections> => {
    const left: Record<string, Connection> = {};
    for (const [name, connection] of Object.entries(connections)) {
      try {
        const host = await openHost(context, name, connections);
        for (const each of names) await upkeep.remove(host, each);
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        progress.warn(unclaimed(error).message);
        left[name] = connection;
      }
    }
    return left;
  };

  const put = async (inputs: KeptUpkeep, olds?: UpkeepState): Promise<UpkeepState> => {
    const { drift: _, ...kept } = inputs;
    const all = { ...olds?.connections, ...requireChecked(ways.ofCluster(inputs.cluster), inputs) };
    const tasks = tasksOf(inputs);
    const name = upkeepName(inputs);
    const before = Object.entries(olds?.connections ?? {});
    const elsewhere = before.filter(([, way]) => placeKey(way) !== placeAmong(all, inputs.host));
    const names = new Set([name, ...(olds === undefined ? [] : [upkeepName(olds)])]);
    // First from where it was: it is never in two places.
    const left = await removeFrom(Object.fromEntries(elsewhere), names);
    const state = (found?: FoundUpkeep): UpkeepState => ({
      ...kept,
      connections: { ...left, ...only(all, [inputs.host]) },
      ...(found === undefined ? {} : outputsOf(found, kept)),
    });
    try {
      const host = await openHost(context, inputs.host, all);
      for (const former of names) if (former !== name) await upkeep.remove(host, former);
      const doIt = () => upkeep.put(host, name, tasks);
      // Volumes may share a repository, and two that make one at once may break it: most storages
      // do not say which of two came first.
      await (inputs.backup === undefined ? doIt() : firsts.take(inputs.backup.repository, doIt));
      return state(await upkeep.look(host, name, tasks));
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      if (olds === undefined) {
        // Of two tasks the first may be there.
        await removeFrom(only(all, [inputs.host]), names);
        throw error;
      }
      // It is gone from where it was.
      throw new PartialStateError(volumeId(inputs), state(), error.message, { cause: error });
    }
  };

  return {
    secrets: ["connections", "place", "backupKey", "hooks"],
    replaces: ["project", "stack", "deployment", "key"],
    // As for the volume itself, which refuses another name that it is not told of.
    renames: () => ["project", "stack", "deployment"],
    deleteBeforeReplace: true,
    check(olds, news) {
      const inputs = news as unknown as UpkeepInputs;
      const without = withoutHosts(inputs.connections);
      if (without !== undefined) return { inputs: olds as KeptUpkeep, problems: [without] };
      if (!isUnknown(inputs.connections)) {
        rememberConnections(inputs.connections);
        ways.say(inputs.connections, inputs.cluster);
      }
      return checkUpkeep(inputs);
    },
    create: async (inputs) => ({ id: volumeId(inputs), outs: await put(inputs) }),
    update: (_id, olds, inputs) => put(inputs, olds),
    async read(_id, outs) {
      const {
        connections,
        lastBackup,
        snapshotNames,
        health: _health,
        drift: _drift,
        ...kept
      } = outs;
      const { [outs.host]: own, ...others } = connections;
      const left = await removeFrom(others, new Set([upkeepName(outs)]));
      const there = {
        ...kept,
        connections: own === undefined ? left : { ...left, [outs.host]: own },
      };
      const tasks = tasksOf(kept);
      try {
        const host = await openHost(context, outs.host, connections);
        const found = await upkeep.look(host, upkeepName(outs), tasks);
        const missing = tasks.filter(({ name }) => found.tasks[name]?.isInOrder !== true);
        const drift = missing.map(({ name }) => name).join(", ");
        const inputs = drift === "" ? kept : { ...kept, drift };
        return { inputs, outs: { ...there, ...inputs, ...outputsOf(found, kept) } };
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        const health = unclaimed(error).message;
        const last = {
          ...(lastBackup === undefined ? {} : { lastBackup }),
          ...(snapshotNames === undefined ? {} : { snapshotNames }),
        };
        return { inputs: kept, outs: { ...there, ...last, health } };
      }
    },
    async delete(_id, outs) {
      await removeFrom(outs.connections, new Set([upkeepName(outs)]));
    },
  };
}

function only(connections: Connections, names: readonly string[]): Connections {
  return Object.fromEntries(Object.entries(connections).filter(([name]) => names.includes(name)));
}

function outputsOf(found: FoundUpkeep, kept: KeptUpkeep) {
  const lastBackup = lastBackupOf(found);
  const health = upkeepHealth(found, tasksOf(kept));
  const snapshotNames = found.tasks.snapshots?.list;
  return {
    ...(lastBackup === undefined ? {} : { lastBackup }),
    ...(snapshotNames === undefined ? {} : { snapshotNames }),
    ...(health === undefined ? {} : { health }),
  };
}
