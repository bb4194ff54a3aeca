import { all, isSecret, output, secret, unsecret, type Input, type Output } from "@pulumi/pulumi";
import type { DeploymentArgs } from "./deployment-args";
import { boxed, isPlain, type Known } from "./known";

/** What decides which services, replicas and volumes there are. */
export interface DeploymentShape {
  readonly compose: string;
  readonly variables: Readonly<Record<string, Input<string>>>;
  readonly scale: Readonly<Record<string, number>>;
  /** The file is a secret, and so is all that it says. */
  readonly secret: boolean;
}

type Shaping = Pick<DeploymentArgs, "compose" | "variables" | "scale">;

/** Known while the program runs where all of it is plain, single variables left out. */
export function deploymentShape(args: Shaping): Known<DeploymentShape> {
  const { compose, variables = {}, scale = {} } = args;
  if (isPlain(compose) && isPlain(variables) && isPlain(scale) && hasPlainCounts(scale))
    return { now: { compose, variables, scale, secret: false } };
  // Names and numbers are no secret: resources are named after them.
  const parts = all([compose, secretly(compose), variablesIn(variables), scale]);
  return {
    later: unsecret(parts).apply(([text, hidden, given, counts]) =>
      boxed({ compose: text, variables: given(), scale: counts, secret: hidden }),
    ),
  };
}

const hasPlainCounts = (
  scale: Readonly<Record<string, Input<number>>>,
): scale is Record<string, number> => Object.values(scale).every(isPlain);

const secretly = (input: Input<unknown>): Output<boolean> =>
  output(isPlain(input) ? false : isSecret(output(input)));

/**
 * In a box, as some may be outputs. A secret's are secrets one by one; others are as good as plain,
 * once they are there.
 */
function variablesIn(
  variables: NonNullable<DeploymentArgs["variables"]>,
): Output<() => Record<string, Input<string>>> {
  if (isPlain(variables)) return output(boxed(variables));
  return all([unsecret(output(variables)), secretly(variables)]).apply(([given, hidden]) =>
    boxed(hidden ? Object.fromEntries(Object.entries(given).map(keptSecret)) : given),
  );
}

const keptSecret = ([name, value]: [string, string]): [string, Input<string>] => [
  name,
  secret(value),
];
