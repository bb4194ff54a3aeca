import { FerryError } from "../../core/errors";

/**
 * One at a time within a cluster, whatever Pulumi's `--parallel` says: peers that join, peers that
 * leave, routers that are launched anew. In the order of asking.
 */
export class PeerQueue {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #broken = new Map<string, string>();

  /** Its own outcome; somebody else's failure keeps nobody from his turn. */
  take<T>(cluster: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(cluster) ?? Promise.resolve();
    const mine = before.then(work);
    this.#last.set(
      cluster,
      mine.catch(() => undefined),
    );
    return mine;
  }

  /**
   * A router of this cluster that ran is not back in the network: no other one may be stopped in
   * this run.
   */
  breakOff(cluster: string, host: string): void {
    this.#broken.set(cluster, host);
  }

  /** Rejects where stopping one more router could take more of the network down. */
  refuseAfterFailure(cluster: string, host: string): void {
    const broken = this.#broken.get(cluster);
    if (broken === undefined || broken === host) return;
    throw new FerryError({
      kind: "trouble",
      reason:
        `Weave's router on host '${host}' was left running as it is: the one on '${broken}' was launched with other settings ` +
        "before, and is not back in the network. Put that one right, or take the settings back, and run `pulumi up` again.",
    });
  }
}

/** One process serves a whole run. */
export const peerQueue = new PeerQueue();
