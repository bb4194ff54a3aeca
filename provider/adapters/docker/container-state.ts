import type { ContainerInspectInfo } from "dockerode";
import type { ContainerSpec, RestartPolicy } from "../../core/container-spec";
import { joinedBy } from "../../core/replica/own-network";
import { network } from "../../core/network";
import type { ContainerState } from "../../core/adapter-ports";
import { limitsIn } from "./limits";
import { mountsOf } from "./mounts";

const STATUSES = [
  "created",
  "running",
  "paused",
  "restarting",
  "removing",
  "exited",
  "dead",
] as const;
const HEALTHS = ["starting", "healthy", "unhealthy"] as const;
const RESTARTS = ["always", "unless-stopped", "on-failure"] as const;

/**
 * Docker's answer to `inspect`, in our words. Older daemons leave fields out; newer ones add some.
 */
export function containerState(info: ContainerInspectInfo): ContainerState {
  const { State: state, Config: config } = info;
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ""),
    image: config.Image,
    imageId: info.Image,
    labels: { ...(config.Labels as Record<string, string> | null) },
    status: oneOf(STATUSES, state.Status) ?? (state.Running ? "running" : "exited"),
    exitCode: state.ExitCode,
    error: state.Error,
    pid: state.Pid,
    health: oneOf(HEALTHS, state.Health?.Status) ?? "none",
    restart: restart(info),
    ...limits(info),
    ...domain(config),
    environment: [...((config.Env as string[] | null) ?? [])],
    ...joins(info.HostConfig),
    startedAt: state.StartedAt,
    ...stopTimeout(config),
    mounts: mountsOf(info, isProxied(info)),
    publishedPorts: publishedPorts(info),
  };
}

/** Its network's proxy puts a program in front of the entry point, which waits for the address. */
export function isProxied(info: Pick<ContainerInspectInfo, "Config">): boolean {
  const entrypoint = info.Config.Entrypoint;
  return [entrypoint].flat()[0]?.startsWith(network.program) ?? false;
}

function joins({ NetworkMode, IpcMode, PidMode }: ContainerInspectInfo["HostConfig"]) {
  const modes = { networkNamespace: NetworkMode, ipcNamespace: IpcMode, pidNamespace: PidMode };
  const joined = joinedBy(modes as ContainerSpec, "container");
  return joined.length === 0 ? {} : { joins: joined };
}

function domain({ Domainname }: { Domainname?: string }) {
  return Domainname === undefined || Domainname === "" ? {} : { domainname: Domainname };
}

/** The types of dockerode do not know it. */
function stopTimeout(config: object) {
  const seconds = "StopTimeout" in config ? config.StopTimeout : undefined;
  return typeof seconds === "number" ? { stopTimeoutSeconds: seconds } : {};
}

function restart(info: ContainerInspectInfo): RestartPolicy {
  const policy = info.HostConfig.RestartPolicy;
  const name = oneOf(RESTARTS, policy?.Name) ?? "no";
  const count = policy?.MaximumRetryCount ?? 0;
  return name === "on-failure" && count > 0 ? { name, maximumRetryCount: count } : { name };
}

function limits({ HostConfig }: ContainerInspectInfo): Pick<ContainerState, "limits"> {
  const found = limitsIn(HostConfig);
  return Object.keys(found).length === 0 ? {} : { limits: found };
}

type Bindings = Record<string, { HostPort?: string }[] | null> | null | undefined;

/** What is in use now, or for a container that does not run, what it will ask for. */
function publishedPorts(info: ContainerInspectInfo): string[] {
  const now = portsOf(info.NetworkSettings.Ports);
  const ports = now.length > 0 ? now : portsOf(info.HostConfig.PortBindings as Bindings);
  return [...new Set(ports)].sort();
}

function portsOf(bindings: Bindings): string[] {
  return Object.entries(bindings ?? {}).flatMap(([key, hosts]) =>
    (hosts ?? [])
      .filter(({ HostPort }) => HostPort !== undefined && HostPort !== "")
      .map(({ HostPort }) => `${HostPort ?? ""}/${key.split("/")[1] ?? "tcp"}`),
  );
}

function oneOf<T extends string>(words: readonly T[], word: string | undefined): T | undefined {
  return words.find((candidate) => candidate === word);
}
