import { missingLinks, type MeshMember } from "../../core/weave/mesh";
import type { ClusterHealth } from "../../core/weave/mesh-inputs";

export type { ClusterHealth } from "../../core/weave/mesh-inputs";

/** How the network is; equal to the last word on it while nothing has changed. */
export function lookAtHealth(
  members: readonly MeshMember[],
  _previous: ClusterHealth | undefined,
  unreachable: Readonly<Record<string, string>> = {},
): Promise<ClusterHealth> {
  const problems = [...Object.keys(unreachable), ...missingLinks(members)].sort();
  return Promise.resolve({ status: problems.length === 0 ? "healthy" : "degraded", problems });
}
