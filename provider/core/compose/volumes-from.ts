import type { ServiceDraft, VolumesFrom } from "./draft";
import type { Place } from "./problems";
import { text } from "./scalars";
import type { Node } from "./yaml";

/** One entry of `volumes_from`: "service", or "service:ro". */
export function readVolumesFrom(node: Node, at: Place, draft: ServiceDraft): void {
  const value = text(node, at);
  if (value === undefined) return;
  const [service = "", mode = "rw", ...more] = value.split(":");
  if (service === "container")
    at.problem(
      "names a container, and those outside the deployment are no part of it. Name a service.",
    );
  else if (more.length > 0 || !["ro", "rw"].includes(mode))
    at.problem(`${at.show(value)} is not a service. Write "service" or "service:ro".`);
  else if (service === draft.name || !draft.context.services.has(service))
    at.problem(`takes volumes of ${at.show(service)}, and there is no such other service.`);
  else draft.volumesFrom.push({ value: { service, readOnly: mode === "ro" }, at });
}

/**
 * Gives each service the mounts of those that its `volumes_from` names; at one path its own counts.
 * They start before it, as under Compose.
 */
export function shareVolumes(drafts: readonly ServiceDraft[]): void {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const done = new Set<ServiceDraft>();
  const share = (draft: ServiceDraft) => {
    if (done.has(draft)) return;
    done.add(draft); // Before its others, so that a circle ends; it is told as one of depends_on.
    for (const { value, at } of draft.volumesFrom) {
      const other = byName.get(value.service);
      if (other === undefined) continue;
      share(other);
      takeMounts(draft, other, value, at);
      waitFor(draft, value.service, at);
    }
  };
  drafts.forEach(share);
}

function takeMounts(draft: ServiceDraft, other: ServiceDraft, from: VolumesFrom, at: Place): void {
  at.note("brings the volumes that this file gives that service, and none that its image makes.");
  const { files, folders } = draft.context.travelling;
  const theirs = other.context.travelling;
  const own = new Set(draft.mounts.map(({ value }) => value.target));
  for (const { value, key } of other.mounts) {
    if (key !== "volumes" || own.has(value.target) || value.type === "tmpfs") continue;
    if (value.type === "volume" && value.volume === undefined) {
      at.problem(
        `would share the volume at ${value.target}, which has no name, so that no move could keep it one. Give it a name there.`,
      );
      continue;
    }
    const readOnly = from.readOnly && value.type !== "file" ? { readOnly: true } : {};
    draft.mounts.push({ value: { ...value, ...readOnly }, at, key });
    const file = value.type === "file" ? theirs.files.get(value.file) : undefined;
    if (value.type === "file" && file !== undefined) files.set(value.file, file);
    const name = value.type === "volume" ? (value.volume ?? "") : "";
    const folder = theirs.folders.get(name);
    if (folder !== undefined) folders.set(name, folder);
  }
}

function waitFor({ dependsOn }: ServiceDraft, service: string, at: Place): void {
  if (dependsOn.some(({ value }) => value.service === service)) return;
  dependsOn.push({ value: { service, condition: "started" }, at });
}
