import { all, isSecret, output, secret, unsecret, type Input, type Output } from "@pulumi/pulumi";
import { mistake } from "../provider/resources/mistake";
import type { DeploymentArgs } from "./deployment-args";
import type { ComposeText } from "./load-application";
import { boxed, isPlain, known, type Known } from "./known";

/** What decides which services, replicas and volumes there are. */
export interface DeploymentShape extends ComposeText {
  readonly scale: Readonly<Record<string, number>>;
}

type Shaping = Pick<
  DeploymentArgs,
  "compose" | "variables" | "scale" | "envFile" | "profiles" | "ignore" | "publish"
>;

/** Known while the program runs where all of it is plain, single variables left out. */
export function deploymentShape(name: string, args: Shaping): Known<DeploymentShape> {
  const { compose, variables = {}, scale = {}, envFile, profiles = [], ignore = [] } = args;
  const everywhere = Object.keys(args.publish ?? {});
  const reading = { profiles, ignore, everywhere, ...(envFile === undefined ? {} : { envFile }) };
  if (isPlain(compose) && isPlain(variables) && isPlain(scale) && hasPlainCounts(scale))
    return { now: { compose, variables, scale, secret: false, ...reading } };
  // Names and numbers are no secret: resources are named after them.
  const parts = all([compose, secretly(output(compose)), variablesIn(variables), scale]);
  return {
    later: unsecret(parts).apply(([text, hidden, given, counts]) => {
      if (typeof text !== "string" && !isTexts(text))
        throw mistake(`Deployment '${name}': compose: the output brings no text.`);
      const scale = (counts as Record<string, number> | null | undefined) ?? {};
      return boxed({ compose: text, variables: given(), scale, secret: hidden, ...reading });
    }),
  };
}

const isTexts = (given: unknown): given is string[] =>
  Array.isArray(given) && given.length > 0 && given.every((each) => typeof each === "string");

const hasPlainCounts = (
  scale: Readonly<Record<string, Input<number>>>,
): scale is Record<string, number> => Object.values(scale).every(isPlain);

const secretly = (given: Output<unknown>): Output<boolean> => output(isSecret(given));

/**
 * In a box, as some may be outputs. A secret's are secrets one by one; others are as good as plain,
 * once they are there.
 */
function variablesIn(
  variables: NonNullable<DeploymentArgs["variables"]>,
): Output<() => Record<string, Input<string>>> {
  const given = known(variables);
  if ("now" in given) return output(boxed(given.now));
  return all([unsecret(given.later), secretly(given.later)]).apply(([box, hidden]) => {
    const values = (box() as Record<string, Input<string>> | undefined) ?? {};
    return boxed(hidden ? Object.fromEntries(Object.entries(values).map(keptSecret)) : values);
  });
}

const keptSecret = ([name, value]: [string, Input<string>]): [string, Input<string>] => [
  name,
  secret(value),
];
