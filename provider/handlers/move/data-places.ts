import { FerryError } from "../../core/errors";
import type { ContainerState, Host, VolumeState } from "../../core/adapter-ports";
import { folderIn, isWithin } from "../../core/volume/folder";
import type { DriverOptions } from "../../core/volume/driver";
import { isRunning } from "../replica/discover";
import type { ReplicaTools } from "../replica/replica-tools";

/**
 * A container as a move sees it: what it mounts is where its data is, also once nothing has it
 * mounted any more.
 */
export async function atItsData(host: Host, container: ContainerState): Promise<ContainerState> {
  const names = container.mounts.flatMap(({ volume, anonymous }) =>
    volume === undefined || anonymous === true ? [] : [volume],
  );
  const found = await Promise.all([...new Set(names)].map((name) => host.docker.volume(name)));
  const places = new Map(found.flatMap((each) => (each ? [[each.name, each.mountpoint]] : [])));
  const mounts = container.mounts.map((mount) => ({
    ...mount,
    source: places.get(mount.volume ?? "") ?? mount.source,
  }));
  return { ...container, mounts };
}

/** A volume that a move is about to make on the target. */
interface Coming {
  /** How messages call it: "volume 'data'". */
  readonly called: string;
  readonly options: DriverOptions;
  /** Of its data. */
  readonly bytes: number;
}

/** Nothing is copied onto what is there and not Ferry's. */
export async function requirePlaceFor(
  driver: Pick<ReturnType<ReplicaTools["drivers"]["of"]>, "copyProblem">,
  target: Host,
  { called, options, bytes }: Coming,
): Promise<void> {
  const problem = await driver.copyProblem(target, options, bytes);
  if (problem !== undefined) {
    throw new FerryError({ kind: "settings", reason: `${called} cannot come: ${problem}` });
  }
}

/**
 * Whoever has a folder that moves without its volume is not stopped for the move, and would write
 * to what stays behind, or into the copy.
 */
export async function requireFolderAlone(
  host: Host,
  { name, options }: Pick<VolumeState, "name" | "options">,
): Promise<void> {
  const folder = folderIn(options);
  if (folder === undefined) return;
  const other = (await host.docker.containers({})).find(
    (container) =>
      isRunning(container) &&
      container.mounts.some(
        ({ volume, source, readOnly }) =>
          volume !== name &&
          readOnly !== true &&
          source !== "" &&
          (isWithin(source, folder) || isWithin(folder, source)),
      ),
  );
  if (other === undefined) return;
  throw new FerryError({
    kind: "settings",
    reason:
      `container '${other.name}' on host '${host.name}' may write to folder '${folder}' as well, and does not come along. Stop that ` +
      "container, or let it mount the folder read-only",
  });
}
