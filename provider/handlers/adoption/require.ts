import type { ContainerState, Host } from "../../core/adapter-ports";
import type { Candidate } from "../../core/adoption/pick";
import { isOfService, requestInWords, type AdoptRequest } from "../../core/adoption/request";
import { dataProblems } from "../../core/adoption/same-data";
import { samePlace } from "../../core/adoption/same-place";
import { FerryError } from "../../core/errors";
import { adoptsOf } from "../../core/move/journal";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaIds } from "../../core/replica/formerly";
import { replicaLabel } from "../../core/replica/replica-names";
import type { Discovery } from "../replica/discover";
import type { ReplicaTools } from "../replica/replica-tools";
import { findContainer, projectsOn } from "./find";

/**
 * The container that becomes this replica; undefined where the project has none of its service, so
 * that there is nothing that a new one could be in the way of. Rejects when it cannot be taken over
 * as it is.
 */
export async function requireAdoptable(
  tools: Pick<ReplicaTools, "journals">,
  replica: PlacedReplica,
  request: AdoptRequest,
  discovery: Pick<Discovery, "hosts" | "silent" | "troubled">,
): Promise<Candidate | undefined> {
  const { hosts, silent, troubled } = discovery;
  const picked = await findContainer(tools, hosts, request, replica);
  if (picked.kind === "unclear") throw refusalOf(replica, picked.reason);
  if (picked.kind === "none") {
    const [unheard] = [...silent.keys(), ...troubled.keys()];
    const reason =
      unheard === undefined
        ? await missing(hosts, request)
        : `${requestInWords(request)} is on no host that answers, and host '${unheard}' does not`;
    if (reason !== undefined) throw refusalOf(replica, reason);
    return undefined;
  }
  const { host, container } = picked.found;
  const problem = containerProblem(replica, host, container);
  if (problem !== undefined) throw refusalOf(replica, problem);
  return picked.found;
}

/** Why it cannot be taken over as it is, wherever it is. */
export function containerProblem(
  replica: PlacedReplica,
  host: string,
  container: ContainerState,
): string | undefined {
  const called = `container '${container.name}' on host '${host}'`;
  if (container.status === "paused" || container.status === "restarting") {
    return `${called} is ${container.status}. Let it run, or stop it`;
  }
  const problems = dataProblems(container, replica);
  if (problems.length === 0) return undefined;
  return `${called} has other data than the program gives it: ${problems.join("; ")}. Let the program mount what is there`;
}

/** Where a project is there, a service that it has none of is a new one. */
async function missing(
  hosts: Discovery["hosts"],
  request: AdoptRequest,
): Promise<string | undefined> {
  const there = await projectsOn(hosts);
  const { project } = request;
  if (request.container === undefined && project !== undefined && there.includes(project)) {
    return undefined;
  }
  const known =
    there.length === 0 ? "no host has one of Compose's" : `the hosts have: ${there.join(", ")}`;
  const which = request.container === undefined ? `; of projects, ${known}` : "";
  return `${requestInWords(request)} is on no host${which}. Say which one is meant, or take \`adopt\` out to make it anew`;
}

/**
 * A replica that takes over nothing must not start beside the container that it would be. Those of
 * the service that it names become other replicas of it.
 */
export async function requireNoSuch(
  replica: PlacedReplica,
  host: Host,
  request?: AdoptRequest,
): Promise<void> {
  const all = await host.docker.containers({});
  const others = all.filter((each) => request === undefined || !isOfService(each, request));
  const same = samePlace(others, replica);
  if (same === undefined) return;
  throw refusalOf(
    replica,
    `container '${same.name}' runs on host '${host.name}' with the same data at the same path. Let the program \`adopt\` it, ` +
      "or stop it",
  );
}

/** The container is kept beside whoever took its place: two of them would write to its data. */
export async function requireNotTaken(
  { journals }: Pick<ReplicaTools, "journals">,
  replica: PlacedReplica,
  host: Host,
  { id, name }: ContainerState,
): Promise<void> {
  const own = replicaIds(replica);
  const taken = (await journals.all(host)).find(
    (entry) => adoptsOf(entry).adopts?.container === id && !own.includes(entry.replica),
  );
  if (taken === undefined) return;
  throw refusalOf(
    replica,
    `'${taken.replica}' has taken the place of container '${name}' on host '${host.name}', with its data. If this is that ` +
      "one by another name, say so by `formerly`; else remove that one first",
  );
}

/** It is on another host than the program names. */
export function elsewhere(replica: PlacedReplica, { host, container }: Candidate): FerryError {
  return refusalOf(
    replica,
    `container '${container.name}' is on host '${host}', and the program wants it on '${replica.host}'. Name '${host}' ` +
      "first; once it is taken over, another `host` moves it with its data",
  );
}

function refusalOf(replica: PlacedReplica, reason: string): FerryError {
  const label = replicaLabel(replica);
  return new FerryError({
    ...{ kind: "settings", replica: label, what: `taking over what runs as ${label}` },
    ...{ reason, touched: "nothing" },
  });
}
