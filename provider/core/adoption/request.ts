import type { ContainerState } from "../adapter-ports";

/**
 * What the program says of the container that runs already and is to become a replica. Read by
 * `check` and not kept, so that it may stay in the program or go from it.
 */
export interface AdoptRequest {
  /** The container's name, as `docker ps` shows it; where absent, Compose's labels say it. */
  readonly container?: string;
  /** Compose's project. */
  readonly project?: string;
  /** What the compose file calls the service. */
  readonly service?: string;
  /** How many replicas of the service the program has. */
  readonly replicas?: number;
  /** The only host to look on. */
  readonly host?: string;
  /** Say in the preview what is found: reads the hosts. Given by previews only. */
  readonly tell?: boolean;
}

/** What Compose writes on the containers that it makes, since its first version. */
export const COMPOSE = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  number: "com.docker.compose.container-number",
  oneOff: "com.docker.compose.oneoff",
} as const;

const KEPT = "-before-ferry";

/** Also with what makes it another one where that name was taken. */
export const isKeptName = (name: string): boolean =>
  new RegExp(`${KEPT}(-[0-9a-f]{12})?$`).test(name);

/** What a container is called once a replica has taken its place. */
export const keptName = (name: string): string => (isKeptName(name) ? name : `${name}${KEPT}`);

/** Whether the request's project has it as the service that is asked for. */
export function isOfService(
  { labels }: Pick<ContainerState, "labels">,
  { project, service }: AdoptRequest,
): boolean {
  return labels[COMPOSE.project] === project && labels[COMPOSE.service] === service;
}

/** For messages: "container 'my-redis'", "service 'redis' of Compose's project 'apples'". */
export function requestInWords({ container, project = "", service = "" }: AdoptRequest): string {
  return container === undefined
    ? `service '${service}' of Compose's project '${project}'`
    : `container '${container}'`;
}
