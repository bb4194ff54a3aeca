import type { Application, Service } from "./application";
import { joinedBy } from "./replica/own-network";
import { validateDnsLabel } from "./compose";

/**
 * What a program says of a deployment; a host that is not known while the program runs is anything
 * but a string.
 */
export interface DeploymentRequest {
  readonly deployment: string;
  readonly application: Application;
  /** Absent where they are not known yet. */
  readonly hostNames?: readonly string[];
  readonly hosts?: Readonly<Record<string, unknown>> | undefined;
  readonly scale?: Readonly<Record<string, number>> | undefined;
  readonly environment?: Readonly<Record<string, unknown>> | undefined;
  readonly ips?: Readonly<Record<string, unknown>> | undefined;
  readonly onSourceLost?: Readonly<Record<string, unknown>> | undefined;
  readonly quiesce?: Readonly<Record<string, unknown>> | undefined;
  readonly resume?: Readonly<Record<string, unknown>> | undefined;
  /** Of all services, or of these. */
  readonly secretEnvironment?: unknown;
}

/** Args that are given by service. */
const BY_SERVICE = [
  "hosts",
  "scale",
  "environment",
  "ips",
  "onSourceLost",
  "quiesce",
  "resume",
] as const;

/**
 * What is wrong with a deployment's args and can be said while the program runs, before anything is
 * registered: one sentence each, with the property in front. What depends on values that come later
 * is said by the resources' `check`.
 */
export function deploymentProblems(request: DeploymentRequest): string[] {
  const wrongName = validateDnsLabel(request.deployment);
  return [
    ...(wrongName === undefined ? [] : [`name: ${wrongName}`]),
    ...unknownServices(request),
    ...unknownHosts(request),
    ...wrongScales(request),
    ...unevenScales(request),
    ...scatteredVolumes(request),
  ];
}

/** What is wrong with an arg that came later than the others; those have been looked at. */
export function lateProblems({ scale, ...given }: DeploymentRequest): string[] {
  return [
    ...unknownServices(given),
    ...unknownHosts(given),
    ...scatteredVolumes({ ...given, scale }),
  ];
}

function unknownServices({ application, ...given }: DeploymentRequest): string[] {
  const services = Object.keys(application.services);
  const { secretEnvironment } = given;
  const named = Array.isArray(secretEnvironment) ? (secretEnvironment as string[]) : [];
  const naming = [
    ...BY_SERVICE.map((property) => [property, Object.keys(given[property] ?? {})] as const),
    ["secretEnvironment", named] as const,
  ];
  return naming.flatMap(([property, names]) =>
    names
      .filter((name) => !services.includes(name))
      .map(
        (name) =>
          `${property}.${name}: the file has no service '${name}'. It has: ${services.join(", ")}.`,
      ),
  );
}

function unknownHosts({ hosts, hostNames }: DeploymentRequest): string[] {
  if (hostNames === undefined) return [];
  return Object.entries(hosts ?? {}).flatMap(([service, given]) =>
    (Array.isArray(given) ? given : [given])
      .filter((host): host is string => typeof host === "string" && !hostNames.includes(host))
      .map(
        (host) =>
          `hosts.${service}: the cluster has no host '${host}'. It has: ${hostNames.join(", ")}.`,
      ),
  );
}

function wrongScales({ scale }: DeploymentRequest): string[] {
  return Object.entries(scale ?? {})
    .filter(([, count]) => !Number.isInteger(count) || count < 0)
    .map(([service, count]) => `scale.${service}: ${count} is no number of replicas.`);
}

/** A replica that is in the namespaces of another one is with that of the same number. */
function unevenScales({ application, scale = {} }: DeploymentRequest): string[] {
  const countOf = (service: Service | undefined) =>
    scale[service?.name ?? ""] ?? service?.scale ?? 0;
  return Object.values(application.services).flatMap((service) =>
    joinedBy(service.container, "service").flatMap((other) => {
      const [mine, there] = [countOf(service), countOf(application.services[other])];
      if (mine <= there) return [];
      return [
        `scale.${service.name}: ${mine} replicas are in the namespaces of '${other}', which has ${there}. Give both the same scale.`,
      ];
    }),
  );
}

/** A volume lives on one host: replicas that mount it cannot be given different ones. */
function scatteredVolumes({ application, hosts, scale }: DeploymentRequest): string[] {
  return Object.keys(application.volumes).flatMap((volume) => {
    const users = Object.values(application.services)
      .filter((service) => mounts(service, volume))
      .flatMap((service) => placed(service, hosts?.[service.name], scale?.[service.name]));
    if (new Set(users.map(({ host }) => host)).size < 2) return [];
    const where = users.map(({ replica, host }) => `${replica} on ${host}`).join(", ");
    return [
      `volume '${volume}' lives on one host, and its replicas are on several: ${where}. ` +
        `Give them one host, or each service a volume of its own.`,
    ];
  });
}

function mounts(service: Service, volume: string): boolean {
  return (service.container.mounts ?? []).some(
    (mount) => mount.type === "volume" && mount.volume === volume,
  );
}

function placed(
  service: Service,
  given: unknown,
  scale = service.scale,
): { replica: string; host: string }[] {
  return Array.from({ length: scale }, (_, index) => {
    const host: unknown = Array.isArray(given) ? given[index] : given;
    return typeof host === "string" ? [{ replica: `${service.name}-${index}`, host }] : [];
  }).flat();
}
