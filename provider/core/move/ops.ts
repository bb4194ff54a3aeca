import type { JournalEntry } from "./journal";

/**
 * The least that is done to a host at a time. Each may be interrupted before, in the middle or
 * after, and done again. A handler carries them out; a test carries them out on hosts of its own
 * making, in every order that accidents allow.
 */
export type Op =
  /**
   * `unlessCommitted`: a cutover that still runs may have committed meanwhile; then what follows is
   * not done.
   */
  | {
      readonly op: "journal";
      readonly host: string;
      readonly entry: JournalEntry;
      readonly unlessCommitted?: true;
    }
  | { readonly op: "forget"; readonly host: string }
  | {
      readonly op: "restart policy";
      readonly host: string;
      readonly containerId: string;
      readonly policy: "off" | "as wanted";
    }
  /** It is seen stopped when this is done, and its address is off the network. */
  | { readonly op: "stop"; readonly host: string; readonly containerId: string }
  /** Open to clients. */
  | { readonly op: "start"; readonly host: string; readonly containerId: string }
  /** `dropAnonymous`: volumes that only it knew go with it. */
  | {
      readonly op: "remove container";
      readonly host: string;
      readonly containerId: string;
      readonly dropAnonymous: boolean;
    }
  | { readonly op: "remove volumes"; readonly host: string; readonly volumes: readonly string[] }
  /** What is in the volumes goes to volumes of another name, where nothing ever looks for data. */
  | {
      readonly op: "set aside";
      readonly host: string;
      readonly epoch: number;
      readonly volumes: readonly string[];
    };

/** Ops with what they are for, as a run tells it. */
export interface Work {
  readonly why: string;
  readonly ops: readonly Op[];
}
