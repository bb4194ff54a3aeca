import { isDeepStrictEqual } from "util";
import type { Reach, Service } from "../application";
import type { ContainerSpec } from "../container-spec";
import { newDraft, type FileContext, type ServiceDraft } from "./draft";
import { readFields } from "./fields";
import { environmentOf, readEnvFiles, resolveLabels } from "./fields/environment";
import { resolveEntrypoint } from "./fields/process";
import { checkMemory } from "./fields/resources";
import { checkNamespaces, noteNames } from "./namespaces";
import { checkServiceName, furtherNames, labelOf, noteTakenNames } from "./service-names";
import { checkPorts } from "./published-ports";
import type { Place } from "./problems";
import { serviceFields } from "./table";
import { Travelling } from "./travelling";
import { resolveMounts } from "./mounts";
import { says, type Node } from "./yaml";

/** Reads one service; what is wrong is in the problems, and the draft holds the rest. */
export function readService(
  name: string,
  node: Node,
  at: Place,
  context: Omit<FileContext, "travelling">,
): ServiceDraft {
  const known = says(node, "volume_driver") ? namedOnly(context) : context;
  const travelling = Travelling.of(node, at, known.kindOf);
  const draft = newDraft(name, at, { ...known, travelling });
  draft.hasImage = says(node, "image");
  // An empty service is told what it lacks rather than what it is.
  const complete = readFields(serviceFields[context.format], node ?? new Map(), at, draft);
  if (complete && !draft.hasImage && !says(node, "build"))
    at.problem("has no `image`. Say which image it runs.");
  readEnvFiles(draft);
  resolveLabels(draft);
  resolveEntrypoint(draft);
  resolveRestart(draft);
  checkServiceName(draft);
  noteTakenNames(draft);
  noteNames(draft);
  checkNamespaces(draft);
  checkPorts(draft.ports);
  draft.mounts = resolveMounts(draft.mounts);
  checkMemory(draft);
  warnOfScale(draft);
  return draft;
}

/** A volume's driver is said of volumes only, whatever lies beside the file. */
const namedOnly = <C extends Pick<FileContext, "kindOf">>(context: C): C => ({
  ...context,
  kindOf: () => undefined,
});

function resolveRestart({ container, deployRestart, setAt }: ServiceDraft): void {
  if (deployRestart === undefined) return;
  const { value, at } = deployRestart;
  const own = container.restart;
  if (own !== undefined && !isDeepStrictEqual(own, value))
    setAt.get("restart")?.note(`is passed over for ${at.path}, as in Compose.`);
  container.restart = value;
}

/** One host cannot publish a port twice. */
function warnOfScale(draft: ServiceDraft): void {
  const { scale = 1, ports, context } = draft;
  if (context.travelling.publish !== undefined || context.everywhere.has(draft.name)) return;
  const fixed = ports.find(({ value }) => value.hostPort !== undefined);
  if (scale > 1 && fixed !== undefined)
    fixed.at.warn(
      `publishes host port ${fixed.value.hostPort ?? ""} with ${scale} replicas: no two of them can be on one host.`,
    );
}

function dockerBridgeOf({ networks, internal }: Reach): "alone" | "internal" | "none" {
  if (networks.length === 0) return "none";
  return internal === true ? "internal" : "alone";
}

function builtOf({ build, figDockerfile: dockerfile }: ServiceDraft): Pick<Service, "build"> {
  if (build === undefined) return {};
  return { build: dockerfile === undefined ? build : { ...build, dockerfile } };
}

/** The service in its final shape. Call it only when there were no problems. */
export function finishService(draft: ServiceDraft, reach?: Reach): Service {
  const { container, logging } = draft;
  const spec: ContainerSpec = {
    ...container,
    image: container.image ?? "",
    ...(draft.ports.length === 0 ? {} : { ports: draft.ports.map(({ value }) => value) }),
    ...(draft.mounts.length === 0 ? {} : { mounts: draft.mounts.map(({ value }) => value) }),
    ...(logging.driver === undefined && logging.options === undefined
      ? {}
      : { logging: { driver: logging.driver ?? "json-file", options: logging.options ?? {} } }),
    ...(reach === undefined ? {} : { dockerBridge: dockerBridgeOf(reach) }),
  };
  const { files, publish } = draft.context.travelling;
  const label = labelOf(draft.name);
  const names = furtherNames(draft);
  return {
    name: draft.name,
    ...(label === undefined ? {} : { label }),
    ...(names.length === 0 ? {} : { names }),
    ...(draft.ipv4Address === undefined ? {} : { ipv4Address: draft.ipv4Address.value }),
    ...(reach === undefined ? {} : { reach }),
    container: spec,
    ...(files.size === 0 ? {} : { files: Object.fromEntries(files) }),
    environment: environmentOf(draft),
    links: draft.links.map(({ value }) => value),
    dependsOn: draft.dependsOn.map(({ value }) => value),
    ...builtOf(draft),
    ...(draft.pull === undefined ? {} : { pull: draft.pull }),
    ...(draft.isJob === true ? { job: draft.isJob } : {}),
    ...(draft.changes === undefined ? {} : { changes: draft.changes }),
    ...(draft.place === undefined ? {} : { place: draft.place }),
    ...(publish === undefined ? {} : { publish }),
    scale: draft.scale ?? 1,
  };
}
