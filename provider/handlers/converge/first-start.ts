import { FerryError } from "../../core/errors";
import { LABELS } from "../../core/identity";
import { firstStart, type VolumesByHost } from "../../core/move/first-start";
import type { Goal } from "../../core/move/goal";
import type { Lost } from "../../core/move/source-lost";
import { onOneHost } from "../../core/replica/following-volumes";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { replicaIds } from "../../core/replica/formerly";
import { idsOf, isIdInDeployment, isInDeployment } from "../../core/volume/owner";
import { heardFrom, type Discovery } from "../replica/discover";
import type { ReplicaTools } from "../replica/replica-tools";

/**
 * Before a container is made for a replica that has none: whether data of it is missed by that.
 * Resolves to how it was lost, if so; rejects when it is on another host.
 */
export async function dataMissed(
  tools: Pick<ReplicaTools, "journals">,
  replica: PlacedReplica,
  { discovery, goal }: { readonly discovery: Discovery; readonly goal: Goal },
): Promise<Lost | undefined> {
  const volumes = await volumesByHost(replica, discovery);
  const first = firstStart(discovery.findings, goal, volumes);
  switch (first.kind) {
    case "start":
      await requireUnused(tools, replica, discovery, volumes[goal.wanted] ?? []);
      return undefined;
    case "lost":
      return first.lost;
    case "elsewhere":
      throw elsewhere(replica, first.hosts, first.volume);
  }
}

/**
 * A volume's label says the name that its deployment had when it was made. That one may be called
 * otherwise by now, and still live in it, while another one has taken its old name.
 */
async function requireUnused(
  { journals }: Pick<ReplicaTools, "journals">,
  replica: PlacedReplica,
  discovery: Discovery,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  const host = heardFrom(discovery, replica.host);
  const refuse = (reason: string) =>
    new FerryError({
      ...{ kind: "settings", what: `making ${replicaLabel(replica)}`, host: host.name },
      reason: `${reason}, which had the name that this one has now`,
      advice: "Give the volume another `name`",
      touched: "nothing",
    });
  const ids = replicaIds(replica);
  for (const { id, name, labels, mounts } of await host.docker.containers({})) {
    const by = labels[LABELS.replica];
    if (by === undefined || discovery.containers.has(id)) continue;
    if (!ids.includes(by) && isInDeployment(labels, replica)) continue;
    const used = names.find((volume) => mounts.some((mount) => mount.volume === volume));
    if (used === undefined) continue;
    throw refuse(`container '${name}' of another deployment uses Docker volume '${used}'`);
  }
  for (const { replica: by, volumes } of await journals.all(host)) {
    if (ids.includes(by) || isIdInDeployment(by, replica)) continue;
    const used = names.find((volume) => volumes.includes(volume));
    if (used === undefined) continue;
    throw refuse(`'${by}' has a copy of its data in Docker volume '${used}'`);
  }
}

async function volumesByHost(replica: PlacedReplica, { hosts }: Discovery): Promise<VolumesByHost> {
  const following = onOneHost(replica).filter(({ external }) => !external);
  const labels = following.flatMap((volume) =>
    idsOf(volume).map((id) => ({ name: volume.name, label: { [LABELS.volume]: id } })),
  );
  const byHost = await Promise.all(
    [...hosts].map(async ([name, host]) => {
      const found = await Promise.all(labels.map(({ label }) => host.docker.volumes(label)));
      const names = labels
        .filter((each, at) => found[at]?.some((volume) => volume.name === each.name))
        .map((each) => each.name);
      return [name, [...new Set(names)]] as const;
    }),
  );
  return Object.fromEntries(byHost);
}

function elsewhere(replica: PlacedReplica, hosts: readonly string[], volume: string): FerryError {
  const what = `making ${replicaLabel(replica)}`;
  const [first = ""] = hosts;
  if (hosts.length > 1) {
    return new FerryError({
      kind: "settings",
      what,
      host: replica.host,
      reason: `hosts ${hosts.map((host) => `'${host}'`).join(" and ")} have data of it (Docker volume '${volume}'), and nobody says which of them counts`,
      advice: "Look at them, and remove or rename the volume that is not to be kept",
      touched: "nothing",
    });
  }
  return new FerryError({
    kind: "settings",
    what,
    host: replica.host,
    reason: `its data is on host '${first}' (Docker volume '${volume}'), and no container is there to move it with`,
    advice:
      `Set the replica's host to '${first}' first and move it after, or remove that Docker volume if its data is not ` +
      "wanted any more",
    touched: "nothing",
  });
}
