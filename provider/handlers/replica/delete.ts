import { FerryError, unclaimed } from "../../core/errors";
import type { JournalEntry } from "../../core/move/journal";
import { claimsOf } from "../../core/move/findings";
import { locate } from "../../core/move/machine";
import { believedNow, replacedInWords } from "../../core/move/places";
import { filesFolder } from "../../core/files/model";
import type { Host } from "../../core/adapter-ports";
import type { ReplicaState } from "../../core/replica/model";
import { letGoUnused } from "../volume/let-go-unused";
import { withFormerNames } from "../../core/replica/former-names";
import { replicaLabel } from "../../core/replica/replica-names";
import { isOurs } from "../../core/volume/owner";
import { believedOf } from "./believed";
import { waitForCutovers } from "./running-cutovers";
import { discover, heardFrom, whyNot } from "./discover";
import { whileLocked, type Locked } from "./while-locked";
import { lastCopies } from "./last-copy";
import { kindOf, withoutClaim } from "./outcome";
import { beforeStop } from "./lifecycle";
import { removeContainer } from "./remove";
import { stopForGood, stopTimeout } from "./start";
import type { ReplicaTools } from "./replica-tools";
import { removeUnusedImage } from "./unused-images";

/**
 * Removes a replica from every host: its containers, what Ferry had written down of it, and retired
 * copies of its data. The data itself stays; it is the volume's affair. So does what was kept
 * aside.
 */
export async function deleteReplica(tools: ReplicaTools, outs: ReplicaState): Promise<void> {
  const connections = tools.ways.around(outs.connections, outs.host) ?? outs.connections;
  const replica = withFormerNames({ ...outs, connections }, outs);
  const reason = `deleting ${replicaLabel(replica)}`;
  const hosts = Object.keys(connections);
  const claim = { replica, connections, hosts, reason, tolerant: true };
  await whileLocked(tools, claim, ({ check }) => deleteWhileLocked(tools, replica, check));
}

async function deleteWhileLocked(
  tools: ReplicaTools,
  outs: ReplicaState,
  check: Locked["check"],
): Promise<void> {
  const label = replicaLabel(outs);
  const discovery = await waitForCutovers(tools, label, () =>
    discover(tools, outs, outs.connections, { believed: believedOf(outs) }),
  );
  const { ids } = discovery;
  const { instances, journals } = discovery.findings;
  const lost = whyNot(discovery, outs.host);
  if (lost !== undefined) {
    throw new FerryError(
      {
        ...{ kind: kindOf(lost), replica: label, what: `deleting ${label}`, host: outs.host },
        where: `host '${outs.host}', where it is`,
        reason: withoutClaim(lost),
        advice:
          "Bring the host back, or take the replica out of state with `pulumi state delete` when the host is gone for good",
        touched: "nothing",
      },
      { cause: lost },
    );
  }
  const believed = believedNow(believedOf(outs), discovery.findings, discovery.places);
  if (believed.replaced !== undefined) {
    throw new FerryError({
      kind: "settings",
      what: `deleting ${label}`,
      host: outs.host,
      reason: replacedInWords(believed.replaced),
      advice:
        "Put the address of the machine that it is on back, or take the replica out of state with `pulumi state delete` " +
        "when that machine is gone for good",
      touched: "nothing",
    });
  }
  const where = locate(discovery.findings, believed);
  if ("silent" in where) {
    if (!(where.silent in outs.connections)) {
      throw wayUnknown(label, where.silent);
    }
    throw new FerryError({
      kind: kindOf(whyNot(discovery, where.silent)),
      replica: label,
      what: `deleting ${label}`,
      reason: where.reason,
      advice:
        `Bring host '${where.silent}' back, or take the replica out of state with \`pulumi state delete\` when it is gone ` +
        "for good",
      touched: "nothing",
    });
  }
  check(new Set([...instances.map(({ host }) => host), ...Object.keys(journals)]));
  // Who has the data is known by what is there before anything is removed.
  const withData = new Set([
    believed.host,
    ...claimsOf(discovery.findings).map(({ host }) => host),
  ]);
  for (const last of await lastCopies(outs, discovery, withData)) {
    withData.add(last);
    tools.progress.info(
      `${label}: the last copy of its data that is left stays on host '${last}'; it is as of an earlier move`,
    );
  }
  for (const { host: name, containerId } of instances) {
    const host = heardFrom(discovery, name);
    const container = discovery.containers.get(containerId);
    if (container === undefined) continue;
    await beforeStop(host, container, outs);
    if (container.restart.name !== "no") {
      await host.docker.setRestartPolicy(containerId, { name: "no" });
    }
    await stopForGood(host, containerId, stopTimeout(outs));
    await removeContainer(tools, host, container);
    await tools.overlay.detachEnded(host);
    await letGoAll(tools, label, outs, host);
  }
  for (const [name, entry] of Object.entries(journals)) {
    const host = heardFrom(discovery, name);
    if (!withData.has(name)) await removeCopies(tools, host, entry, outs);
    for (const id of ids) await tools.journals.remove(host, id);
  }
  if (outs.files !== undefined)
    for (const host of discovery.hosts.values())
      for (const id of ids) await tools.files.keepOnly(host, filesFolder(id), []);
  await Promise.all(
    [...discovery.hosts.values()].flatMap((host) => ids.map((id) => tools.movers.clear(host, id))),
  );
  await removeUnusedImage(tools, label, outs.spec.image, discovery.hosts.values());
  if (outs.adopted !== undefined) {
    tools.progress.info(
      `${label}: the container whose place it took stays on host '${outs.adopted.host}', stopped, and so does its data`,
    );
  }
  for (const [name, error] of [...discovery.silent, ...discovery.troubled]) {
    tools.progress.warn(
      `${label}: host '${name}' was not asked for remains of it: ${unclaimed(error).message}`,
    );
  }
}

/** Whoever takes one next sees to what could not be let go. */
async function letGoAll(
  { drivers, progress }: ReplicaTools,
  label: string,
  { volumes }: ReplicaState,
  host: Host,
): Promise<void> {
  for (const volume of Object.values(volumes)) {
    try {
      await letGoUnused(drivers, volume, host);
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      progress.warn(`${label}: ${unclaimed(error).message}`);
    }
  }
}

/** State alone has the ways to hosts that it knows to have something of it. */
function wayUnknown(label: string, host: string): FerryError {
  return new FerryError({
    kind: "settings",
    replica: label,
    what: `deleting ${label}`,
    reason: `it went to host '${host}' in a move that state has not learned of, and so has no way to`,
    advice: "Run `pulumi up` first, or `pulumi destroy --refresh`",
    touched: "nothing",
  });
}

/**
 * Only what Ferry made, and only on a host whose copy does not count. One that was about to be put
 * aside has what no other copy has, and is put there now.
 */
async function removeCopies(
  { quarantine, drivers }: Pick<ReplicaTools, "quarantine" | "drivers">,
  host: Host,
  entry: JournalEntry,
  replica: ReplicaState,
): Promise<void> {
  for (const volume of Object.values(replica.volumes)) {
    if (!entry.volumes.includes(volume.name)) continue;
    const existing = await host.docker.volume(volume.name);
    if (existing === undefined || !isOurs(existing, volume)) continue;
    if (entry.role === "aside") await quarantine.keep(host, volume.name, entry.epoch);
    else await drivers.ofFound(existing).remove(host, existing);
  }
}
