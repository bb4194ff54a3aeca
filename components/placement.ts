import { all, type Output } from "@pulumi/pulumi";
import { placeInOrder, type Declared } from "../provider/core/placement/in-order";
import type { Placements } from "../provider/core/placement/suggest-hosts";

/**
 * Where the replicas of one cluster go that have no host yet, in the order in which the program
 * declares them: known as soon as the cluster's hosts are. Which hosts others have by outputs is
 * not waited for, and does not count.
 */
export class Placement {
  readonly #declared: Declared[] = [];
  readonly #placed: Output<(index: number) => Placements>;

  constructor(hosts: Output<readonly string[]>, draining: Output<readonly string[]>) {
    this.#placed = all([hosts, draining]).apply(([names, leaving]) =>
      this.#inOrder(names, leaving),
    );
  }

  suggest(declared: Declared): Output<Placements> {
    const index = this.#declared.push(declared) - 1;
    return this.#placed.apply((placedAt) => placedAt(index));
  }

  /** Each once, and none before it is declared. */
  #inOrder(hosts: readonly string[], draining: readonly string[]): (index: number) => Placements {
    const inOrder = placeInOrder(this.#declared, hosts, draining);
    const placed: Placements[] = [];
    return (index) => {
      while (placed.length <= index) placed.push(inOrder.next().value ?? {});
      return placed[index] ?? {};
    };
  }
}
