import { LABELS } from "../../core/identity";
import type { JournalEntry } from "../../core/move/journal";
import type { Host, VolumeState } from "../../core/adapter-ports";
import { deploymentId } from "../../core/replica/formerly";
import type { InDeployment } from "../../core/volume/owner";
import type { ReplicaTools } from "../replica/replica-tools";

type Labels = VolumeState["labels"];

/**
 * Of the copy of a volume that comes along. One that somebody else has made has no label of ours;
 * its copy is ours.
 */
export function copyLabels(given: Labels, of: InDeployment): Labels {
  // What was filled once is not filled again, where it is empty by now.
  const { [LABELS.fill]: _fill, ...labels } = given;
  const { project, stack, deployment } = of;
  if (labels[LABELS.volume] !== undefined) return labels;
  return {
    ...labels,
    [LABELS.copy]: deploymentId(of),
    [LABELS.project]: project,
    [LABELS.stack]: stack,
    [LABELS.deployment]: deployment,
  };
}

/** Whether what is on the target is a copy that a move has made of the volume with these labels. */
export function isCopyFor(existing: VolumeState, labels: Labels, of: InDeployment): boolean {
  const owner = existing.labels[LABELS.volume];
  if (owner !== undefined) return owner === labels[LABELS.volume];
  const copy = existing.labels[LABELS.copy];
  return copy !== undefined && [deploymentId(of), ...(of.formerly ?? [])].includes(copy);
}

/**
 * Puts what the entry names of these volumes where no copy comes over it. May be interrupted, and
 * is done again then.
 */
export async function quarantine(
  { journals, quarantine }: Pick<ReplicaTools, "journals" | "quarantine">,
  of: { target: Host; own: readonly VolumeState[]; replica: InDeployment },
  entry: JournalEntry,
): Promise<void> {
  const { target, own, replica } = of;
  // From here on it may be half gone, and is of no certain age.
  const { when: _when, ...older } = entry;
  await journals.write(target, older);
  for (const { name, labels } of own) {
    if (!entry.volumes.includes(name)) continue;
    const existing = await target.docker.volume(name);
    if (existing === undefined || !isCopyFor(existing, labels, replica)) continue;
    await quarantine.keep(target, name, entry.epoch);
  }
}
