import { placeKey, type Connection } from "../../../core/connection";
import { FerryError, type InputProblem } from "../../../core/errors";
import { isSameNow, machineInWords } from "../../../core/machine";
import { newestConnection } from "../../connections";
import type { ClusterPeer, Peers } from "../peers";
import type { OpenedWeave, PeerTools } from "./peer-tools";

/** Whose router it would be: a machine has one. */
type Claim = Pick<ClusterPeer, "cluster" | "host">;

const ADVICE = "Leave it out of one of the two, or put the deployments of both on one cluster";

/** For a preview: another cluster of the program has a peer at the same place. */
export function placeProblems(peers: Peers, own: ClusterPeer): InputProblem[] {
  const place = placeKey(own.connection);
  const other = othersOf(peers, own).find(({ connection }) => placeKey(connection) === place);
  if (other === undefined) return [];
  return [{ property: "connection", reason: `${oneMachine(own, other)}. ${ADVICE}.` }];
}

/**
 * Before anything is launched: another cluster of the program has this machine under another
 * address.
 */
export async function refuseMachineOfAnother(
  { context, peers }: Pick<PeerTools, "context" | "peers">,
  { host }: OpenedWeave,
  own: Claim,
): Promise<void> {
  const others = othersOf(peers, own);
  if (others.length === 0) return;
  const mine = await host.machine();
  await Promise.all(
    others.map(async (other) => {
      const its = await machineAt(context.hosts, other.host, other.connection);
      if (its === undefined || !isSameNow(mine, its)) return;
      throw new FerryError({
        kind: "settings",
        reason: `${oneMachine(own, other)}, ${machineInWords(mine)}`,
        advice: ADVICE,
        touched: "nothing",
      });
    }),
  );
}

const othersOf = (peers: Peers, { cluster }: Claim) =>
  peers.all().filter((peer) => peer.cluster !== cluster);

const oneMachine = (own: Claim, other: Claim) =>
  `host '${own.host}' of cluster '${own.cluster}' and host '${other.host}' of cluster '${other.cluster}' are one machine, ` +
  "which has one router of Weave Net";

/** One that does not answer tells so itself. */
async function machineAt(
  hosts: PeerTools["context"]["hosts"],
  name: string,
  connection: Connection,
) {
  try {
    return await (await hosts.open(name, newestConnection(connection))).machine();
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    return undefined;
  }
}
