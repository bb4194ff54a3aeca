import { parseAddress, parseCidr } from "../../../provider/core/addresses/ipv4";
import type {
  DeploymentRequest,
  DeploymentsAddresses,
  Release,
  SubnetRequest,
} from "../../../provider/core/addresses/model";
import { planPool } from "../../../provider/core/addresses/plan";
import {
  readHistory,
  writeDeployments,
  writeReleased,
} from "../../../provider/core/addresses/state";
import type { InputProblem } from "../../../provider/core/errors";

/** What state keeps between updates. */
export interface Kept {
  readonly deployments: DeploymentsAddresses;
  readonly released?: Readonly<Record<string, Release>>;
}

export const NOTHING: Kept = { deployments: {} };

export interface Settings {
  readonly pool: string;
  readonly exclude?: readonly string[];
}

/** One check, from what state keeps to what state would keep. */
export function plan(
  { pool, exclude = [] }: Settings,
  kept: Kept,
  requests: readonly DeploymentRequest[],
): { kept: Kept; problems: readonly InputProblem[] } {
  const settings = { pool: parseCidr(pool), exclude: exclude.map(parseCidr) };
  const result = planPool(
    settings,
    readHistory(kept.deployments, kept.released),
    requests.map(read),
  );
  return {
    kept: { deployments: writeDeployments(result.deployments), ...writeReleased(result.released) },
    problems: result.problems,
  };
}

/** As `plan`, for updates that must work; looks again to see that a second one changes nothing. */
export function update(
  settings: Settings,
  kept: Kept,
  requests: readonly DeploymentRequest[],
): Kept {
  const first = plan(settings, kept, requests);
  expect(first.problems).toEqual([]);
  const second = plan(settings, first.kept, requests);
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  return first.kept;
}

/** The reasons, when something must be wrong. */
export function refusal(
  settings: Settings,
  kept: Kept,
  requests: readonly DeploymentRequest[],
): string[] {
  return plan(settings, kept, requests).problems.map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
}

/** A request for so many replicas of each service, with what the user fixed. */
export function deployment(
  name: string,
  services: Readonly<Record<string, number>>,
  fixed: { subnet?: string; ips?: Readonly<Record<string, string>> } = {},
): DeploymentRequest {
  const keys = Object.entries(services).flatMap(([service, count]) =>
    Array.from({ length: count }, (_, i) => `${service}-${i}`),
  );
  return {
    deployment: name,
    ...(fixed.subnet !== undefined && { subnet: fixed.subnet }),
    replicas: keys.map((key) => {
      const ip = fixed.ips?.[key];
      return { key, ...(ip !== undefined && { ip }) };
    }),
  };
}

function read({ deployment: name, subnet, replicas }: DeploymentRequest): SubnetRequest {
  return {
    deployment: name,
    ...(subnet !== undefined && { subnet: parseCidr(subnet) }),
    replicas: replicas.map(({ key, ip }) => ({
      key,
      ...(ip !== undefined && { ip: parseAddress(ip) }),
    })),
  };
}
