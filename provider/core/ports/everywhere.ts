import type { Application, Service } from "../application";
import type { PortBinding } from "../container-spec";
import { sharesAddress } from "../port-binding";
import { hasOwnNetwork } from "../replica/own-network";

/**
 * How a client's address gets to the replicas: by the PROXY protocol, version 2, which their program
 * has to read, or for HTTP by the header `X-Forwarded-For`.
 */
export type ProxyWord = "protocol" | "http";
export const PROXY_WORDS = ["protocol", "http"] as const satisfies readonly ProxyWord[];

/** A service whose ports answer on every host. */
export interface Publish {
  /** On every host of the cluster. */
  readonly on: "everywhere";
  /** Absent: replicas see the host's proxy as their client. */
  readonly proxy?: ProxyWord;
}

export interface PublishedPort {
  readonly hostPort: number;
  /** Absent: all of the host's. */
  readonly hostIp?: string;
  /** The replicas'. */
  readonly targetPort: number;
}

/** Such a service, once its replicas have addresses. */
export interface AddressedService {
  readonly label: string;
  /** Gives the addresses of those that are well. */
  readonly dnsName: string;
  readonly proxy?: ProxyWord;
  readonly ports: readonly PublishedPort[];
  readonly replicas: readonly { readonly index: number; readonly address: string }[];
}

/** What a program says of one service: a word, or more. */
export type PublishInput = "everywhere" | Publish;

/** What the file says, and the program instead where it says something. */
export function publishedEverywhere(
  { services }: Application,
  given: Readonly<Record<string, PublishInput>> = {},
): ReadonlyMap<string, Publish> {
  return new Map(
    Object.values(services).flatMap(({ name, publish }): [string, Publish][] => {
      const said = Object.hasOwn(given, name) ? given[name] : publish;
      if (said === undefined) return [];
      return [[name, said === "everywhere" ? { on: said } : said]];
    }),
  );
}

/** Only of a service that `publishProblems` has nothing against. */
export function publishedPorts({ container }: Pick<Service, "container">): PublishedPort[] {
  return (container.ports ?? []).map(({ hostPort = 0, hostIp, containerPort }) => ({
    hostPort,
    ...(hostIp === undefined ? {} : { hostIp }),
    targetPort: containerPort,
  }));
}

/** What keeps services from being published so: a sentence each, the property in front. */
export function publishProblems(
  application: Application,
  given: Readonly<Record<string, PublishInput>> = {},
): string[] {
  const { services } = application;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(services, name));
  if (unknown.length > 0)
    return unknown.map(
      (name) =>
        `publish.${name}: the file has no service '${name}'. It has: ${Object.keys(services).join(", ")}.`,
    );
  const wrong = Object.entries(given).flatMap(([name, said]) => wordsProblem(name, said));
  if (wrong.length > 0) return wrong;
  const published = [...publishedEverywhere(application, given).keys()].map(
    (name) => services[name] as Service,
  );
  return [...published.flatMap(serviceProblems), ...sharedPorts(published)];
}

/** A program need not be checked by a compiler. */
function wordsProblem(name: string, said: PublishInput): string[] {
  const { on, proxy } = said === "everywhere" ? { on: said } : (said as Partial<Publish>);
  if (on !== "everywhere")
    return [`publish.${name}: is neither "everywhere" nor { on: "everywhere", proxy: ... }.`];
  if (proxy === undefined || PROXY_WORDS.includes(proxy)) return [];
  return [`publish.${name}.proxy: "${proxy as string}" is neither "protocol" nor "http".`];
}

function serviceProblems(service: Service): string[] {
  const why = (reason: string) => [`publish.${service.name}: ${reason}`];
  const { container, reach } = service;
  if (!hasOwnNetwork(container))
    return why(
      "it has no address of its own on the overlay (`network_mode`), and its ports cannot answer everywhere.",
    );
  if (reach !== undefined && (reach.internal === true || reach.networks.length === 0))
    return why("it is on no network that leads out of the deployment, and is not published.");
  const ports = container.ports ?? [];
  if (ports.length === 0) return why("it has no `ports`. Say which port is to answer.");
  return ports.flatMap((port) => {
    const reason = portProblem(port);
    return reason === undefined ? [] : why(reason);
  });
}

function portProblem({ hostPort, containerPort, protocol }: PortBinding): string | undefined {
  if (protocol !== "tcp")
    return `port ${containerPort}/${protocol} is not TCP, which alone answers everywhere. Take it out, or put it into a service of its own that its host publishes.`;
  if (hostPort !== undefined) return undefined;
  return `port ${containerPort} has no one port of the host, and would be another on each. Write "8080:${containerPort}".`;
}

/** Of one deployment; what others have is known to the provider alone. */
function sharedPorts(services: readonly Service[]): string[] {
  const all = services.flatMap(({ name, container }) =>
    (container.ports ?? []).map((port) => ({ name, port })),
  );
  const byPort = new Map<string, typeof all>();
  return all.flatMap((each) => {
    const { name, port } = each;
    if (port.hostPort === undefined) return [];
    const key = `${port.hostPort}/${port.protocol}`;
    const others = byPort.get(key) ?? [];
    byPort.set(key, [...others, each]);
    const other = others.find((one) => sharesAddress(one.port, port));
    if (other === undefined) return [];
    return [
      `publish.${name}: port ${key} answers for '${other.name}' on every host as well. Give one of the two another port.`,
    ];
  });
}
