import type { AdoptRequest } from "../../core/adoption/request";
import type { Connections } from "../../core/connection";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import type { Locked } from "../replica/while-locked";

/** A replica on its way to what the program says, with its hosts held. */
export interface Errand {
  /** How messages call it. */
  readonly label: string;
  readonly replica: PlacedReplica;
  /** Ways to all hosts that may have something of it. */
  readonly connections: Connections;
  /** What state knows, if anything. */
  readonly olds: ReplicaState | undefined;
  /** What runs already and is to become it, where the program says so. */
  readonly adopt: AdoptRequest | undefined;
  readonly locked: Locked;
  readonly changes: Changes;
}

/** Whether anything on the hosts was changed: a failure says what it leaves behind. */
export class Changes {
  #begun = false;

  get begun(): boolean {
    return this.#begun;
  }

  begin(): void {
    this.#begun = true;
  }
}
