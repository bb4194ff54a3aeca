import type { ContainerState } from "../adapter-ports";

/** What the old container is called while a change on its own host is under way. */
export function besideName(containerName: string, id: string): string {
  return `${containerName}-before-${id.slice(0, 12)}`;
}

/** A change of it was begun, and is neither finished nor taken back. */
export function isPutBeside({ name, id }: Pick<ContainerState, "name" | "id">): boolean {
  return name.endsWith(besideName("", id));
}

/** What it was called before it was put beside; its name where it is not. */
export function nameBefore({ name, id }: Pick<ContainerState, "name" | "id">): string {
  const suffix = besideName("", id);
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
