import type { Allocation, PoolHistory, SubnetRequest } from "./model";
import { compareText } from "./order";

/**
 * The history with what a renamed deployment has under its name of today. Only what nobody asks for
 * by the old name is taken over: whoever has that name by now keeps what it has.
 */
export function inNamesOfToday(
  history: PoolHistory,
  requests: readonly SubnetRequest[],
): PoolHistory {
  const asked = new Set(requests.map(({ deployment }) => deployment));
  const deployments = new Map(history.deployments);
  // In an order of their own, so that the order of the requests decides nothing.
  const sorted = [...requests].sort((a, b) => compareText(a.deployment, b.deployment));
  for (const { deployment, formerly = [] } of sorted) {
    if (deployments.has(deployment)) continue;
    const before = formerly.find((name) => deployments.has(name) && !asked.has(name));
    const had = before === undefined ? undefined : deployments.get(before);
    if (before === undefined || had === undefined) continue;
    deployments.delete(before);
    deployments.set(deployment, renamed(had, before));
  }
  return { ...history, deployments };
}

/** What one has had by a name of before, for its name of today. */
export function renamed({ missing: _missing, ...had }: Allocation, before: string): Allocation {
  return { ...had, formerly: [...new Set([before, ...(had.formerly ?? [])])] };
}
