import type { AdoptRequest } from "../core/adoption/request";
import { canonicalJson } from "../core/canonical-json";
import { placeKey, type Connection } from "../core/connection";
import type { InputProblem } from "../core/errors";
import { replicaId } from "../core/identity";
import { planMove } from "../core/move/plan";
import { takenOverInWords } from "../core/replica/formerly";
import { changeInWords } from "../core/replica/change-in-words";
import { checkReplica, oldPlace } from "../core/replica/check";
import { isRenamed, placeAmong, placeInWords } from "../core/replica/known-places";
import type {
  Guidance,
  KeptReplica,
  LeastBusy,
  OldInputs,
  PlacedReplica,
  ReplicaInputs,
  ReplicaState,
} from "../core/replica/model";
import { isMovesPerHost } from "../core/replica/move-settings";
import { replicaLabel } from "../core/replica/replica-names";
import { containsUnknown, isUnknown, UNKNOWN } from "../core/unknown";
import { readRestores, restoreProblems } from "../core/volume/restore";
import { tellAdoption } from "./adoption/tell";
import { newestConnection, rememberConnections } from "./connections";
import { PartialStateError, type Handler, type HandlerContext } from "./handler";
import { tellEstimate } from "./move/estimate";
import { accepting } from "./replica/accepted";
import { converge } from "./converge/converge";
import { deleteReplica } from "./replica/delete";
import { PutBack, TakenBack, Unfinished } from "./replica/outcome";
import { readReplica } from "./replica/read";
import { replicaTools, type ReplicaTools } from "./replica/replica-tools";
import { sayControls } from "./volume/control";
import { requireChecked, withoutHosts } from "./ways";

/**
 * One container with its address, its name and its data. Its id holds no host, and `host` replaces
 * nothing: another host is an update, and the update is the move.
 */
export function replicaHandler(
  context: HandlerContext,
  own: Partial<Omit<ReplicaTools, keyof HandlerContext>> = {},
): Handler<KeptReplica, ReplicaState> {
  const tools = replicaTools(context, own);
  const { ways } = tools;
  const whole = ({ place, ...kept }: KeptReplica): PlacedReplica => ({
    ...kept,
    connections: requireChecked(ways.at(place), kept),
  });
  const inOtherForm = new Set<string>();
  /** What the program of this run says of what runs already. */
  const adopts = new Map<string, AdoptRequest | undefined>();
  return {
    secrets: ["connections", "place"],
    replaces: ["project", "stack", "deployment", "service", "index"],
    // `check` has refused another name without `formerly`; one that was begun is gone on with.
    renames: () => ["project", "stack", "deployment"],
    deleteBeforeReplace: true,
    check(olds, news) {
      const given = news as unknown as ReplicaInputs;
      const volumes = (given.volumes as ReplicaInputs["volumes"] | undefined) ?? {};
      const inputs = { ...given, volumes: tools.drivers.withScopes(volumes) };
      const without = withoutHosts(given.connections);
      if (without !== undefined) return { inputs: olds as KeptReplica, problems: [without] };
      if (!isUnknown(inputs.connections)) {
        rememberConnections(inputs.connections);
        ways.say(inputs.connections, given.cluster);
      }
      if (given.build !== undefined && !isUnknown(given.build)) tools.builds.say(given.build);
      const { registries } = given;
      if (registries !== undefined && !isUnknown(registries)) tools.logins.say(registries);
      const { movesPerHost } = inputs;
      if (isMovesPerHost(movesPerHost)) tools.moveSlots.setMovesPerHost(movesPerHost);
      if (!containsUnknown([replicaId(inputs), inputs.changes])) {
        tools.changeSlots.say(inputs, inputs.changes ?? {});
      }
      const checked = checkReplica(olds, inputs);
      const { fileSources, folders } = inputs;
      if (folders !== undefined) tools.filesOfRun.sayFolders(replicaId(checked.inputs), folders);
      if (fileSources !== undefined) tools.filesOfRun.say(replicaId(checked.inputs), fileSources);
      const restores = readRestores(given.restores);
      tools.restoresOfRun.say(replicaId(checked.inputs), restores);
      sayControls(given.flocker);
      tools.snapshotsOfRun.say(replicaId(checked.inputs), snapshotsBefore(given));
      const { kept } = checked;
      const problems = [...checked.problems, ...restoreProblems(restores)];
      if (problems.length > 0) return { inputs: kept, problems };
      inOtherForm[isInOtherForm(olds, kept) ? "add" : "delete"](replicaId(kept));
      adopts.set(replicaId(kept), given.adopt);
      // `check` runs in a preview as well, which so says in words what will become of it.
      tellPlans(tools, olds, checked.inputs, inputs);
      return { inputs: kept, problems: portProblems(tools, checked.inputs) };
    },
    async beforeCheck(olds, news) {
      const given = news as unknown as ReplicaInputs;
      const { leastBusy, connections, host } = given;
      if (isPlaced(olds) || host !== undefined) return {};
      if (leastBusy === undefined || containsUnknown([leastBusy, connections])) return {};
      const choice = JSON.parse(leastBusy) as LeastBusy;
      if (choice.tell === true) return { suggestedHost: UNKNOWN };
      const label = replicaLabel(given);
      const ways = Object.fromEntries(
        choice.hosts.flatMap((name) => {
          const way = connections[name];
          return way === undefined ? [] : [[name, newestConnection(way)]];
        }),
      );
      return { suggestedHost: await tools.leastBusy.choose({ label, choice, connections: ways }) };
    },
    isSame: (inputs) => inOtherForm.has(replicaId(inputs)),
    async foretell(olds, inputs, news) {
      const adopt = adopts.get(replicaId(inputs));
      if (adopt?.tell === true && !isPlaced(olds) && !containsUnknown(inputs)) {
        await tellAdoption(tools, whole(inputs), adopt);
      }
      if (news["estimate"] !== true || !isPlaced(olds) || containsUnknown([olds, inputs])) return;
      if (olds.host === inputs.host || isRenamed(placedOf(olds), inputs)) return;
      await tellEstimate(tools, olds.host, whole(inputs));
    },
    async create(inputs) {
      const id = replicaId(inputs);
      try {
        return { id, outs: await converge(tools, whole(inputs), undefined, adopts.get(id)) };
      } catch (error) {
        throw error instanceof Unfinished ? partial(id, error.state, error) : error;
      }
    },
    async read(_id, outs) {
      ways.meet(outs, outs.connections);
      const found = await readReplica(tools, outs);
      return found && { outs: found.outs, inputs: keptOf(found.inputs) };
    },
    async update(id, olds, inputs) {
      try {
        return await converge(tools, whole(inputs), olds);
      } catch (error) {
        if (error instanceof Unfinished) throw partial(id, error.state, error);
        if (error instanceof PutBack) throw error;
        // What was begun on another host may not be taken back there yet.
        const connections = { ...olds.connections, ...whole(inputs).connections };
        throw error instanceof TakenBack ? partial(id, { ...olds, connections }, error) : error;
      }
    },
    delete(_id, outs) {
      ways.meet(outs, outs.connections);
      return deleteReplica(tools, accepting(outs));
    },
  };
}

/** As state keeps the inputs of what was found. */
function keptOf({ connections, ...decided }: PlacedReplica): KeptReplica {
  const place = placeAmong(connections, decided.host);
  return place === undefined ? decided : { ...decided, place };
}

/**
 * Nothing has changed but that an earlier version kept the ways to all hosts: no news to anybody,
 * though the engine would call it an update.
 */
function isInOtherForm(olds: OldInputs, kept: KeptReplica): boolean {
  const { connections, ...before } = olds;
  if (connections === undefined) return false;
  return canonicalJson({ ...before, place: oldPlace(olds) }) === canonicalJson(kept);
}

const placedOf = (olds: OldInputs & { host: string }) => ({
  host: olds.host,
  place: oldPlace(olds),
});

function tellPlans(
  { progress, drivers }: Pick<ReplicaTools, "progress" | "drivers">,
  olds: OldInputs,
  inputs: PlacedReplica,
  guidance: Guidance,
): void {
  const takenOver = takenOverInWords(olds, inputs);
  if (takenOver !== undefined) progress.info(`${replicaLabel(inputs)}: ${takenOver}`);
  if (!isPlaced(olds)) return;
  const [old, next] = [placedOf(olds), keptOf(inputs)];
  const place = placeInWords(old, next);
  if (place !== undefined) progress.info(`${replicaLabel(inputs)}: ${place}`);
  const plan = isRenamed(old, next) ? undefined : planMove(olds, inputs, guidance, drivers);
  if (plan !== undefined) progress.info(plan.summary);
  const change = isRenamed(old, next) ? undefined : changeInWords(olds, inputs);
  if (change !== undefined) progress.info(change);
}

const snapshotsBefore = ({ snapshotsBefore: keys = [] }: Guidance) => (isUnknown(keys) ? [] : keys);

function portProblems({ published }: ReplicaTools, inputs: PlacedReplica): InputProblem[] {
  const { host, connections, spec } = inputs;
  const ports = spec.ports ?? [];
  if (containsUnknown([replicaId(inputs), host, connections, ports])) return [];
  const place = placeKey(connections[host] as Connection);
  const label = replicaLabel(inputs);
  return published.problems({ id: replicaId(inputs), label, host, place, ports });
}

/** At a create the old inputs are empty. */
function isPlaced(olds: OldInputs): olds is KeptReplica {
  return olds.host !== undefined;
}

function partial(id: string, outs: ReplicaState, error: Error): PartialStateError {
  return new PartialStateError(id, outs, error.message, { cause: error });
}
