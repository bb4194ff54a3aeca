import { deploymentId } from "../../core/replica/formerly";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { Unfinished } from "./outcome";

type Accepting = PlacedReplica & Pick<ReplicaState, "accepted">;

/**
 * Does the work with a replica whose volumes are known by every id that they ever had. State keeps
 * those ids apart from the inputs, which may say them no more.
 */
export async function withAccepted(
  replica: PlacedReplica,
  olds: ReplicaState | undefined,
  work: (replica: PlacedReplica) => Promise<ReplicaState>,
): Promise<ReplicaState> {
  const former = [...(olds?.accepted ?? []), ...formerIds(olds), ...formerIds(replica)];
  const accepted = [...new Set([...former, ...idsOfState(replica, olds)])];
  if (accepted.length === 0) return work(replica);
  const kept = { volumes: replica.volumes, accepted: accepted.sort() };
  try {
    return { ...(await work(accepting({ ...replica, accepted }))), ...kept };
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    throw new Unfinished(error.fault, { ...error.state, ...kept }, { cause: error });
  }
}

/** With the ids that state has kept on each of its volumes. */
export function accepting<T extends Accepting>(replica: T): T {
  const { accepted = [], volumes } = replica;
  if (accepted.length === 0) return replica;
  const widened = Object.entries(volumes).map(([key, volume]) => {
    const last = volume.id.split("/").at(-1) ?? "";
    const own = accepted.filter((id) => id.endsWith(`/${last}`) && id !== volume.id);
    const formerly = [...new Set([...(volume.formerly ?? []), ...own])];
    return [key, formerly.length === 0 ? volume : { ...volume, formerly }] as const;
  });
  return { ...replica, volumes: Object.fromEntries(widened) };
}

/** What state knows its volumes by, where the replica is called otherwise now. */
function idsOfState(replica: PlacedReplica, olds: ReplicaState | undefined): string[] {
  if (olds === undefined || deploymentId(olds) === deploymentId(replica)) return [];
  return Object.entries(replica.volumes).flatMap(([key, { id }]) => {
    const before = olds.volumes[key]?.id;
    return before === undefined || before === id ? [] : [before];
  });
}

function formerIds(of: PlacedReplica | undefined): string[] {
  return Object.values(of?.volumes ?? {}).flatMap(({ formerly = [] }) => formerly);
}
