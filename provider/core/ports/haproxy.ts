import type { AddressedService } from "./everywhere";
import { dnsQuestion, dnsAnswer } from "./dns-question";

/** What listens in the container: Docker publishes it, so that no port below 1024 is asked for. */
export const FIRST_LISTENER = 10001;

const HEAD = `global
  log stdout format raw local0 notice
  maxconn 8000
  # A host may allow fewer files than that asks for.
  no strict-limits

defaults
  log global
  mode tcp
  balance roundrobin
  timeout connect 1s
  timeout check 1s
  timeout client 1d
  timeout server 1d
  timeout tunnel 1d
  timeout http-request 30s
  timeout http-keep-alive 1m
  # Whoever asks during a move waits for it; of several replicas the next one is tried.
  retries 60
  option redispatch 1
  default-server inter 1s fall 1 rise 1
`;

/**
 * HAProxy's settings for the ports of a deployment, the same on every host: replicas keep their
 * addresses for life. Which of them are well is asked of the host's name server, where an unhealthy
 * one is not among the addresses of its service (ADR 0033), over TCP as HAProxy's checks are. Where
 * none is, or no name server answers, all are tried.
 */
export function haproxyConfig(deployment: string, services: readonly AddressedService[]): string {
  const listeners = listenersOf(services);
  return [
    `# Written by pulumi-ferry: ports of deployment '${deployment}' that answer on every host.`,
    HEAD,
    ...listeners.map(({ service, targetPort, at }) => frontend(service, targetPort, at)),
    ...services.flatMap((service) => [
      ...targetsOf(service).map((port) => backends(service, port)),
      ...service.replicas.map((replica) => health(service, replica)),
    ]),
  ].join("\n");
}

export interface Listener {
  readonly service: AddressedService;
  readonly targetPort: number;
  /** In the container. */
  readonly at: number;
  /** As `docker create -p` takes it. */
  readonly published: string;
}

/** One for each port, in an order that only the ports decide. */
export function listenersOf(services: readonly AddressedService[]): Listener[] {
  const all = services.flatMap((service) => service.ports.map((port) => ({ service, ...port })));
  const sorted = all.sort(
    (a, b) => a.hostPort - b.hostPort || ((a.hostIp ?? "") < (b.hostIp ?? "") ? -1 : 1),
  );
  return sorted.map(({ service, hostPort, hostIp, targetPort }, index) => {
    const at = FIRST_LISTENER + index;
    const ip = hostIp?.includes(":") === true ? `[${hostIp}]` : hostIp;
    const published = `${ip === undefined ? "" : `${ip}:`}${hostPort}:${at}/tcp`;
    return { service, targetPort, at, published };
  });
}

const targetsOf = ({ ports }: AddressedService) =>
  [...new Set(ports.map(({ targetPort }) => targetPort))].sort((a, b) => a - b);

const modeOf = ({ proxy }: AddressedService) =>
  proxy === "http" ? ["  mode http", "  option forwardfor"] : [];

function frontend(service: AddressedService, targetPort: number, at: number): string {
  const name = `${service.label}:${targetPort}`;
  return [
    `frontend ${at}`,
    `  bind :${at}`,
    ...modeOf(service).slice(0, 1),
    `  use_backend any:${name} if { nbsrv(${name}) eq 0 }`,
    `  default_backend ${name}`,
    "",
  ].join("\n");
}

/** Those that are well, and for when nobody is known to be, all of them. */
function backends(service: AddressedService, targetPort: number): string {
  const { label, replicas, proxy } = service;
  const words = proxy === "protocol" ? " send-proxy-v2" : "";
  const servers = (known: boolean) =>
    replicas.map(({ index, address }) => {
      const check = known ? ` track health:${label}:${index}/name` : "";
      return `  server ${label}-${index} ${address}:${targetPort}${words}${check}`;
    });
  return [
    `backend ${label}:${targetPort}`,
    ...modeOf(service),
    ...servers(true),
    "",
    `backend any:${label}:${targetPort}`,
    ...modeOf(service),
    ...servers(false),
    "",
  ].join("\n");
}

function health(
  { label, dnsName }: AddressedService,
  { index, address }: AddressedService["replicas"][number],
): string {
  return [
    `backend health:${label}:${index}`,
    "  option tcp-check",
    "  tcp-check connect",
    `  tcp-check send-binary ${dnsQuestion(dnsName)}`,
    `  tcp-check expect binary ${dnsAnswer(address)}`,
    '  server name "${FERRY_DNS}:53" check',
    "",
  ].join("\n");
}
