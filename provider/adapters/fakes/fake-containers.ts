import { joinedBy } from "../../core/replica/own-network";
import type { ContainerState, Docker, ImageState } from "../../core/adapter-ports";
import type { ContainerMethods } from "../docker/containers";
import { unnamedTargets } from "../../core/replica/unnamed-volumes";
import { createBody } from "../docker/create-body";
import { network } from "../../core/network";
import type { LimitMethods } from "../docker/limits";
import { limitsOf } from "../../core/replica/limits";
import { dockerFailure, socketFailure } from "../docker/failures";
import { imageInUrl, nameInUrl } from "../docker/names-in-url";
import { describeCommand } from "../ssh/quote";
import type { Endpoint } from "../ssh/failures";
import { runFake } from "./fake-commands";
import type { FakeContainer, FakeHost } from "./fake-state";
import { FakeWorld } from "./fake-world";

const NEVER = "0001-01-01T00:00:00Z";

type OnDocker = <T>(
  call: string,
  work: (host: FakeHost, state: Parameters<typeof FakeWorld.newId>[0]) => T,
) => Promise<T>;

export function fakeContainers(
  world: FakeWorld,
  endpoint: Endpoint,
  onDocker: OnDocker,
): Pick<Docker, ContainerMethods | LimitMethods | "exec"> {
  const fail = (what: string, words: string) => dockerFailure(endpoint, what, new Error(words));

  const requireProxy = (host: FakeHost) => {
    if (host.faults.withoutProxy) throw socketFailure(endpoint, network.socket, "absent");
  };

  const present = (host: FakeHost, what: string, id: string): FakeContainer => {
    const found = find(host, id);
    if (!found) throw fail(what, `No such container: ${id}`);
    return found;
  };

  const requireFreeName = (host: FakeHost, what: string, name: string) => {
    nameInUrl("container", name);
    const holder = host.containers.find((container) => container.name === name);
    if (!holder) return;
    const words = `Conflict. The container name "/${name}" is already in use by container "${holder.id}".`;
    throw fail(what, words);
  };

  const requireFreePorts = (host: FakeHost, what: string, container: FakeContainer) => {
    const others = host.containers.filter(({ id, status }) => id !== container.id && isUp(status));
    const taken = new Set(others.flatMap(publishedPorts));
    const clash = publishedPorts(container).find((port) => taken.has(port));
    if (clash === undefined) return;
    const port = clash.split("/")[0] ?? "";
    throw fail(what, `Bind for 0.0.0.0:${port} failed: port is already allocated`);
  };

  const end = (container: FakeContainer | undefined, exitCode: number) => {
    if (!container || !isUp(container.status)) return;
    Object.assign(container, { status: "exited", exitCode, health: "none", proxied: false });
  };

  return {
    container: (id) =>
      onDocker("docker.container", (host) => {
        const found = find(host, nameInUrl("container", id));
        return found && stateOf(host, found);
      }),

    containers: (labels) =>
      onDocker("docker.containers", (host) =>
        host.containers
          .map((container) => stateOf(host, container))
          .filter((state) => Object.entries(labels).every(([k, v]) => state.labels[k] === v)),
      ),

    create: (request) =>
      onDocker("docker.create", (host, state) => {
        const what = `creating container '${request.name}'`;
        if (request.overlayAddresses.length > 0) requireProxy(host);
        // For its checks: the real adapter makes the same request of it.
        createBody(request);
        requireFreeName(host, what, request.name);
        const image = findImage(host, request.spec.image);
        if (!image) throw fail(what, `No such image: ${request.spec.image}`);
        const id = FakeWorld.newId(state);
        for (const name of Object.values(request.volumeNames)) addVolume(host, name);
        const unnamed = unnamedTargets(request.spec.mounts ?? [], image.volumes ?? []).map(
          (target) => [target, FakeWorld.newId(state)] as const,
        );
        for (const [, name] of unnamed) addVolume(host, name);
        host.containers.push({
          id,
          name: request.name,
          request: structuredClone(request),
          imageId: image.id,
          unnamed: Object.fromEntries(unnamed),
          status: "created",
          exitCode: 0,
          error: "",
          health: "none",
          restart: request.restart ?? request.spec.restart ?? { name: "no" },
          startedAt: NEVER,
          proxied: false,
          log: "",
        });
        return id;
      }),

    start: (id, { proxied }) =>
      onDocker("docker.start", (host) => {
        const what = `starting container '${id}'`;
        if (proxied) requireProxy(host);
        const container = present(host, what, id);
        if (isUp(container.status)) return;
        requireFreePorts(host, what, container);
        const { healthcheck, entrypoint = [], command = [] } = container.request.spec;
        const checked = healthcheck !== undefined && healthcheck.test[0] !== "NONE";
        Object.assign(container, {
          status: "running",
          exitCode: 0,
          proxied,
          health: checked ? "healthy" : "none",
          startedAt: new Date().toISOString(),
        });
        // A program that the world knows runs to its end at once; any other goes on until it is
        // stopped.
        const argv = [...entrypoint, ...command];
        if (!world.commands.has(argv[0] ?? "")) return;
        const call = { host, container, argv, stdin: Buffer.alloc(0), root: true };
        const result = runFake(world.commands, call);
        container.log += result.stdout + result.stderr;
        end(container, result.exitCode);
      }),

    stop: (id) => onDocker("docker.stop", (host) => end(find(host, id), 143)),
    kill: (id) => onDocker("docker.kill", (host) => end(find(host, id), 137)),

    remove: (id) =>
      onDocker("docker.remove", (host) => {
        const found = find(host, id);
        host.containers = host.containers.filter((container) => container !== found);
      }),

    rename: (id, name) =>
      onDocker("docker.rename", (host) => {
        const what = `renaming container '${id}' to '${name}'`;
        const container = present(host, what, id);
        requireFreeName(host, what, name);
        container.name = name;
      }),

    setRestartPolicy: (id, policy) =>
      onDocker("docker.setRestartPolicy", (host) => {
        const found = find(host, id);
        if (found) found.restart = { ...policy };
      }),

    setLimits: (id, limits) =>
      onDocker("docker.setLimits", (host) => {
        const found = present(host, `setting limits of container '${id}'`, id);
        found.limits = { ...found.limits, ...limits };
      }),

    memoryInUse: (id) => onDocker("docker.memoryInUse", (host) => find(host, id)?.memoryInUse),

    logs: (id, lines) =>
      onDocker("docker.logs", (host) => {
        const all = (find(host, id)?.log ?? "").split("\n").slice(0, -1);
        const last = lines > 0 ? all.slice(-lines) : [];
        return last.map((line) => `${line}\n`).join("");
      }),

    exec: (id, argv, _seconds, as) =>
      onDocker("docker.exec", (host) => {
        const what = `running \`${describeCommand(argv)}\` in container '${id}'`;
        const container = present(host, what, id);
        if (!isUp(container.status)) throw fail(what, `Container ${container.id} is not running`);
        const call = { host, container, argv, stdin: Buffer.alloc(0), root: true };
        return runFake(world.commands, { ...call, ...(as === undefined ? {} : { as }) });
      }),
  };
}

function find(host: FakeHost, nameOrId: string): FakeContainer | undefined {
  return host.containers.find(({ id, name }) => id === nameOrId || name === nameOrId);
}

function isUp(status: ContainerState["status"]): boolean {
  return status === "running" || status === "paused" || status === "restarting";
}

function publishedPorts({ request }: FakeContainer): string[] {
  const ports = request.spec.ports ?? [];
  return ports.flatMap(({ hostPort, protocol }) =>
    hostPort === undefined ? [] : [`${hostPort}/${protocol}`],
  );
}

function addVolume(host: FakeHost, name: string): void {
  if (host.volumes.some((volume) => volume.name === name)) return;
  const mountpoint = mountpointOf(name);
  host.volumes.push({ name, driver: "local", mountpoint, options: {}, labels: {}, files: {} });
}

/** By a name, by its id, or by where a registry has it. */
export function findImage({ images }: FakeHost, reference: string): ImageState | undefined {
  const named = images[imageInUrl(reference)];
  return (
    named ??
    Object.values(images).find(
      ({ id, digests = [] }) => id === reference || digests.includes(reference),
    )
  );
}

/** Volumes that a container mounts, by their names. */
export function volumesIn({ request, unnamed = {} }: FakeContainer): string[] {
  const { startBarrier, volumeNames } = request;
  return [
    ...Object.values(volumeNames),
    ...Object.values(unnamed),
    ...(startBarrier === undefined ? [] : [startBarrier.volume]),
  ];
}

export function mountpointOf(name: string): string {
  return `/var/lib/docker/volumes/${name}/_data`;
}

function stateOf(host: FakeHost, container: FakeContainer): ContainerState {
  const { request } = container;
  const { Env: environment = [], Labels: labels = {} } = createBody(request);
  const named = (request.spec.mounts ?? []).flatMap((mount) => {
    if (mount.type === "tmpfs") return [];
    if (mount.type === "file") {
      const source = request.filePaths?.[mount.file] ?? "";
      return [{ source, target: mount.target, readOnly: true }];
    }
    const access = mount.readOnly === true ? { readOnly: true } : {};
    if (mount.type === "bind") return [{ source: mount.source, target: mount.target, ...access }];
    const volume = request.volumeNames[mount.volume ?? ""];
    if (volume === undefined) return [];
    return [{ volume, source: mountpointOf(volume), target: mount.target, ...access }];
  });
  const unnamed = Object.entries(container.unnamed ?? {}).map(([target, volume]) => ({
    volume,
    source: mountpointOf(volume),
    target,
    anonymous: true,
  }));
  const joins = joinedBy(request.spec, "container");
  const limits = { ...limitsOf(request.spec), ...container.limits };
  const pid = host.containers.indexOf(container) + 1000;
  return {
    id: container.id,
    name: container.name,
    image: request.spec.image,
    imageId: container.imageId,
    labels,
    status: container.status,
    exitCode: container.exitCode,
    error: container.error,
    pid: isUp(container.status) ? pid : 0,
    health: container.health,
    restart: container.restart,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(request.domainname === undefined ? {} : { domainname: request.domainname }),
    environment,
    ...(joins.length === 0 ? {} : { joins }),
    startedAt: container.startedAt,
    mounts: [...named, ...unnamed],
    publishedPorts: publishedPorts(container).sort(),
  };
}
