import { getProject, getStack, unsecret, type Output, type Resource } from "@pulumi/pulumi";
import { labelOf } from "../provider/core/application";
import { separationRules, type SeparatedReplica } from "../provider/core/network/separation";
import { SeparationResource } from "../provider/resources/separation-resource";
import { indicesOf } from "./deployment-hosts";
import type { Deploying } from "./deployment-parts";
import { proxyKeys, publishedServices } from "./publish-everywhere";

/**
 * What keeps services apart that share no network, for replicas to wait for; nothing where
 * everybody reaches everybody.
 */
export function createSeparation(of: Deploying): Resource[] {
  const { name, deployment, loaded, internals, parent } = of;
  const services = Object.values(loaded.application.services);
  if (services.every(({ reach }) => reach === undefined)) return [];
  const resource = new SeparationResource(
    `${name}-separation`,
    {
      project: getProject(),
      stack: getStack(),
      deployment,
      rules: rulesOf(of),
      clusterHosts: internals.clusterHosts,
    },
    { parent, dependsOn: [internals.ready] },
  );
  return [resource];
}

/** Addresses are no secrets. */
function rulesOf(of: Deploying): Output<string> {
  const { deployment, loaded, scale, internals } = of;
  const services = Object.values(loaded.application.services);
  return unsecret(internals.addresses.of(deployment)).apply((addresses) => {
    if (typeof addresses?.subnet !== "string") return undefined as unknown as string;
    const { subnet, leases } = addresses;
    const replicas = services.flatMap((service) =>
      indicesOf(service, scale).flatMap((index) => {
        const address = leases[`${labelOf(service)}-${index}`];
        const { reach } = service;
        return address === undefined || reach === undefined ? [] : [{ address, reach }];
      }),
    );
    return separationRules(deployment, subnet, [...replicas, ...proxiesOf(of, leases)]);
  });
}

/** What answers for a service on every host reaches it, and those that it shares a network with. */
function proxiesOf(of: Deploying, leases: Readonly<Record<string, string>>): SeparatedReplica[] {
  const networks = publishedServices(of).flatMap(({ reach }) => reach?.networks ?? []);
  const reach = { networks: [...new Set(networks)].sort() };
  return proxyKeys(of).flatMap((key) => {
    const address = leases[key];
    return address === undefined ? [] : [{ address, reach }];
  });
}
