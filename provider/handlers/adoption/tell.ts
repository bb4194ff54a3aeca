import type { Candidate } from "../../core/adoption/pick";
import { keptName, requestInWords, type AdoptRequest } from "../../core/adoption/request";
import { FerryError } from "../../core/errors";
import type { PlacedReplica } from "../../core/replica/model";
import { hasOwnNetwork } from "../../core/replica/own-network";
import { replicaLabel } from "../../core/replica/replica-names";
import { askAll } from "../ask";
import { withDeadline } from "../preview-deadline";
import { openHost } from "../replica/discover";
import { sentence } from "../replica/outcome";
import type { ReplicaTools } from "../replica/replica-tools";
import { findContainer } from "./find";
import { containerProblem, elsewhere, requireAdoptable, requireNotTaken } from "./require";

/**
 * Looks at the hosts and says in the preview what was found and what becomes of it. A host that
 * does not answer, or a container that cannot be taken over, is a warning: `up` is what refuses.
 */
export async function tellAdoption(
  tools: ReplicaTools,
  replica: PlacedReplica,
  request: AdoptRequest,
): Promise<void> {
  const label = replicaLabel(replica);
  try {
    for (const line of await withDeadline(look(tools, replica, request))) tools.progress.info(line);
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    tools.progress.warn(`${label}: \`up\` would not take it over: ${sentence(error)}`);
  }
}

async function look(
  tools: ReplicaTools,
  replica: PlacedReplica,
  request: AdoptRequest,
): Promise<string[]> {
  const label = replicaLabel(replica);
  const { connections } = replica;
  const asked = await askAll(Object.keys(connections), (name) =>
    openHost(tools, name, connections, "failFast"),
  );
  const { answers: hosts, silent, troubled } = asked;
  const picked = await findContainer(tools, hosts, request, replica);
  if (picked.kind !== "found") {
    const found = await requireAdoptable(tools, replica, request, { hosts, silent, troubled });
    const none = `${label}: ${requestInWords(request)} has no container for it, so it is made new`;
    return found === undefined ? [none] : [];
  }
  const { host, container } = picked.found;
  const problem = containerProblem(replica, host, container);
  if (problem !== undefined) throw new FerryError({ kind: "settings", reason: problem });
  if (host !== replica.host && replica.suggested !== true) throw elsewhere(replica, picked.found);
  const there = hosts.get(host);
  if (there !== undefined) await requireNotTaken(tools, replica, there, container);
  return [
    takenOverInWords(replica, picked.found),
    ...picked.left.map(
      (left) =>
        `${label}: container '${left.container.name}' on '${left.host}' is left as it is: the program has ${request.replicas ?? 1} of the service`,
    ),
  ];
}

function takenOverInWords(replica: PlacedReplica, { host, container }: Candidate): string {
  const { name, mounts, image, publishedPorts } = container;
  const data = mounts.filter(({ source }) => source !== "");
  const stays = data.map(({ volume, source, target }) => `${volume ?? source} at ${target}`);
  const ports = publishedPorts.length === 0 ? "" : `, ports ${publishedPorts.join(", ")}`;
  return (
    `${replicaLabel(replica)}: takes the place of container '${name}' on ${host} (${image}${ports}), which is stopped once and kept as ` +
    `'${keptName(name)}'; ${stays.length === 0 ? "it has no data" : `its data stays where it is: ${stays.join(", ")}`}; ` +
    (hasOwnNetwork(replica.spec)
      ? `it gets ${replica.ip} and ${replica.dnsName}`
      : "it stays on its host's network")
  );
}
