import type { Host } from "../adapter-ports";
import type { JournalEntry } from "./journal";

/**
 * One small file per replica and host, which says what the host's copy is, and how far a move has
 * come.
 */
export interface Journals {
  /** undefined when the host knows nothing of the replica. */
  read(host: Host, replica: string): Promise<JournalEntry | undefined>;
  /** Every replica's on the host; what nobody of ours wrote is left out. */
  all(host: Host): Promise<JournalEntry[]>;
  /** Atomic, and on disk when it resolves. */
  write(host: Host, entry: JournalEntry): Promise<void>;
  /**
   * As `write`, but false, and nothing is written, when the host's entry says `committed`. A
   * cutover that still runs on the other host commits under the same lock: of a commit and a taking
   * back only one goes through.
   */
  writeUnlessCommitted(host: Host, entry: JournalEntry): Promise<boolean>;
  /** Missing is success. */
  remove(host: Host, replica: string): Promise<void>;
}

/** Puts data where nothing ever looks for it, and nothing ever removes it. */
export interface Quarantine {
  /**
   * What is in the volume goes to a new one, whose name ends in the epoch, and the volume goes. May
   * be interrupted and done again. A volume that is not there, or not Ferry's, is left as it is.
   */
  keep(host: Host, volume: string, epoch: number): Promise<void>;
}
