import { all, output, type Output } from "@pulumi/pulumi";
import type { PlaceHost } from "../provider/core/placement/occupancy";
import { placeInOrder, type Declared } from "../provider/core/placement/in-order";
import {
  asksForCapacities,
  NOTHING_BEFORE,
  placeDeployment,
  type Before,
  type PlacedDeployment,
  type WishedDeployment,
} from "../provider/core/placement/place-deployment";
import type { StandingReplica } from "../provider/core/placement/standing";
import type { Placements } from "../provider/core/placement/suggest-hosts";
import { mistake } from "../provider/resources/mistake";
import { asFarAsKnown, boxed } from "./known";
import { standingInState } from "./standing";

/** Hosts as placement looks at them. */
export interface HostsToPlaceOn {
  readonly names: Output<readonly string[]>;
  readonly draining: Output<readonly string[]>;
  /** With their labels, and with what they have: unknown where that is asked for and unknown. */
  facts(withCapacities: boolean): Output<readonly PlaceHost[]>;
  /** Whether any of them is in state. */
  areThere(): Output<boolean>;
  /** Those of what state has that are on these hosts. */
  here(state: readonly StandingReplica[]): Output<readonly StandingReplica[]>;
}

/**
 * Where the replicas of one cluster go that have no host yet, in the order in which the program
 * declares them: known as soon as the cluster's hosts are. Which hosts others have by outputs is
 * not waited for, and does not count.
 */
export class Placement {
  readonly #declared: Declared[] = [];
  readonly #placed: Output<(index: number) => Placements>;
  /** What deployments that were placed before are to carry, as far as that is known. */
  #last: Output<() => Before> = output(boxed(NOTHING_BEFORE));
  #state: Output<readonly StandingReplica[]> | undefined;

  constructor(private readonly hosts: HostsToPlaceOn) {
    this.#placed = all([hosts.names, hosts.draining]).apply(([names, leaving]) =>
      this.#inOrder(names, leaving),
    );
  }

  suggest(declared: Declared): Output<Placements> {
    const index = this.#declared.push(declared) - 1;
    return this.#placed.apply((placedAt) => placedAt(index));
  }

  /**
   * For a deployment that says how it is to be placed: what state knows of others counts, and so
   * does what hosts have. One that reserves is not known before that is.
   *
   * @throws RunError where a wish cannot be met
   */
  place(of: Output<WishedDeployment>): Output<PlacedDeployment> {
    const { hosts } = this;
    this.#state ??= standingInState(hosts.areThere()).apply((state) => hosts.here(state));
    const before = this.#last;
    const facts = of.apply(({ wishes }) => hosts.facts(asksForCapacities(wishes)));
    // In boxes, as the SDK makes promises for each field of whatever else `all` is given.
    const inBoxes = all([of.apply(boxed), facts, this.#state.apply(boxed), before]);
    const placed = inBoxes.apply(([wished, found, state, last]) =>
      placeDeployment(wished(), found, state(), last()),
    );
    const now = asFarAsKnown(placed.apply((each) => boxed(each.before)));
    this.#last = all([now, before]).apply(([known, last]) =>
      typeof known === "symbol" ? last : known,
    );
    return placed.apply((each) => {
      if (each.problems.length > 0) throw mistake(each.problems.join("\n"));
      return each;
    });
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
