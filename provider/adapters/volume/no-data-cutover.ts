import type {
  ArmedCutover,
  CopyRoute,
  CutoverPlan,
  CutoverMaker,
} from "../../core/move/move-ports";
import { armCutover, cutoverProblem } from "../cutover/arm";
import type { OneOffKey } from "../move-key/one-off-key";

/**
 * The cutover of a replica without data: the conversation of both hosts is all that it needs of a
 * mover.
 */
export class NoDataCutover implements CutoverMaker {
  constructor(
    private readonly route: CopyRoute,
    private readonly key: OneOffKey,
  ) {}

  async armCutover(plan: CutoverPlan): Promise<ArmedCutover | undefined> {
    const { route, key } = this;
    const problem = await cutoverProblem(route);
    if (problem === undefined) {
      return armCutover({ route, key, copies: [], attributes: false, python: false }, plan);
    }
    // No more than a restart either way: a step less quick is nothing to be warned of.
    route.progress.info(
      `${route.label}: ${problem}; the cutover is made step by step from here, so it takes longer`,
    );
    return undefined;
  }

  cleanup(): Promise<void> {
    return this.key.remove();
  }
}
