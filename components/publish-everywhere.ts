import { all, getProject, getStack, unsecret, type Output } from "@pulumi/pulumi";
import { labelOf, type Service } from "../provider/core/application";
import {
  publishedEverywhere,
  publishedPorts,
  type AddressedService,
  type Publish,
} from "../provider/core/ports/everywhere";
import { haproxyConfig, listenersOf } from "../provider/core/ports/haproxy";
import { mistake } from "../provider/resources/mistake";
import { PortsResource } from "../provider/resources/ports-resource";
import { indicesOf } from "./deployment-hosts";
import type { Deploying } from "./deployment-parts";
import { isPlain } from "./known";
import type { ServiceReplica } from "./service-replica";

const DEFAULT_IMAGE = "haproxy:lts";

/** No replica has such a key. */
const keyOf = (host: string) => `ports@${host}`;

/** Addresses of the proxies on the overlay, for rules of who reaches whom; none where none is. */
export function proxyKeys({ loaded, args, internals }: Deploying): string[] {
  const published = publishedEverywhere(loaded.application, args.publish);
  if (published.size === 0 || !("now" in internals.hostNames)) return [];
  return internals.hostNames.now.map(keyOf);
}

/** What the proxies have to reach. */
export function publishedServices({ loaded, args }: Deploying): Service[] {
  const published = publishedEverywhere(loaded.application, args.publish);
  return Object.values(loaded.application.services).filter(({ name }) => published.has(name));
}

/** After the replicas that they lead to. */
export function createPorts(
  of: Deploying,
  replicas: Readonly<Record<string, readonly ServiceReplica[]>>,
): void {
  const { name, deployment, args, internals, parent } = of;
  const published = publishedServices(of);
  if (published.length === 0) return;
  const hosts = requireKnown(of, published);
  const subnet = args.subnet === undefined ? {} : { subnet: args.subnet };
  for (const host of hosts) internals.addresses.ask({ deployment, key: keyOf(host), ...subnet });
  const words = publishedEverywhere(of.loaded.application, args.publish);
  const shown = published.map((service) => describe(service, words.get(service.name) as Publish));
  const listeners = listenersOf(shown.map((each) => ({ ...each, dnsName: "", replicas: [] })));
  new PortsResource(
    `${name}-ports`,
    {
      ...{ project: getProject(), stack: getStack(), deployment },
      image: args.proxyImage ?? DEFAULT_IMAGE,
      ports: listeners.map(inWords),
      publish: listeners.map((each) => each.published),
      config: configOf(of, published, words),
      addresses: addressesOf(of, hosts),
      clusterHosts: internals.clusterHosts,
    },
    {
      parent,
      dependsOn: [internals.ready, ...published.flatMap((each) => replicas[each.name] ?? [])],
    },
  );
}

/** Which there are is no matter of outputs. */
function requireKnown(
  { deployment, loaded, internals }: Deploying,
  published: readonly Service[],
): readonly string[] {
  const late = published.find((service) => {
    const { ports } = loaded.container(service);
    return ports !== undefined && !isPlain(ports);
  });
  if (late !== undefined)
    throw mistake(
      `Deployment '${deployment}': publish.${late.name}: its \`ports\` follow from an output, and are to be known while the program runs.`,
    );
  if ("now" in internals.hostNames) return internals.hostNames.now;
  throw mistake(
    `Deployment '${deployment}': publish: which hosts the cluster has follows from an output, and is to be known while the program runs.`,
  );
}

function describe(service: Service, { proxy }: Publish) {
  return {
    label: labelOf(service),
    ...(proxy === undefined ? {} : { proxy }),
    ports: publishedPorts(service),
  };
}

/** "127.0.0.1:8080 -> web:80, by HTTP" */
function inWords({ service, targetPort, published }: ReturnType<typeof listenersOf>[number]) {
  const how = { protocol: ", with PROXY protocol", http: ", as HTTP" };
  const by = service.proxy === undefined ? "" : how[service.proxy];
  return `${published.replace(/:\d+\/tcp$/, "")} -> ${service.label}:${targetPort}${by}`;
}

/** Addresses are no secrets. */
function configOf(
  { deployment, scale, internals }: Deploying,
  published: readonly Service[],
  words: ReadonlyMap<string, Publish>,
): Output<string> {
  const found = all([unsecret(internals.addresses.of(deployment)), internals.dnsDomain]);
  return found.apply(([addresses, domain]) => {
    const leases = addresses?.leases;
    if (leases === undefined) return undefined as unknown as string;
    const services = published.map((service): AddressedService => {
      const label = labelOf(service);
      return {
        ...describe(service, words.get(service.name) as Publish),
        dnsName: `${label}.${deployment}.${domain}`,
        replicas: indicesOf(service, scale).flatMap((index) => {
          const address = leases[`${label}-${index}`];
          return address === undefined ? [] : [{ index, address }];
        }),
      };
    });
    return haproxyConfig(deployment, services);
  });
}

function addressesOf(
  { deployment, internals }: Deploying,
  hosts: readonly string[],
): Output<Record<string, string>> {
  return unsecret(internals.addresses.of(deployment)).apply((addresses) => {
    const { subnet, leases } = addresses ?? {};
    if (typeof subnet !== "string" || leases === undefined)
      return undefined as unknown as Record<string, string>;
    const [, prefix = ""] = subnet.split("/");
    return Object.fromEntries(
      hosts.flatMap((host) => {
        const address = leases[keyOf(host)];
        return address === undefined ? [] : [[host, `${address}/${prefix}`]];
      }),
    );
  });
}
