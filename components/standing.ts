import { getOrganization, getProject, getStack, log, runtime, type Output } from "@pulumi/pulumi";
import { standingOf, type StandingReplica } from "../provider/core/placement/standing";
import { kindOf } from "../provider/resources/kind-resource";

const READ = "pulumi:pulumi:readStackResourceOutputs";

/**
 * Where this stack's replicas are, as state has it, those as well that the program declares later
 * or not at all. A stack without hosts has none, and the engine cannot be asked about one that has
 * nothing yet.
 */
export function standingInState(areHostsThere: Output<boolean>): Output<StandingReplica[]> {
  return areHostsThere.apply(async (areThere) => (areThere ? readState() : []));
}

interface Answer {
  readonly outputs?: Readonly<
    Record<string, { readonly type?: string; readonly outputs?: object }>
  >;
}

/** As the engine's backends call it; without an organization it is one of those mocks. */
function nameOfStack(): string {
  try {
    return `${getOrganization()}/${getProject()}/${getStack()}`;
  } catch {
    return getStack();
  }
}

async function readState(): Promise<StandingReplica[]> {
  const stackName = nameOfStack();
  try {
    const { outputs } = (await runtime.invoke(READ, { stackName }, { async: true })) as Answer;
    if (outputs === undefined) return [];
    return Object.values(outputs).flatMap(({ type = "", outputs: outs = {} }) =>
      kindOf(type) === "replica" ? (standingOf(outs) ?? []) : [],
    );
  } catch {
    // What it says may quote state.
    await log.warn(
      `The engine does not tell what is in stack ${stackName}: placement counts what this program places, and nothing else. ` +
        "What runs stays where it is all the same.",
    );
    return [];
  }
}
