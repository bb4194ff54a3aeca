import { runtime } from "@pulumi/pulumi";
import { kindOf } from "../provider/resources/kind-resource";
import { mistake } from "../provider/resources/mistake";
import { broughtByUp } from "./brought-by-up";
import { planner } from "./planner";
import { fromMocks } from "./values";

/** Mocks for what is none of Ferry's: what is left out gives back what it is given. */
export interface UserMocks extends Partial<Pick<runtime.Mocks, "newResource" | "call">> {
  /**
   * Is told why a preview would refuse a resource of Ferry's, and the test goes on. Without it the
   * resource fails, and with it the test.
   */
  refused?(reason: string): void;
}

/**
 * Mocks for `pulumi.runtime.setMocks` that answer Ferry's own resources as a preview does:
 * addresses, names and hosts are planned, and mistakes refused, by what plans and refuses them
 * there. No host is reached. All other resources, and calls, are a matter of `others`.
 *
 * As an `up` (`setMocks`'s `preview` is false), what only hosts can tell is stood in for: names of
 * peers, a container's id. As a preview, it is unknown.
 *
 * @example
 * await pulumi.runtime.setMocks(ferryMocks());
 */
export function ferryMocks(others: UserMocks = {}): runtime.Mocks {
  const plan = planner();
  const refuse = (reason: string) => {
    if (others.refused === undefined) throw mistake(reason);
    others.refused(reason);
  };
  return {
    async newResource(args) {
      const { type, name } = args;
      const inputs: unknown = args.inputs;
      const kind = kindOf(type);
      if (kind !== undefined) {
        const { planned, problems } = await plan(kind, fromMocks(inputs));
        if (problems.length > 0) refuse(problems.join("\n"));
        const brought = runtime.isDryRun() ? {} : broughtByUp(kind, planned);
        return { id: name, state: { ...planned, ...brought } };
      }
      return others.newResource?.(args) ?? { id: `${name}-id`, state: inputs as object };
    },
    call: (args) => others.call?.(args) ?? (args.inputs as Record<string, unknown>),
  };
}
