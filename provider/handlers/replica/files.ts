import { FerryError } from "../../core/errors";
import { digestsIn, filesFolder, type FileSources } from "../../core/files/model";
import type { ContainerState, Host } from "../../core/adapter-ports";
import { LABELS, replicaId } from "../../core/identity";
import type { PlacedReplica } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { archiveOfSource } from "../../local/read-tree";
import type { ReplicaTools } from "./replica-tools";

/** Where this machine has what travels with replicas: what the program has said in this run. */
export class FilesOfRun {
  readonly #said = new Map<string, FileSources>();
  /** Folders that volumes are filled from, by the volume's key. */
  readonly #folders = new Map<string, Readonly<Record<string, string>>>();

  say(replica: string, sources: FileSources): void {
    this.#said.set(replica, sources);
  }

  sayFolders(replica: string, folders: Readonly<Record<string, string>>): void {
    this.#folders.set(replica, folders);
  }

  /** Absolute, on this machine. */
  folder(replica: string, volume: string): string | undefined {
    return this.#folders.get(replica)?.[volume];
  }

  /**
   * What is to be brought to a host. @throws FerryError where it is not what the preview has shown
   */
  archive(replica: PlacedReplica, name: string, digest: string): Buffer {
    const source = this.#said.get(replicaId(replica))?.[name];
    const refuse = (reason: string, advice: string) =>
      new FerryError({
        kind: "settings",
        replica: replicaLabel(replica),
        what: `reading '${name}' for ${replicaLabel(replica)}`,
        reason,
        advice,
        touched: "nothing",
      });
    if (source === undefined)
      throw refuse("this run was not told where it is", "Run `pulumi up` with the program");
    const archive = archiveOfSource(source, digest);
    if (archive !== undefined) return archive;
    throw refuse(
      "it has changed on this machine since the program read it, and what was previewed is not there any more",
      "Run `pulumi up` again",
    );
  }
}

type FileTools = Pick<ReplicaTools, "files" | "filesOfRun">;

const filesOf = ({ files = {} }: Pick<PlacedReplica, "files">) => Object.entries(files);

/** Before anything is changed anywhere: all that travels is as the preview has shown it. */
export function requireFiles({ filesOfRun }: FileTools, replica: PlacedReplica): void {
  for (const [name, digest] of filesOf(replica)) filesOfRun.archive(replica, name, digest);
}

/** Brings what the host does not have, or has not as it was brought. */
export async function carryFiles(
  { files, filesOfRun }: FileTools,
  replica: PlacedReplica,
  host: Host,
): Promise<void> {
  const missing = new Set(await missingFiles({ files }, replica, host));
  if (missing.size === 0) return;
  await requireSameUsers(replica, host);
  const folder = filesFolder(replicaId(replica));
  for (const [name, digest] of filesOf(replica)) {
    if (!missing.delete(digest)) continue;
    await files.put(host, folder, digest, filesOfRun.archive(replica, name, digest));
  }
}

/** A container whose root is nobody on the host does not get to what only root may look into. */
async function requireSameUsers(replica: PlacedReplica, host: Host): Promise<void> {
  const { usernsRemap } = await host.docker.info();
  if (!usernsRemap) return;
  throw new FerryError({
    kind: "settings",
    replica: replicaLabel(replica),
    what: `bringing the files of ${replicaLabel(replica)}`,
    host: host.name,
    reason:
      "Docker there maps users (`userns-remap`), and containers would not get to files that travel",
    advice: "Run it on another host, or put the files into its image",
  });
}

/** Digests of what the host lacks, or has in another state than it was brought in. */
export async function missingFiles(
  { files }: Pick<FileTools, "files">,
  replica: PlacedReplica,
  host: Host,
): Promise<string[]> {
  const digests = [...new Set(Object.values(replica.files ?? {}))];
  if (digests.length === 0) return [];
  return files.missing(host, filesFolder(replicaId(replica)), digests);
}

/** What no container of the replica mounts goes from the host. */
export async function dropFiles(
  { files }: Pick<FileTools, "files">,
  host: Host,
  id: string,
): Promise<void> {
  const left = await host.docker.containers({ [LABELS.replica]: id });
  const mounted = left.flatMap(({ mounts }) => mounts.map(({ source }) => source));
  await files.keepOnly(host, filesFolder(id), [...new Set(digestsIn(id, mounted))]);
}

/** The same after a container was removed, where it had any. */
export async function dropFilesOf(
  tools: Pick<FileTools, "files">,
  host: Host,
  { labels, mounts }: ContainerState,
): Promise<void> {
  const id = labels[LABELS.replica];
  if (id === undefined) return;
  const sources = mounts.map(({ source }) => source);
  if (digestsIn(id, sources).length > 0) await dropFiles(tools, host, id);
}
