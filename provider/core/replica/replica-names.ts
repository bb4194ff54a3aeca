import { containerName, dnsName } from "../identity";
import type { ReplicaIdentity } from "../identity";

/** Linux cuts a host name and a domain name at 64 bytes; one is for the end. */
const LONGEST_KERNEL_NAME = 63;
const LONGEST_LABEL = 63;
const LONGEST_DNS_NAME = 253;

/**
 * How messages call a replica: "apples/redis", and "apples/web/1" for the second one of a service.
 */
export function replicaLabel(
  of: Pick<ReplicaIdentity, "deployment" | "service" | "index">,
): string {
  return `${of.deployment}/${of.service}${of.index === 0 ? "" : `/${of.index}`}`;
}

/** "shop/prod/apples/backup/0" as messages call it. */
export function labelOfId(id: string): string {
  const [, , deployment = "", service = "", index = "0"] = id.split("/");
  return replicaLabel({ deployment, service, index: Number(index) });
}

/** What is wrong with a name that becomes one part of a DNS name; undefined when nothing is. */
export function labelProblem(name: string): string | undefined {
  if (name.length > LONGEST_LABEL) {
    return `'${name}' has ${name.length} characters; a part of a DNS name has at most ${LONGEST_LABEL}`;
  }
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name)) {
    return `'${name}' cannot be part of a DNS name: it needs letters, digits and hyphens only, with no hyphen at either end`;
  }
  return undefined;
}

/**
 * What is wrong with a replica's whole DNS name, given that service and deployment are proper
 * labels.
 */
export function dnsNameProblem(
  service: string,
  deployment: string,
  domain: string,
): string | undefined {
  const wrongLabel = domain
    .split(".")
    .map(labelProblem)
    .find((problem) => problem !== undefined);
  if (wrongLabel !== undefined) return `the DNS domain '${domain}' is no domain: ${wrongLabel}`;
  const ofContainer = `${deployment}.${domain}`;
  if (ofContainer.length > LONGEST_KERNEL_NAME) {
    return `the domain '${ofContainer}' has ${ofContainer.length} characters; a container's has at most ${LONGEST_KERNEL_NAME}`;
  }
  const name = dnsName(service, deployment, domain);
  return name.length > LONGEST_DNS_NAME
    ? `the DNS name '${name}' has ${name.length} characters; it may have ${LONGEST_DNS_NAME}`
    : undefined;
}

/** Names that follow from a replica's identity. */
export function replicaNames(of: ReplicaIdentity & { readonly dnsDomain: string }) {
  return {
    containerName: containerName(of),
    dnsName: dnsName(of.service, of.deployment, of.dnsDomain),
  };
}
