import type { InputProblem } from "../errors";
import type { ReplicaIdentity } from "../identity";
import type { JournalEntry } from "../move/journal";
import { containsUnknown } from "../unknown";

/**
 * "shop/prod" (project and stack) or "shop/prod/apples" (and the deployment); several, when it had
 * several names.
 */
export type FormerlyInput = string | readonly string[];

export type InDeployment = Pick<ReplicaIdentity, "project" | "stack" | "deployment">;

const FORM = /^[^/\s]+\/[^/\s]+(\/[^/\s]+)?$/;

/** "shop/prod/apples": what a replica or a volume belongs to. */
export function deploymentId({ project, stack, deployment }: InDeployment): string {
  return [project, stack, deployment].join("/");
}

/** Whole ids of deployments, today's own left out. */
export function formerDeployments(given: FormerlyInput | undefined, now: InDeployment): string[] {
  const texts = given === undefined ? [] : typeof given === "string" ? [given] : given;
  const whole = texts.map((text) =>
    text.split("/").length === 2 ? `${text}/${now.deployment}` : text,
  );
  return [...new Set(whole)].filter((id) => id !== deploymentId(now));
}

/** Names of the deployment itself among them, today's left out: what its addresses go by. */
export function formerNames(given: FormerlyInput | undefined, now: string): string[] {
  const texts = given === undefined ? [] : typeof given === "string" ? [given] : given;
  const names = texts.flatMap((text) => text.split("/")[2] ?? []);
  return [...new Set(names)].filter((name) => name !== now);
}

/**
 * What `check` makes of it, and what is wrong. A new name without the old one would leave
 * everything behind.
 */
export function decideFormerly(
  olds: Partial<InDeployment>,
  news: InDeployment & { readonly formerly?: FormerlyInput },
): { formerly: { readonly formerly?: readonly string[] }; problems: InputProblem[] } {
  const { formerly } = news;
  if (containsUnknown([formerly, news.project, news.stack, news.deployment])) {
    return {
      formerly: formerly === undefined ? {} : { formerly: formerly as string[] },
      problems: [],
    };
  }
  const wrong = (typeof formerly === "string" ? [formerly] : (formerly ?? [])).find(
    (text) => !FORM.test(text),
  );
  if (wrong !== undefined) {
    const reason = `'${wrong}' is neither "project/stack" nor "project/stack/deployment".`;
    return { formerly: {}, problems: [{ property: "formerly", reason }] };
  }
  const former = formerDeployments(formerly, news);
  const problems = isTakenOver(olds, news, former) ? [] : [leftBehind(olds as InDeployment, news)];
  return { formerly: former.length === 0 ? {} : { formerly: former }, problems };
}

/** It is as before, or the program says that it was who state says it is. */
function isTakenOver(olds: Partial<InDeployment>, news: InDeployment, former: readonly string[]) {
  const { project, stack, deployment } = olds;
  if (project === undefined || stack === undefined || deployment === undefined) return true;
  if (containsUnknown([project, stack, deployment])) return true;
  const before = deploymentId({ project, stack, deployment });
  return before === deploymentId(news) || former.includes(before);
}

function leftBehind(olds: InDeployment, news: InDeployment): InputProblem {
  const property = (["project", "stack", "deployment"] as const).find(
    (each) => olds[each] !== news[each],
  );
  const [before, now] = [deploymentId(olds), deploymentId(news)];
  const sameDeployment = olds.deployment === news.deployment;
  const say = sameDeployment ? `${olds.project}/${olds.stack}` : before;
  const apart =
    property === "deployment" ? " To begin a new one instead, give its resource another name." : "";
  return {
    property: property ?? "deployment",
    reason:
      `'${before}' is called '${now}' now. Say \`formerly: "${say}"\`, and its containers and data are taken over; without ` +
      `that they would be left behind.${apart}`,
  };
}

/** Ids of the replica, today's first. */
export function replicaIds(
  of: ReplicaIdentity & { readonly formerly?: readonly string[] },
): [string, ...string[]] {
  const { formerly = [], service, index } = of;
  const id = (deployment: string) => [deployment, service, index].join("/");
  return [id(deploymentId(of)), ...formerly.map(id)];
}

/** Ids that a volume of this key had before. */
export function formerVolumeIds(formerly: readonly string[] | undefined, key: string): string[] {
  return (formerly ?? []).map((deployment) => `${deployment}/${key}`);
}

/** For a preview: what is taken over; undefined when nothing is. */
export function takenOverInWords(
  olds: Partial<InDeployment>,
  news: InDeployment & { readonly formerly?: readonly string[] },
): string | undefined {
  const { formerly } = news;
  if (formerly === undefined || containsUnknown([formerly, olds.project, olds.stack]))
    return undefined;
  const { project, stack, deployment } = olds;
  if (project === undefined || stack === undefined || deployment === undefined) {
    const who = formerly.map((id) => `'${id}'`).join(" or ");
    return `takes over its container and data from ${who} where there are any: one stop, and its data stays where it is`;
  }
  const before = deploymentId({ project, stack, deployment });
  if (before === deploymentId(news)) return undefined;
  return (
    `takes over its container and data from '${before}': its container is made anew in one stop, and its data and address ` +
    "stay"
  );
}

/** The journal that counts of those by earlier names, as it is by today's. */
export function newestOf(
  entries: readonly JournalEntry[],
  of: ReplicaIdentity & { readonly formerly?: readonly string[] },
): JournalEntry | undefined {
  const [newest] = [...entries].sort((a, b) => b.epoch - a.epoch);
  if (newest === undefined) return undefined;
  const renamed = { ...newest, replica: replicaIds(of)[0] };
  const lead = newest.with === undefined ? undefined : nameOfToday(newest.with, of);
  return lead === undefined ? renamed : { ...renamed, with: lead };
}

/** Whoever shares a volume with it was renamed with the deployment. */
function nameOfToday(
  id: string,
  of: InDeployment & { readonly formerly?: readonly string[] },
): string {
  const before = of.formerly?.find((deployment) => id.startsWith(`${deployment}/`));
  return before === undefined ? id : deploymentId(of) + id.slice(before.length);
}
