import type { Service } from "../application";
import type { ContainerSpec } from "../container-spec";
import { newDraft, type FileContext, type ServiceDraft } from "./draft";
import { readFields } from "./fields";
import { checkMemory } from "./fields/resources";
import { checkPorts } from "./ports";
import type { Place } from "./problems";
import { serviceFields } from "./table";
import { checkMounts } from "./volumes";
import { says, type Node } from "./yaml";

/** Reads one service; what is wrong is in the problems, and the draft holds the rest. */
export function readService(
  name: string,
  node: Node,
  at: Place,
  context: FileContext,
): ServiceDraft {
  const draft = newDraft(name, at, context);
  // An empty service is told what it lacks rather than what it is.
  const complete = readFields(serviceFields[context.format], node ?? new Map(), at, draft);
  if (complete && !says(node, "image") && !says(node, "build"))
    at.problem("has no `image`. Say which image it runs.");
  checkPorts(draft.ports);
  checkMounts(draft.mounts);
  checkMemory(draft);
  warnOfScale(draft);
  return draft;
}

/** One host cannot publish a port twice. */
function warnOfScale(draft: ServiceDraft): void {
  const { scale = 1, ports } = draft;
  const fixed = ports.find(({ value }) => value.hostPort !== undefined);
  if (scale > 1 && fixed !== undefined)
    fixed.at.warn(
      `publishes host port ${fixed.value.hostPort ?? ""} with ${scale} replicas: no two of them can be on one host.`,
    );
}

/** The service in its final shape. Call it only when there were no problems. */
export function finishService(draft: ServiceDraft): Service {
  const { container, logging } = draft;
  const spec: ContainerSpec = {
    ...container,
    image: container.image ?? "",
    ...(draft.ports.length === 0 ? {} : { ports: draft.ports.map(({ value }) => value) }),
    ...(draft.mounts.length === 0 ? {} : { mounts: draft.mounts.map(({ value }) => value) }),
    ...(logging.driver === undefined && logging.options === undefined
      ? {}
      : { logging: { driver: logging.driver ?? "json-file", options: logging.options ?? {} } }),
  };
  return {
    name: draft.name,
    container: spec,
    environment: { ...draft.fileEnvironment, ...draft.environment },
    links: draft.links.map(({ value }) => value),
    dependsOn: draft.dependsOn.map(({ value }) => value),
    scale: draft.scale ?? 1,
  };
}
