import { handedOn } from "../core/addresses/handed-on";
import { parseCidr, type Cidr } from "../core/addresses/ipv4";
import { planLate, type LateKnowledge } from "../core/addresses/late";
import type {
  DeploymentAddresses,
  DeploymentsAddresses,
  SubnetRequest,
} from "../core/addresses/model";
import { renamed } from "../core/addresses/renamed";
import { readHistory, writeDeployments } from "../core/addresses/state";
import { FerryError, type InputProblem } from "../core/errors";
import { containsUnknown, isUnknown, UNKNOWN } from "../core/unknown";
import { refuseWhatIsInUse } from "./address-pool-handing-on";
import { readRequests } from "./address-pool-requests";
import { attempt, readSettings } from "./address-pool-settings";
import type { Handler, HandlerContext, Props } from "./handler";
import { programs as programsOfThisRun, type Programs } from "./programs";

/** What state keeps of a deployment that was declared after its cluster's pool had been planned. */
export interface LateSubnetState extends DeploymentAddresses {
  readonly cluster: string;
  readonly deployment: string;
}

/**
 * The subnet and the leases of one deployment that came too late for the pool. As in the pool all
 * is decided in `check`; what the program tells of the pool, and of those that came late before, is
 * used up there and not kept.
 */
export function lateSubnetHandler(
  { hosts }: Pick<HandlerContext, "hosts">,
  programs: Programs = programsOfThisRun,
): Handler<LateSubnetState, LateSubnetState> {
  const tools = { hosts, programs };
  const made = async (inputs: LateSubnetState, olds?: LateSubnetState) => {
    const { cluster, deployment: to, ...now } = inputs;
    if (isUnknown(now.subnet)) throw notKnown(inputs);
    const block = parseCidr(now.subnet);
    // Whoever has its old name later is somebody else.
    const formerly = olds === undefined ? (now.formerly ?? []) : [];
    const fresh = olds?.subnet === now.subnet ? [] : [{ block, to, formerly }];
    const before = olds === undefined ? {} : { [to]: olds };
    const handed = handedOn({ deployments: before }, { deployments: { [to]: now } });
    await refuseWhatIsInUse(tools, cluster, [...handed, ...fresh]);
    return inputs;
  };
  return {
    replaces: ["cluster", "deployment"],
    check,
    create: async (inputs) => ({
      id: `${inputs.cluster}/${inputs.deployment}`,
      outs: await made(inputs),
    }),
    read: (_id, outs) => Promise.resolve({ inputs: outs, outs }),
    update: (_id, olds, inputs) => made(inputs, olds),
    delete: () => Promise.resolve(),
  };
}

function check(
  olds: Partial<LateSubnetState>,
  news: Props,
): { inputs: LateSubnetState; problems: InputProblem[] } {
  const problems: InputProblem[] = [];
  const { pool, exclude } = readSettings(news, problems);
  const { deployment, formerly, subnet, replicas } = news;
  const requests = readRequests([{ deployment, formerly, subnet, replicas }], problems);
  const request = typeof requests === "string" ? undefined : requests[0];
  const base = { cluster: String(news["cluster"]), deployment: String(deployment) };
  const unknown = isUnknown(news["known"]) || !pool || !exclude || request === undefined;
  const knowledge = unknown
    ? undefined
    : attempt("known", problems, () => knowledgeOf(request, olds, news));
  if (problems.length > 0 || unknown || knowledge === undefined) {
    return { inputs: { ...base, ...oldAddresses(olds, problems) }, problems };
  }
  const { planned, problems: found } = planLate({ pool, exclude }, knowledge, request);
  const addresses = planned && writeDeployments(new Map([[base.deployment, planned]]));
  return {
    inputs: {
      ...base,
      ...(addresses?.[base.deployment] ?? oldAddresses(olds, found)),
    },
    problems: [...found],
  };
}

/**
 * What it has itself it knows best; else what the pool remembers of it from a run in which it came
 * in time.
 */
function knowledgeOf(
  { deployment, formerly = [] }: SubnetRequest,
  olds: Partial<LateSubnetState>,
  news: Props,
): LateKnowledge {
  const known = news["known"] as DeploymentsAddresses;
  const before = Object.entries((news["before"] ?? {}) as Record<string, string>);
  const mayBe = hasAddresses(olds) || known[deployment] !== undefined ? [] : formerly;
  // One that the program names, in time or late, is somebody else by now.
  const former = mayBe.find(
    (name) => known[name]?.missing !== undefined && !before.some(([each]) => each === name),
  );
  const inTime = Object.entries(known).filter(([name]) => name !== deployment && name !== former);
  const others = new Map<string, Cidr>(
    [...inTime.map(([name, each]): [string, string] => [name, each.subnet]), ...before]
      .filter(([, subnet]) => !containsUnknown(subnet))
      .map(([name, subnet]) => [name, parseCidr(subnet)]),
  );
  const present = new Set(
    [...inTime.filter(([, { missing }]) => missing === undefined), ...before].map(([name]) => name),
  );
  const own = hasAddresses(olds) ? olds : known[former ?? deployment];
  const history = own && readHistory({ [deployment]: own }).deployments.get(deployment);
  if (history === undefined) return { others, present };
  return { others, present, own: former === undefined ? history : renamed(history, former) };
}

/** `olds` is {} at a create, and may hold what was not known. */
function hasAddresses(olds: Partial<LateSubnetState>): olds is LateSubnetState {
  return olds.subnet !== undefined && !containsUnknown(olds);
}

function oldAddresses(
  olds: Partial<LateSubnetState>,
  problems: readonly InputProblem[],
): DeploymentAddresses {
  if (problems.length === 0 || !hasAddresses(olds)) {
    return { subnet: UNKNOWN, leases: UNKNOWN as unknown as Record<string, string> };
  }
  const { subnet, leases, released, formerly } = olds;
  return { subnet, leases, ...(released && { released }), ...(formerly && { formerly }) };
}

function notKnown({ cluster, deployment }: LateSubnetState): FerryError {
  return new FerryError({
    kind: "ours",
    what: `handing out the addresses of deployment '${deployment}' of cluster '${cluster}'`,
    reason: "they are not known",
    touched: "nothing",
    advice: "Run `pulumi up` again",
  });
}
