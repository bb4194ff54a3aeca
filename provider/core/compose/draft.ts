import type { Dependency, Link, PullPolicy } from "../application";
import type { Build } from "../build/build";
import type { ContainerSpec, Mount, PortBinding, RestartPolicy } from "../container-spec";
import type { Wish } from "../placement/wish";
import type { ChangeSettings } from "../replica/change-settings";
import type { NamedFile } from "./fields/files";
import type { Variables } from "./interpolate";
import type { ComposeNetwork } from "./networks";
import type { Place } from "./problems";
import type { Parser } from "./scalars";
import type { SupportedField } from "./fields";
import type { Travelling } from "./travelling";

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** fig: services at the top level. compose: everything since, with `services:`. */
export type Format = "fig" | "compose";

/** What lies at a path, seen from the compose file. */
export type KindOf = (path: string) => "file" | "folder" | undefined;

/** What reading one service needs to know of the rest of the file. */
export interface FileContext {
  readonly format: Format;
  readonly variables: Variables;
  readonly readFile: (path: string) => string | undefined;
  readonly kindOf: KindOf;
  readonly services: ReadonlySet<string>;
  /** Those whose profiles are off, which are not read. */
  readonly off: ReadonlySet<string>;
  /** Keys of the top-level `volumes`; a fig file has none, as its services declare them. */
  readonly volumes: ReadonlySet<string>;
  /** The top-level `networks`, by their keys. */
  readonly networks: ReadonlyMap<string, ComposeNetwork>;
  /** Of the top-level `secrets` and `configs`. */
  readonly secrets: ReadonlyMap<string, NamedFile>;
  readonly configs: ReadonlyMap<string, NamedFile>;
  /** Services of which the program says that their ports answer on every host. */
  readonly everywhere: ReadonlySet<string>;
  /** What travels with the service that is being read. */
  readonly travelling: Travelling;
}

/** A value of the file and where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly at: Place;
}

/** A mount, and the key that it stands under. */
export interface MountEntry extends Placed<Mount> {
  readonly key: "volumes" | "tmpfs" | "secrets" | "configs";
}

/** An entry of `volumes_from`. */
export interface VolumesFrom {
  readonly service: string;
  readonly readOnly: boolean;
}

/** An entry of `env_file`. */
export interface EnvFileEntry {
  readonly path: Placed<string>;
  readonly required: boolean;
}

/** A service as far as it has been read. */
export interface ServiceDraft {
  readonly name: string;
  readonly at: Place;
  readonly context: FileContext;
  readonly container: Mutable<Partial<ContainerSpec>>;
  /** Where the container's properties were set, for those that more than one key can set. */
  readonly setAt: Map<keyof ContainerSpec | "scale", Place>;
  ports: Placed<PortBinding>[];
  mounts: MountEntry[];
  readonly volumesFrom: Placed<VolumesFrom>[];
  readonly links: Placed<Link>[];
  readonly dependsOn: Placed<Dependency>[];
  /** Networks that it names. */
  readonly networks: Placed<string>[];
  /** `network_mode: none`. */
  noNetwork?: true;
  /** Further names inside the deployment. */
  readonly names: Placed<string>[];
  /** Where it says what its containers are to be called. */
  readonly namedAt: Place[];
  /** Its `container_name`. */
  readonly containerNames: string[];
  /** Of `deploy.placement` and `deploy.resources.reservations`. */
  place?: Wish;
  /** Of `deploy.update_config`. */
  changes?: ChangeSettings;
  /** Somebody waits for its end. */
  isJob?: true;
  hostname?: string;
  domainname?: string;
  ipv4Address?: Placed<string>;
  readonly logging: { driver?: string; options?: Record<string, string> };
  hasImage: boolean;
  build?: Build;
  /** fig's `dockerfile`, beside its `build`. */
  figDockerfile?: string;
  pull?: PullPolicy;
  labels?: Record<string, string>;
  readonly labelFiles: Placed<string>[];
  readonly envFiles: Placed<EnvFileEntry>[];
  environment: Record<string, string>;
  /** Names in `environment` that have no value, and no variable either. */
  readonly unset: Set<string>;
  /** From `env_file`: `environment` wins, wherever it stands. */
  fileEnvironment: Record<string, string>;
  scale?: number;
  /** Of `deploy.restart_policy`, which wins over `restart`. */
  deployRestart?: Placed<RestartPolicy>;
  /** fig's `volume_driver`. */
  volumeDriver?: Placed<string>;
}

export function newDraft(name: string, at: Place, context: FileContext): ServiceDraft {
  return {
    name,
    at,
    context,
    hasImage: false,
    container: {},
    setAt: new Map(),
    ports: [],
    mounts: [],
    volumesFrom: [],
    links: [],
    dependsOn: [],
    logging: {},
    networks: [],
    names: [],
    namedAt: [],
    containerNames: [],
    labelFiles: [],
    envFiles: [],
    environment: {},
    unset: new Set(),
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
