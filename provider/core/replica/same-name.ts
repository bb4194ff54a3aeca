import { LABELS, type ReplicaIdentity } from "../identity";
import type { ContainerState } from "../adapter-ports";
import { isInDeployment } from "../volume/owner";

/**
 * Whose containers these may be: its own, under today's name of its deployment or an earlier one.
 */
type Named = Pick<ReplicaIdentity, "project" | "stack" | "deployment" | "service"> & {
  readonly dnsDomain: string;
  /** Deployments that it was in before: "shop/prod/apples". */
  readonly formerly?: readonly string[];
};

/**
 * Labels of every container that may answer for the name of a replica's service, whoever's it is.
 */
export function labelsOfName({ deployment, service }: Named): Record<string, string> {
  return { [LABELS.deployment]: deployment, [LABELS.service]: service };
}

/**
 * The replica of another stack or project that answers for the same DNS name: clients would get the
 * addresses of both. Undefined when the container is none.
 */
export function namesake(container: ContainerState, replica: Named): string | undefined {
  const { labels, domainname } = container;
  const { deployment, service, dnsDomain } = replica;
  if (isInDeployment(labels, replica)) return undefined;
  if (labels[LABELS.deployment] !== deployment || labels[LABELS.service] !== service) {
    return undefined;
  }
  return domainname === `${deployment}.${dnsDomain}` ? labels[LABELS.replica] : undefined;
}
