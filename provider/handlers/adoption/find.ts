import type { Host } from "../../core/adapter-ports";
import { NO_SIBLINGS, pickContainer } from "../../core/adoption/pick";
import type { Candidate, Pick as Picked, Siblings } from "../../core/adoption/pick";
import { COMPOSE, keptName, type AdoptRequest } from "../../core/adoption/request";
import { adoptsOf } from "../../core/move/journal";
import { LABELS } from "../../core/identity";
import { replicaIds } from "../../core/replica/formerly";
import type { PlacedReplica } from "../../core/replica/model";
import type { ReplicaTools } from "../replica/replica-tools";

/** Looks for the container that is to become a replica; nothing is changed. */
export async function findContainer(
  tools: Pick<ReplicaTools, "journals">,
  hosts: ReadonlyMap<string, Host>,
  request: AdoptRequest,
  replica: PlacedReplica,
): Promise<Picked> {
  const asked = [...hosts].filter(([name]) => (request.host ?? name) === name);
  const found = await Promise.all(
    asked.map(async ([host, { docker }]): Promise<Candidate[]> => {
      const containers = await (request.container === undefined
        ? docker.containers(labelsOf(request))
        : named(docker, request.container));
      return containers.map((container) => ({ host, container }));
    }),
  );
  // One that is asked for by its name stands for itself, whatever its index is.
  if (request.container !== undefined) return pickContainer(found.flat(), request, 0);
  const siblings =
    found.flat().length === 0 ? NO_SIBLINGS : await siblingsOf(tools, hosts, replica);
  return pickContainer(found.flat(), request, replica.index, siblings);
}

/** Replicas of the service that are there, and the containers whose place they took. */
async function siblingsOf(
  { journals }: Pick<ReplicaTools, "journals">,
  hosts: ReadonlyMap<string, Host>,
  replica: PlacedReplica,
): Promise<Siblings> {
  const { project, stack, service } = replica;
  const labels = { [LABELS.project]: project, [LABELS.stack]: stack, [LABELS.service]: service };
  const parents = replicaIds(replica).map((id) => id.slice(0, id.lastIndexOf("/") + 1));
  const indexIn = (id: string) => {
    const parent = parents.find((each) => id.startsWith(each));
    return parent === undefined ? NaN : Number(id.slice(parent.length));
  };
  const places = new Map<number, string>();
  const taken = new Map<string, number>();
  await Promise.all(
    [...hosts].map(async ([name, host]) => {
      // In this order: whoever takes a place says so in its journal before it makes a container.
      const made = await host.docker.containers(labels);
      for (const container of made) {
        const index = indexIn(container.labels[LABELS.replica] ?? "");
        if (Number.isInteger(index) && index !== replica.index) places.set(index, name);
      }
      for (const entry of await journals.all(host)) {
        const index = indexIn(entry.replica);
        const { adopts } = adoptsOf(entry);
        if (Number.isInteger(index) && adopts !== undefined) taken.set(adopts.container, index);
      }
    }),
  );
  return { places, taken };
}

/** Projects of Compose's on these hosts, for a message. */
export async function projectsOn(hosts: ReadonlyMap<string, Host>): Promise<string[]> {
  const all = await Promise.all([...hosts.values()].map(({ docker }) => docker.containers({})));
  const names = all.flat().flatMap(({ labels }) => labels[COMPOSE.project] ?? []);
  return [...new Set(names)].sort();
}

async function named(docker: Host["docker"], name: string) {
  const container = (await docker.container(name)) ?? (await docker.container(keptName(name)));
  return container === undefined ? [] : [container];
}

function labelsOf({ project = "", service = "" }: AdoptRequest): Record<string, string> {
  return { [COMPOSE.project]: project, [COMPOSE.service]: service };
}
