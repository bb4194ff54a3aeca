import type { InputProblem } from "../errors";
import { isUnknown } from "../unknown";
import { elsewhereBy } from "../volume/elsewhere";
import type { ReplicaInputs } from "./model";

/**
 * A volume is filled in Docker's own folder of it. What Docker mounts over that would hide all that
 * was put there.
 */
export function fillProblems({
  folders = {},
  volumes,
}: Pick<ReplicaInputs, "folders" | "volumes">): InputProblem[] {
  if (isUnknown(folders) || isUnknown(volumes)) return [];
  return Object.keys(folders).flatMap((key) => {
    const options = volumes[key]?.driverOptions ?? {};
    if (isUnknown(options)) return [];
    const option = elsewhereBy(options);
    if (option === undefined) return [];
    const reason =
      `volume '${key}' is to be filled from a folder of this machine, and its driver option '${option}' says that its data is ` +
      "somewhere else. Fill that place yourself, and name the volume in `folders` no more, or leave the options out.";
    return [{ property: "folders", reason }];
  });
}
