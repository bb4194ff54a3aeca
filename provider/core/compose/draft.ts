import type { Dependency, Link } from "../application";
import type { ContainerSpec, Mount, PortBinding } from "../container-spec";
import type { Variables } from "./interpolate";
import type { Place } from "./problems";
import type { Parser } from "./scalars";
import type { SupportedField } from "./fields";

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** fig: services at the top level. compose: everything since, with `services:`. */
export type Format = "fig" | "compose";

/** What reading one service needs to know of the rest of the file. */
export interface FileContext {
  readonly format: Format;
  readonly variables: Variables;
  readonly readFile: (path: string) => string | undefined;
  readonly services: ReadonlySet<string>;
  /** Keys of the top-level `volumes`; a fig file has none, as its services declare them. */
  readonly volumes: ReadonlySet<string>;
}

/** A value of the file and where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly at: Place;
}

/** A service as far as it has been read. */
export interface ServiceDraft {
  readonly name: string;
  readonly at: Place;
  readonly context: FileContext;
  readonly container: Mutable<Partial<ContainerSpec>>;
  /** Where the container's properties were set, for those that more than one key can set. */
  readonly setAt: Map<keyof ContainerSpec | "scale", Place>;
  readonly ports: Placed<PortBinding>[];
  readonly mounts: Placed<Mount>[];
  readonly links: Placed<Link>[];
  readonly dependsOn: Placed<Dependency>[];
  readonly logging: { driver?: string; options?: Record<string, string> };
  environment: Record<string, string>;
  /** From `env_file`: `environment` wins, wherever it stands. */
  fileEnvironment: Record<string, string>;
  scale?: number;
  /** fig's `volume_driver`. */
  volumeDriver?: Placed<string>;
}

export function newDraft(name: string, at: Place, context: FileContext): ServiceDraft {
  return {
    name,
    at,
    context,
    container: {},
    setAt: new Map(),
    ports: [],
    mounts: [],
    links: [],
    dependsOn: [],
    logging: {},
    environment: {},
    fileEnvironment: {},
  };
}

/** False, with a problem, when another key has set the property to something else. */
function claim(
  draft: ServiceDraft,
  property: keyof ContainerSpec | "scale",
  at: Place,
  same: boolean,
): boolean {
  const earlier = draft.setAt.get(property);
  draft.setAt.set(property, at);
  if (earlier === undefined || same) return true;
  at.problem(`says something else than ${earlier.path}. Keep one of them.`);
  return false;
}

export function setProperty<K extends keyof ContainerSpec>(
  draft: ServiceDraft,
  property: K,
  value: NonNullable<ContainerSpec[K]>,
  at: Place,
): void {
  const same = JSON.stringify(draft.container[property]) === JSON.stringify(value);
  if (claim(draft, property, at, same))
    (draft.container as Record<K, NonNullable<ContainerSpec[K]>>)[property] = value;
}

/** A field of the service that is one property of its container. */
export function property<K extends keyof ContainerSpec>(
  key: K,
  parser: Parser<NonNullable<ContainerSpec[K]>>,
  how: string,
): SupportedField<ServiceDraft> {
  return {
    how,
    parse(node, at, draft) {
      const value = parser(node, at);
      if (value !== undefined) setProperty(draft, key, value, at);
    },
  };
}

export function setScale(draft: ServiceDraft, value: number, at: Place): void {
  if (claim(draft, "scale", at, draft.scale === value)) draft.scale = value;
}
