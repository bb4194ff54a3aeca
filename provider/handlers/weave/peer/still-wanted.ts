import { placeKey, type Connection } from "../../../core/connection";
import { isSilence } from "../../../core/errors";
import { isSameNow, type Machine } from "../../../core/machine";
import { newestConnection } from "../../connections";
import type { PeerState } from "./state";
import { openWeave, type PeerTools } from "./peer-tools";

/** What a machine goes by in the program of this run. */
export interface KnownAs {
  readonly cluster: string;
  readonly host: string;
}

/**
 * Whether the machine of a peer that leaves stays in the program: under another name, in another
 * cluster, or as the peer that has taken this one's place in this very run. A run without its
 * program, which is what `destroy` is, wants nothing.
 */
export async function stillWanted(tools: PeerTools, outs: PeerState): Promise<KnownAs | undefined> {
  const others = tools.programs
    .hosts()
    .filter(
      ({ cluster, host }) =>
        cluster !== outs.cluster || host !== outs.host || tools.peers.isClaimed(cluster, host),
    );
  if (others.length === 0) return undefined;
  const leaving = await machineAt(tools, outs.host, outs.connection);
  const found = await Promise.all(
    others.map(async (other) => ((await isThere(tools, outs, leaving, other)) ? other : undefined)),
  );
  const known = found.filter((each) => each !== undefined);
  // The cluster that it leaves before any other, as nothing has to be forgotten there.
  return known.find(({ cluster }) => cluster === outs.cluster) ?? known[0];
}

async function isThere(
  tools: PeerTools,
  outs: PeerState,
  leaving: Machine | undefined,
  other: KnownAs & { readonly connection: Connection },
): Promise<boolean> {
  // Whoever is dialled in the same way is the same, though it may not answer now.
  if (placeKey(newestConnection(other.connection)) === placeKey(newestConnection(outs.connection)))
    return true;
  if (leaving !== undefined) {
    const machine = await machineAt(tools, other.host, other.connection);
    return machine !== undefined && isSameNow(leaving, machine);
  }
  // Its old address does not answer. In one network a name of Weave's is one router.
  if (other.cluster !== outs.cluster) return false;
  return (await peerNameAt(tools, other)) === outs.peerName;
}

const machineAt = (tools: PeerTools, host: string, connection: Connection) =>
  unlessSilent(async () =>
    (await tools.context.hosts.open(host, newestConnection(connection))).machine(),
  );

const peerNameAt = (tools: PeerTools, { host, connection }: KnownAs & { connection: Connection }) =>
  unlessSilent(async () => {
    const { weave } = await openWeave(tools, host, connection);
    return (await weave.report())?.peerName;
  });

async function unlessSilent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    // Whatever is there and answers with an error may be the very machine.
    if (!isSilence(error)) throw error;
    return undefined;
  }
}
