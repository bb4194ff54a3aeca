import { FerryError } from "../../core/errors";
import { labelsOfName, namesake } from "../../core/replica/same-name";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import type { Discovery } from "./discover";
import type { ReplicaTools } from "./replica-tools";

/**
 * "'shop/dev/apples/redis/0' on host 'node2'"; undefined when nobody else answers for the replica's
 * DNS name.
 */
export async function namesakeInWords(
  replica: PlacedReplica,
  { hosts }: Pick<Discovery, "hosts">,
): Promise<string | undefined> {
  const labels = labelsOfName(replica);
  const found = await Promise.all(
    [...hosts].map(async ([name, host]) =>
      (await host.docker.containers(labels)).flatMap((container) => {
        const other = namesake(container, replica);
        return other === undefined ? [] : [`'${other}' on host '${name}'`];
      }),
    ),
  );
  const [first] = found.flat().sort();
  return first;
}

/**
 * Two stacks that give a deployment one name would answer for one DNS name, and clients of the one
 * would get to the other. A new replica is refused for it. One that is there already is only told
 * of: it goes on as it did.
 */
export async function requireOwnName(
  { progress }: Pick<ReplicaTools, "progress">,
  replica: PlacedReplica,
  discovery: Discovery,
  isNew: boolean,
): Promise<void> {
  const other = await namesakeInWords(replica, discovery);
  if (other === undefined) return;
  if (!isNew) {
    progress.warn(`${replicaLabel(replica)}: ${sharedInWords(replica, other)}. ${WAY_OUT}`);
    return;
  }
  throw new FerryError({
    kind: "settings",
    what: `making ${replicaLabel(replica)}`,
    host: replica.host,
    replica: replicaLabel(replica),
    reason: `the DNS name '${replica.dnsName}' is taken: ${other} answers for it`,
    advice: WAY_OUT,
    touched: "nothing",
  });
}

export function sharedInWords({ dnsName }: PlacedReplica, other: string): string {
  return `${other} answers for '${dnsName}' as well, so that clients may get to either`;
}

const WAY_OUT =
  "Give one of the two deployments another name, or remove the other one if it is not wanted any more";
