import { posix } from "path";
import type { Volume } from "../application";
import { FOLDER_DRIVER, folderOptions, isWithin } from "../volume/folder";
import type { MountEntry, ServiceDraft } from "./draft";
import type { Place } from "./problems";
import { movingMount } from "./travelling";

interface Moving {
  readonly key: string;
  readonly path: string;
  readonly at: Place;
}

/**
 * A folder of the hosts that one mount says to be data is that for all that mount it: who mounts
 * the same folder shares its volume. One in another has two ways to go, and is a mistake.
 */
export function shareMovingFolders(drafts: readonly ServiceDraft[]): Map<string, Volume> {
  const moving = new Map<string, Moving>();
  for (const { context } of drafts)
    for (const [key, found] of context.travelling.moving)
      if (!moving.has(key)) moving.set(key, { key, ...found });
  if (moving.size === 0) return new Map();
  const all = [...moving.values()];
  for (const one of all) checkNested(one.path, one.at, all);
  for (const draft of drafts) draft.mounts = draft.mounts.map((entry) => shared(entry, all));
  return new Map(all.map(({ key, path }) => [key, volumeOf(key, path)]));
}

function shared(entry: MountEntry, all: readonly Moving[]): MountEntry {
  const { value, at } = entry;
  if (value.type !== "bind") return entry;
  const path = posix.normalize(value.source).replace(/(?<=.)\/+$/, "");
  const same = all.find((each) => each.path === path);
  if (same === undefined) {
    checkNested(path, at, all);
    return entry;
  }
  if (value.propagation === undefined) return { ...entry, value: movingMount(path, value) };
  at.problem("has a propagation, and folders that move have none. Remove it.");
  return entry;
}

function checkNested(path: string, at: Place, all: readonly Moving[]): void {
  const other = all.find(
    (each) => each.path !== path && (isWithin(path, each.path) || isWithin(each.path, path)),
  );
  if (other === undefined) return;
  const how = isWithin(path, other.path) ? "is in" : "has in it";
  at.problem(
    `${at.show(path)} ${how} ${at.show(other.path)}, which moves (${other.at.path}). Mount one folder, or two beside each other.`,
  );
}

function volumeOf(key: string, path: string): Volume {
  const options = { driver: FOLDER_DRIVER, driverOptions: folderOptions(path) };
  return { key, ...options, labels: {}, external: false };
}
