import type { ArmedCut, CopyRoute, CutPlan, Cutter } from "../../core/move/port";
import { armCut, cutProblem } from "../cut/arm";
import type { OneOffKey } from "../move-key/one-off-key";

/**
 * The cut of a replica without data: the conversation of both hosts is all that it needs of a
 * mover.
 */
export class NoDataCutter implements Cutter {
  constructor(
    private readonly route: CopyRoute,
    private readonly key: OneOffKey,
  ) {}

  async armCut(plan: CutPlan): Promise<ArmedCut | undefined> {
    const { route, key } = this;
    const problem = await cutProblem(route);
    if (problem === undefined) {
      return armCut({ route, key, copies: [], attributes: false, python: false }, plan);
    }
    // No more than a restart either way: a step less quick is nothing to be warned of.
    route.progress.info(
      `${route.label}: ${problem}; the cut is made step by step from here, so it takes longer`,
    );
    return undefined;
  }

  cleanup(): Promise<void> {
    return this.key.remove();
  }
}
