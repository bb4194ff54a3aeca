import { LABELS } from "../../core/identity";
import type { VolumeState } from "../../core/ports";
import { deploymentId } from "../../core/replica/formerly";
import type { InDeployment } from "../../core/volume/owner";

type Labels = VolumeState["labels"];

/** Of the copy of a volume that comes along. One that somebody else has made has no label of ours; its copy is ours. */
export function copyLabels(labels: Labels, of: InDeployment): Labels {
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
