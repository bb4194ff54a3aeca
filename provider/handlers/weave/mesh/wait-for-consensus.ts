import { FerryError } from "../../../core/errors";
import { withoutIpam, type MeshMember } from "../../../core/weave/mesh";
import type { MeshInputs } from "../../../core/weave/mesh-inputs";
import { quorumOf } from "../../../core/weave/topology";
import { poll, type Clock } from "../../clock";
import { observe, type OpenedPeer } from "./mesh-tools";

/**
 * Waits until every peer knows how Weave's range is divided. A peer that joins a network learns it
 * by itself, and so does everyone where a seed divides it; only where electors have to agree for
 * the first time is one of them asked to see to it.
 */
export async function waitForConsensus(
  inputs: MeshInputs,
  peers: readonly OpenedPeer[],
  clock: Clock,
  deadline: number,
): Promise<MeshMember[]> {
  let members = await observe(peers);
  if (withoutIpam(members).length === 0) return members;
  const nobodyKnows = withoutIpam(members).length === members.length;
  const elector = peers.find(({ observer }) => observer !== true);
  if (inputs.seeded !== true && nobodyKnows && elector !== undefined) {
    const seconds = Math.max(5, Math.ceil((deadline - clock.now()) / 1000));
    await elector.weave.prime(seconds);
  }
  const done = await poll(clock, deadline, async () => {
    members = await observe(peers);
    return withoutIpam(members).length === 0 ? true : undefined;
  });
  if (done === undefined)
    throw new FerryError({ kind: "trouble", reason: undecided(inputs, members) });
  return members;
}

function undecided(inputs: MeshInputs, members: readonly MeshMember[]): string {
  const { cluster, electors, timeoutSeconds, peers } = inputs;
  const open = withoutIpam(members);
  const names = open.join(", ");
  if (open.length < members.length || inputs.seeded === true) {
    return (
      `Not every peer of cluster '${cluster}' has been told within ${timeoutSeconds} s how Weave's range is divided: ${names} ` +
      "not yet. The routers were left running; run `pulumi up` again."
    );
  }
  const taking = peers.filter(({ observer }) => observer !== true).map(({ host }) => host);
  return (
    `The peers of cluster '${cluster}' have not agreed on Weave's range within ${timeoutSeconds} s: ` +
    `${quorumOf(electors)} of ${electors} electors have to take part; peers connected: ${members.length}, of which ` +
    `electors: ${taking.join(", ") || "none"} (undecided: ${names}). The routers were left running; run \`pulumi up\` again ` +
    "when enough electors are there."
  );
}
