import { placeKey, type Connection } from "../core/connection";
import type { InputProblem } from "../core/errors";
import { replicaId } from "../core/identity";
import { planMove } from "../core/move/plan";
import { takenOverInWords } from "../core/replica/formerly";
import { checkReplica } from "../core/replica/check";
import { isRenamed, placeInWords } from "../core/replica/known-places";
import type { Guidance, PlacedReplica, ReplicaInputs, ReplicaState } from "../core/replica/model";
import { isMovesPerHost } from "../core/replica/move-settings";
import { replicaLabel } from "../core/replica/names";
import { containsUnknown, isUnknown } from "../core/unknown";
import { rememberConnections } from "./connections";
import { PartialStateError, type Handler, type HandlerContext } from "./handler";
import { tellEstimate } from "./move/estimate";
import { accepting } from "./replica/accepted";
import { converge } from "./converge/converge";
import { deleteReplica } from "./replica/delete";
import { TakenBack, Unfinished } from "./replica/outcome";
import { readReplica } from "./replica/read";
import { replicaTools, type ReplicaTools } from "./replica/tools";

/**
 * One container with its address, its name and its data. Its id holds no host, and `host` replaces
 * nothing: another host is an update, and the update is the move.
 */
export function replicaHandler(
  context: HandlerContext,
  own: Partial<Omit<ReplicaTools, keyof HandlerContext>> = {},
): Handler<PlacedReplica, ReplicaState> {
  const tools = replicaTools(context, own);
  return {
    secrets: ["connections"],
    replaces: ["project", "stack", "deployment", "service", "index"],
    // `check` has refused another name without `formerly`; one that was begun is gone on with.
    renames: () => ["project", "stack", "deployment"],
    deleteBeforeReplace: true,
    check(olds, news) {
      const given = news as unknown as ReplicaInputs;
      const volumes = (given.volumes as ReplicaInputs["volumes"] | undefined) ?? {};
      const inputs = { ...given, volumes: tools.drivers.withScopes(volumes) };
      if (!isUnknown(inputs.connections)) rememberConnections(inputs.connections);
      const { movesPerHost } = inputs;
      if (isMovesPerHost(movesPerHost)) tools.turns.setMovesPerHost(movesPerHost);
      const checked = checkReplica(olds, inputs);
      if (checked.problems.length > 0) return checked;
      // `check` runs in a preview as well, which so says in words what will become of it.
      tellPlans(tools, olds, checked.inputs, inputs);
      return { ...checked, problems: portProblems(tools, checked.inputs) };
    },
    async foretell(olds, inputs, news) {
      if (news["estimate"] !== true || !isPlaced(olds) || containsUnknown([olds, inputs])) return;
      if (olds.host !== inputs.host && !isRenamed(olds, inputs))
        await tellEstimate(tools, olds, inputs);
    },
    async create(inputs) {
      const id = replicaId(inputs);
      try {
        return { id, outs: await converge(tools, inputs) };
      } catch (error) {
        throw error instanceof Unfinished ? partial(id, error.state, error) : error;
      }
    },
    read: (_id, outs) => readReplica(tools, outs),
    async update(id, olds, inputs) {
      try {
        return await converge(tools, inputs, olds);
      } catch (error) {
        if (error instanceof Unfinished) throw partial(id, error.state, error);
        throw error instanceof TakenBack ? partial(id, olds, error) : error;
      }
    },
    delete: (_id, outs) => deleteReplica(tools, accepting(outs)),
  };
}

function tellPlans(
  { progress, drivers }: Pick<ReplicaTools, "progress" | "drivers">,
  olds: Partial<PlacedReplica>,
  inputs: PlacedReplica,
  guidance: Guidance,
): void {
  const takenOver = takenOverInWords(olds, inputs);
  if (takenOver !== undefined) progress.info(`${replicaLabel(inputs)}: ${takenOver}`);
  if (!isPlaced(olds)) return;
  const place = placeInWords(olds, inputs);
  if (place !== undefined) progress.info(`${replicaLabel(inputs)}: ${place}`);
  const plan = isRenamed(olds, inputs) ? undefined : planMove(olds, inputs, guidance, drivers);
  if (plan !== undefined) progress.info(plan.summary);
}

function portProblems({ published }: ReplicaTools, inputs: PlacedReplica): InputProblem[] {
  const { host, connections, spec } = inputs;
  const ports = spec.ports ?? [];
  if (containsUnknown([replicaId(inputs), host, connections, ports])) return [];
  const place = placeKey(connections[host] as Connection);
  const label = replicaLabel(inputs);
  return published.problems({ id: replicaId(inputs), label, host, place, ports });
}

/** At a create the old inputs are empty. */
function isPlaced(olds: Partial<PlacedReplica>): olds is PlacedReplica {
  return olds.host !== undefined;
}

function partial(id: string, outs: ReplicaState, error: Error): PartialStateError {
  return new PartialStateError(id, outs, error.message, { cause: error });
}
