import { homedir, tmpdir } from "os";
import { posix } from "path";
import type { Build } from "../../provider/core/build/build";
import type { Application, Reach, Service } from "../../provider/core/application";
import type { Mount, PortBinding } from "../../provider/core/container-spec";

/** An answer of tools/compose-go. */
export interface Judged {
  readonly project?: Project;
  readonly error?: string;
}

/** As compose-go prints it; what is not in here is not compared. */
interface ComposeService {
  readonly image?: string;
  readonly build?: ComposeBuild;
  readonly pull_policy?: string;
  readonly environment?: Record<string, string | null>;
  readonly labels?: Record<string, string>;
  readonly command?: string[] | null;
  readonly entrypoint?: string[] | null;
  readonly working_dir?: string;
  readonly user?: string;
  readonly restart?: string;
  readonly ports?: ComposePort[];
  readonly volumes?: ComposeMount[];
  readonly volumes_from?: string[];
  readonly tmpfs?: string[];
  readonly secrets?: ComposeFile[];
  readonly configs?: ComposeFile[];
  readonly container_name?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly networks?: Record<string, { aliases?: string[] } | null>;
  readonly network_mode?: string;
  readonly depends_on?: Record<string, { condition: string }>;
  readonly links?: string[];
  readonly extra_hosts?: string[];
  readonly healthcheck?: {
    disable?: boolean;
    test?: string[];
    interval?: string;
    retries?: number;
  };
  readonly scale?: number;
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly cap_add?: string[];
  readonly cap_drop?: string[];
  readonly privileged?: boolean;
  readonly read_only?: boolean;
  readonly tty?: boolean;
  readonly stdin_open?: boolean;
  readonly init?: boolean;
  readonly stop_grace_period?: string;
  readonly pid?: string;
  readonly ipc?: string;
  readonly uts?: string;
  readonly userns_mode?: string;
  readonly runtime?: string;
  readonly cgroup_parent?: string;
  readonly gpus?: ComposeDevices[];
  readonly deploy?: {
    replicas?: number;
    restart_policy?: ComposePolicy;
    resources?: {
      limits?: { memory?: string; cpus?: string };
      reservations?: { devices?: ComposeDevices[] };
    };
  };
}

interface ComposeBuild {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly args?: Record<string, string | null>;
  readonly labels?: Record<string, string>;
  readonly target?: string;
  readonly network?: string;
  readonly cache_from?: string[];
  readonly extra_hosts?: string[];
  readonly additional_contexts?: Record<string, string>;
  readonly platforms?: string[];
  readonly no_cache?: boolean;
  readonly pull?: boolean;
  readonly shm_size?: string;
}

interface ComposePort {
  readonly target: number;
  readonly published?: string;
  readonly protocol: string;
  readonly host_ip?: string;
}

interface ComposeMount {
  readonly type: string;
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly volume?: { readonly subpath?: string };
}

interface ComposePolicy {
  readonly condition?: string;
  readonly max_attempts?: number;
}

interface ComposeDevices {
  readonly count?: number;
  readonly device_ids?: string[];
}

interface ComposeFile {
  readonly source: string;
  readonly target?: string;
}

type ComposeFiles = Readonly<Record<string, { readonly file?: string }>>;

interface Project {
  readonly secrets?: ComposeFiles;
  readonly configs?: ComposeFiles;
  readonly services: Record<string, ComposeService>;
  readonly networks?: Record<string, { name?: string; internal?: boolean }>;
}

const sorted = (all: Iterable<string>) => [...new Set(all)].sort();
const seconds = (text: string | undefined) =>
  text === undefined
    ? undefined
    : [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)].reduce(
        (sum, [, n, unit]) =>
          sum + Number(n) * ({ h: 3600, m: 60, s: 1, ms: 0.001 } as Record<string, number>)[unit!]!,
        0,
      );

const wholeSeconds = (text: string | undefined) =>
  text === undefined ? undefined : Math.ceil(seconds(text) ?? 0);

/** What both readers say of a file, in one form. */
export function meaningOfCompose(project: Project) {
  const names = new Set(Object.keys(project.services));
  return Object.fromEntries(
    Object.entries(project.services).map(([name, service]) => [
      name,
      { ...ofCompose(name, service, names, project), ...reachOfCompose(name, project) },
    ]),
  );
}

/** The other services that it reaches, and whether anything else. */
function reachOfCompose(name: string, { services, networks = {} }: Project) {
  const on = ({ networks: own, network_mode: mode }: ComposeService) =>
    mode === "none" || isOfOthers(mode) ? [] : Object.keys(own ?? { default: null });
  const idsOf = (keys: string[]) => keys.map((key) => networks[key]?.name ?? key);
  const own = on(services[name] as ComposeService);
  const ids = idsOf(own);
  return {
    reaches: sorted(
      Object.keys(services).filter(
        (other) =>
          other !== name &&
          idsOf(on(services[other] as ComposeService)).some((id) => ids.includes(id)),
      ),
    ),
    goesOut:
      isOfOthers(services[name]?.network_mode) ||
      own.some((key) => networks[key]?.internal !== true),
  };
}

/** On the network of its host, or of another container. */
const isOfOthers = (mode = ""): boolean => /^(host$|service:|container:)/.test(mode);

/** A container by its name is the service that says so. */
function serviceIn(mode = "", { services }: Project): string {
  const [, container] = /^container:(.*)$/.exec(mode) ?? [];
  if (container === undefined) return mode;
  const found = Object.keys(services).find((key) => services[key]?.container_name === container);
  return `service:${found ?? ""}`;
}

/** Ferry waits for one that is named by its container as well. */
function joinedByName({ network_mode: mode }: ComposeService, project: Project) {
  if (!mode?.startsWith("container:")) return {};
  return { [serviceIn(mode, project).slice("service:".length)]: { condition: "service_started" } };
}

function ofCompose(
  name: string,
  s: ComposeService,
  services: ReadonlySet<string>,
  project: Project,
) {
  const aliases = Object.values(s.networks ?? {}).flatMap((on) => on?.aliases ?? []);
  const fullName =
    s.hostname === undefined || s.domainname === undefined
      ? undefined
      : `${s.hostname}.${s.domainname}`;
  const restart = s.deploy?.restart_policy;
  const limits = s.deploy?.resources?.limits ?? {};
  return {
    image: s.image ?? "",
    build: s.build && buildOfCompose(s.build),
    pull: pullOfCompose(s.pull_policy),
    // A name without a value: the container does not get it.
    environment: Object.fromEntries(
      Object.entries(s.environment ?? {}).filter(([, value]) => value !== null),
    ),
    labels: s.labels ?? {},
    ...programOfCompose(s),
    workingDir: s.working_dir,
    user: s.user,
    restart: restart === undefined ? (s.restart ?? "no") : policy(restart),
    // On its host's network it publishes none.
    ports: sorted(isOfOthers(s.network_mode) ? [] : (s.ports ?? []).map(portOfCompose)),
    mounts: sorted([
      ...volumesOf(s, project).map(mountOfCompose),
      ...(s.secrets ?? []).map((each) => fileOfCompose("secrets", each, project.secrets)),
      ...(s.configs ?? []).map((each) => fileOfCompose("configs", each, project.configs)),
      ...(s.tmpfs ?? [])
        .filter((each) => each !== "")
        .map((each) => `tmpfs  ${each.split(":")[0]}`),
    ]),
    names: sorted(
      (isOfOthers(s.network_mode)
        ? []
        : [s.container_name, s.hostname, fullName, ...aliases]
      ).filter(
        (each): each is string => each !== undefined && each !== name && !services.has(each),
      ),
    ),
    dependsOn: sorted(
      Object.entries({ ...joinedByName(s, project), ...s.depends_on })
        .filter(([other]) => services.has(other))
        .map(([other, { condition }]) => `${other} ${condition.slice(8)}`),
    ).filter((each) => !(s.links ?? []).some((link) => each === `${link.split(":")[0]} started`)),
    extraHosts: sorted((s.extra_hosts ?? []).map((each) => each.replace("=", ":"))),
    health:
      s.healthcheck?.disable === true
        ? ["NONE"]
        : // An empty text says nothing to Ferry; Compose has the shell run it, and succeed.
          s.healthcheck?.test === undefined || isBlank(s.healthcheck.test)
          ? undefined
          : [...s.healthcheck.test, seconds(s.healthcheck.interval), s.healthcheck.retries],
    scale: s.scale ?? s.deploy?.replicas ?? 1,
    memory: Number(s.mem_limit ?? limits.memory ?? 0),
    cpus: Number(s.cpus ?? limits.cpus ?? 0),
    capabilities: sorted([...(s.cap_add ?? []), ...(s.cap_drop ?? [])]),
    flags: [s.privileged, s.read_only, s.tty, s.stdin_open, s.init].map((each) => each === true),
    // Docker counts whole ones.
    stopSeconds: wholeSeconds(s.stop_grace_period),
    namespaces: [s.pid, s.ipc, s.uts, s.userns_mode, s.runtime, s.cgroup_parent],
    network: isOfOthers(s.network_mode) ? serviceIn(s.network_mode, project) : undefined,
    gpus: (s.gpus ?? s.deploy?.resources?.reservations?.devices ?? []).map((each) =>
      devices(each.device_ids, each.count),
    ),
  };
}

/** One without an entry point begins with its command. */
function programOfCompose({ entrypoint, command }: ComposeService) {
  const words = (command ?? []).length > 0 ? command : undefined;
  if ((entrypoint ?? ["-"]).join("") === "") return { entrypoint: words, command: undefined };
  return { entrypoint: entrypoint ?? undefined, command: words };
}

/** Its own, and of the services that it takes volumes from those at other paths. */
function volumesOf(s: ComposeService, project: Project): ComposeMount[] {
  return (s.volumes_from ?? []).reduce<ComposeMount[]>(
    (all, from) => {
      const [name = "", mode] = from.split(":");
      const theirs = volumesOf(project.services[name] ?? {}, project)
        .filter(({ target }) => !all.some((own) => own.target === target))
        .map((each) => (mode === "ro" ? { ...each, read_only: true } : each));
      return [...all, ...theirs];
    },
    [...(s.volumes ?? [])],
  );
}

const plainPath = (path: string) => posix.join(path, ".").replace(/(?<=.)\/$/, "");

/** compose-go makes paths whole; what is beside the file is seen from there again. */
const besideFile = (path: string) =>
  plainPath(
    plainPath(path)
      .replace(/^.*\/(corpus(\/several\/[^/]+)?|ferry-mutations-[^/]+)(\/|$)/, "./")
      .replace(OUTSIDE, "../"),
  );

/** Of a path that is not beside the file, its last part: compose-go has made it whole. */
const fromOutside = (path: string) =>
  /^(\/|\.\.)/.test(path) ? `outside: ${posix.basename(path)}` : path;

function buildOfCompose(b: ComposeBuild) {
  return {
    context: fromOutside(besideFile(b.context ?? ".")),
    dockerfile: b.dockerfile_inline ?? b.dockerfile ?? "Dockerfile",
    args: b.args ?? {},
    labels: b.labels ?? {},
    target: b.target,
    network: b.network,
    cacheFrom: b.cache_from ?? [],
    extraHosts: sorted((b.extra_hosts ?? []).map((each) => each.replace("=", ":"))),
    contexts: Object.fromEntries(
      Object.entries(b.additional_contexts ?? {}).map(([key, from]) => [
        key,
        from.includes("://") ? from : besideFile(from),
      ]),
    ),
    platforms: b.platforms ?? [],
    flags: [b.no_cache === true, b.pull === true],
    shm: Number(b.shm_size ?? 0),
  };
}

function buildOfOurs(b: Build) {
  return {
    context: fromOutside(plainPath(b.context)),
    dockerfile: b.dockerfileInline ?? b.dockerfile ?? "Dockerfile",
    args: b.args ?? {},
    labels: b.labels ?? {},
    target: b.target,
    network: b.network,
    cacheFrom: b.cacheFrom ?? [],
    extraHosts: sorted([...(b.extraHosts ?? [])]),
    contexts: Object.fromEntries(
      Object.entries(b.additionalContexts ?? {}).map(([key, from]) => [
        key,
        from.includes("://") ? from : plainPath(from),
      ]),
    ),
    platforms: b.platforms ?? [],
    flags: [b.noCache === true, b.pull === true],
    shm: b.shmSizeBytes ?? 0,
  };
}

/** What Ferry does anyway is no policy. */
function pullOfCompose(word: string | undefined) {
  if (word === "always" || word === "never") return word;
  const times: Record<string, number> = { daily: 86_400, weekly: 604_800, every_12h: 43_200 };
  return times[word ?? ""];
}
const isBlank = ([how, ...text]: readonly string[]) =>
  how === "CMD-SHELL" && text.join("").trim() === "";

/** What is empty or nought is not in Compose's answer. */
const devices = (ids: readonly string[] = [], count = 0) => String(ids.length > 0 ? ids : count);

const policy = ({ condition = "any", max_attempts: attempts }: ComposePolicy) =>
  (({ none: "no", any: "always" }) as Record<string, string>)[condition] ??
  (condition === "on-failure" && (attempts ?? 0) > 0 ? `on-failure:${attempts}` : condition);

const portOfCompose = ({ target, published, protocol, host_ip: ip }: ComposePort) =>
  `${ip ?? ""} ${portText(published)} ${target}/${protocol.toLowerCase()}`;

/** It keeps a number's text, such as "080"; of 0, Docker picks one. */
const portText = (published = "") =>
  /^\d+$/.test(published) ? String(Number(published) || "") : published;

/** Where the files lie, and copies of them that were changed. */
const HERE = /^\/.*\/(?:corpus|ferry-mutations-[^/]+)\//;
const here = (path: string) => path.replace(HERE, "").replace(HOME, "~").replace(OUTSIDE, "../");
/** Beside the folder of those that were changed. */
const OUTSIDE = new RegExp(`^${tmpdir()}/`);
/** What lies in the home folder of whoever runs the program. */
const HOME = new RegExp(`^${homedir()}(?=(/[^/]*)?$)`);

/** Where it is mounted, and the file that it is, or its name where it is none. */
function fileOfCompose(kind: "secrets" | "configs", of: ComposeFile, all: ComposeFiles = {}) {
  const folder = kind === "secrets" ? "/run/secrets/" : "/";
  const { source, target = source } = of;
  const at = posix.normalize(target.startsWith("/") ? target : `${folder}${target}`);
  const file = all[source]?.file;
  return `bind ${file === undefined ? `${kind}/${source}` : here(file)} ${at}`;
}

const mountOfCompose = ({ type, source, target, read_only: readOnly, volume }: ComposeMount) =>
  [HERE, HOME, OUTSIDE].some((each) => each.test(source ?? ""))
    ? // Ferry decides itself who may write to what travels.
      `bind ${here(source ?? "")} ${target}`
    : `${type} ${type === "tmpfs" ? "" : (source ?? "")} ${target}${readOnly === true ? " ro" : ""}${within(volume?.subpath)}`;

const within = (subPath: string | undefined) => (subPath === undefined ? "" : ` of ${subPath}`);

export function meaningOfOurs(application: Application) {
  const all = Object.values(application.services);
  return Object.fromEntries(
    all.map((service) => [
      service.name,
      { ...ofOurs(service, application.volumes), ...reachOfOurs(service, all) },
    ]),
  );
}

function reachOfOurs(of: Service, all: readonly Service[]) {
  const { name, reach } = of;
  const isOfAnother = (each: Service) => each.container.networkNamespace !== undefined;
  const shares = (other: Service) =>
    !isOfAnother(of) && !isOfAnother(other) && shareNetwork(reach, other.reach);
  return {
    reaches: sorted(all.filter((other) => other.name !== name && shares(other)).map((o) => o.name)),
    goesOut: reach?.internal !== true,
  };
}

const shareNetwork = (one: Reach | undefined, other: Reach | undefined) =>
  one === undefined || (other?.networks ?? []).some((id) => one.networks.includes(id));

type Files = NonNullable<Service["files"]>;

function ofOurs({ name, container: c, ...service }: Service, volumes: Application["volumes"]) {
  const { name: restart = "no", maximumRetryCount: attempts } = c.restart ?? {};
  const check = c.healthcheck;
  return {
    image: c.image,
    build: service.build && buildOfOurs(service.build),
    pull: service.pull,
    environment: service.environment,
    labels: c.labels ?? {},
    command: c.command,
    entrypoint: c.entrypoint,
    workingDir: c.workingDir,
    user: c.user,
    restart: attempts === undefined ? restart : `${restart}:${attempts}`,
    ports: sorted((c.ports ?? []).map(portOfOurs)),
    mounts: sorted((c.mounts ?? []).map((each) => mountOfOurs(each, service.files ?? {}, volumes))),
    names: sorted((service.names ?? []).filter((each) => each !== name)),
    dependsOn: sorted(service.dependsOn.map(({ service: on, condition }) => `${on} ${condition}`)),
    extraHosts: sorted((c.extraHosts ?? []).map(({ name, ip }) => `${name}:${ip}`)),
    health:
      check === undefined || check.test.length === 0 || isBlank(check.test)
        ? undefined
        : check.test[0] === "NONE"
          ? ["NONE"]
          : [...check.test, check.intervalSeconds, check.retries],
    scale: service.scale,
    memory: c.memoryBytes ?? 0,
    cpus: c.cpus ?? 0,
    capabilities: sorted([...(c.capAdd ?? []), ...(c.capDrop ?? [])]),
    flags: [c.privileged, c.readOnly, c.tty, c.stdinOpen, c.init].map((each) => each === true),
    stopSeconds: c.stopTimeoutSeconds,
    namespaces: [
      ...[c.pidNamespace, c.ipcNamespace, c.utsNamespace],
      ...[c.userNamespace, c.runtime, c.cgroupParent],
    ],
    network: c.networkNamespace,
    gpus: (c.deviceRequests ?? []).map(({ deviceIds, count }) => devices(deviceIds, count)),
  };
}

const portOfOurs = ({ hostIp, hostPort, hostPortRange, containerPort, protocol }: PortBinding) =>
  `${hostIp ?? ""} ${hostPort ?? hostPortRange ?? ""} ${containerPort}/${protocol}`;

function mountOfOurs(mount: Mount, files: Files, volumes: Application["volumes"]): string {
  if (mount.type === "tmpfs") return `tmpfs  ${mount.target}`;
  if (mount.type === "file") {
    const source = files[mount.file]?.path;
    // One that is mounted twice is told apart by where.
    return `bind ${source ?? mount.file.replace(/ at \/.*$/, "")} ${mount.target}`;
  }
  const from = mount.type === "volume" ? volumes[mount.volume ?? ""]?.from : undefined;
  if (from !== undefined) return `bind ${from} ${mount.target}`;
  const access = mount.readOnly === true ? " ro" : "";
  const source = mount.type === "bind" ? mount.source : (mount.volume ?? "");
  const inside = mount.type === "volume" ? mount.subPath : undefined;
  return `${mount.type} ${source} ${mount.target}${access}${within(inside)}`;
}
