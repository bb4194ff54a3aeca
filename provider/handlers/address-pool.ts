import { handedOn, mayBeInUse } from "../core/addresses/handed-on";
import { compareCidrs, formatCidr, sameCidr, type Cidr } from "../core/addresses/ipv4";
import type { AddressPoolInputs, AddressPoolState } from "../core/addresses/model";
import { leftOutInWords } from "../core/addresses/left-out";
import { planPool } from "../core/addresses/plan";
import { readHistory, writeDeployments, writeReleased } from "../core/addresses/state";
import { checkSurroundings } from "../core/addresses/surroundings";
import { FerryError, type InputProblem } from "../core/errors";
import { UNKNOWN } from "../core/unknown";
import { readRequests } from "./address-pool-requests";
import { refuseWhatIsInUse } from "./address-pool-handing-on";
import { attempt, readSettings } from "./address-pool-settings";
import type { Handler, HandlerContext, Props } from "./handler";
import { programs as programsOfThisRun, type Programs } from "./programs";

export type {
  AddressPoolInputs,
  AddressPoolState,
  DeploymentRequest,
} from "../core/addresses/model";

/**
 * The addresses of a cluster: every deployment's subnet and every replica's lease. It changes
 * nothing on any host, and looks at them only when an update hands on what somebody else has had.
 * Everything is decided in `check`, so that preview shows it, and kept as inputs, so that it stays;
 * for the same reason nothing ever replaces the pool. What the program gives as `requests` and
 * `hostRoutes` is used up in `check` and not kept.
 */
export function addressPoolHandler(
  { hosts, progress }: Pick<HandlerContext, "hosts" | "progress">,
  programs: Programs = programsOfThisRun,
): Handler<AddressPoolInputs, AddressPoolState> {
  return {
    check(olds, news) {
      const checked = check(olds, news);
      const { deployments } = checked.inputs;
      if (typeof olds.deployments === "object" && typeof deployments === "object") {
        for (const line of leftOutInWords(olds.deployments, deployments)) progress.info(line);
      }
      return checked;
    },
    create: async (inputs) => ({ id: inputs.cluster, outs: await stateOf(inputs) }),
    read: (_id, outs) => Promise.resolve({ inputs: outs, outs }),
    async update(_id, olds, inputs) {
      const outs = await stateOf(inputs);
      // When it fails, state stays as it was, and nobody has lost anything.
      await refuseWhatIsInUse({ hosts, programs }, outs.cluster, [
        ...handedOn(olds, outs),
        ...mayBeInUse(olds, outs),
      ]);
      return outs;
    },
    delete: () => Promise.resolve(),
  };
}

function check(
  olds: Partial<AddressPoolInputs>,
  news: Props,
): { inputs: AddressPoolInputs; problems: InputProblem[] } {
  const problems: InputProblem[] = [];
  const settings = readSettings(news, problems);
  const requests = readRequests(news.requests, problems);
  const { pool, ipallocRange } = settings;
  const exclude = settings.exclude && tidy(settings.exclude);
  const oldDeployments = typeof olds.deployments === "object" ? olds.deployments : {};
  const history = attempt("deployments", problems, () =>
    readHistory(oldDeployments, olds.released),
  );
  if (pool && exclude) {
    problems.push(...checkSurroundings({ pool, exclude }, ipallocRange, settings.routes));
  }

  const base = {
    cluster: typeof news.cluster === "string" ? news.cluster : "",
    pool: pool ? formatCidr(pool) : UNKNOWN,
    exclude: exclude ? exclude.map(formatCidr) : [UNKNOWN],
    ipallocRange: ipallocRange ? formatCidr(ipallocRange) : UNKNOWN,
  };
  if (problems.length > 0 || !history || !pool || !exclude || typeof requests === "string") {
    const deployments = problems.length > 0 ? oldDeployments : UNKNOWN;
    return {
      inputs: { ...base, deployments, ...(olds.released && { released: olds.released }) },
      problems,
    };
  }
  const plan = planPool({ pool, exclude }, history, requests);
  return {
    inputs: {
      ...base,
      deployments: writeDeployments(plan.deployments),
      ...writeReleased(plan.released),
    },
    problems: [...plan.problems],
  };
}

/** Sorted and each once, so that the order in the program is no difference. */
function tidy(blocks: readonly Cidr[]): Cidr[] {
  const sorted = [...blocks].sort(compareCidrs);
  return sorted.filter((block, i) => {
    const before = sorted[i - 1];
    return !before || !sameCidr(before, block);
  });
}

/** Rejects when no request has arrived; the engine asks for this only when everything is known. */
function stateOf(inputs: AddressPoolInputs): Promise<AddressPoolState> {
  const { deployments } = inputs;
  if (typeof deployments === "object") return Promise.resolve({ ...inputs, deployments });
  return Promise.reject(
    new FerryError({
      kind: "settings",
      reason: `the addresses of cluster '${inputs.cluster}' are not known: no deployment's request arrived`,
      advice: "Run `pulumi up` again",
      touched: "nothing",
    }),
  );
}
