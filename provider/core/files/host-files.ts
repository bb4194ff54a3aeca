import type { Readable } from "stream";
import type { Host, VolumeState } from "../adapter-ports";

/**
 * Files that travel, on hosts. All is there as it was put, or not there at all; nobody but root
 * gets to it by its path.
 */
export interface HostFiles {
  /** Which of these contents are not there as they were put. */
  missing(host: Host, folder: string, digests: readonly string[]): Promise<string[]>;
  /** In the place of what may be there by that name. */
  put(host: Host, folder: string, digest: string, archive: Buffer): Promise<void>;
  /** Removes all contents but these; with none of them the folder goes too. */
  keepOnly(host: Host, folder: string, digests: readonly string[]): Promise<void>;
  /** Whether a volume that is filled when it is made is still to be: it is empty, and never was. */
  isUnfilled(host: Host, volume: VolumeState): Promise<boolean>;
  /** All of it, or nothing: then it is still to be filled. */
  fill(host: Host, volume: VolumeState, archive: Readable): Promise<void>;
}
