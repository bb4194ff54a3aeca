import type { Build } from "./build/build";
import type { ContainerSpec } from "./container-spec";
import type { ChangeSettings } from "./replica/change-settings";
import type { FileAccess } from "./files/model";
import type { Wish } from "./placement/wish";
import type { Publish } from "./ports/everywhere";
import type { Scope } from "./volume/scope";

/** A compose or fig file, read and normalised: what a Deployment runs. */
export interface Application {
  /** Compose's top-level `name`. */
  readonly name?: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, Volume>>;
}

export interface Service {
  readonly name: string;
  /** What stands for it in DNS and in containers' names, where its own name is no DNS label. */
  readonly label?: string;
  /** Further names by which the deployment's containers reach it. */
  readonly names?: readonly string[];
  /** The address that the file wants for its first replica. */
  readonly ipv4Address?: string;
  /** Whom it reaches; only where services of the file are to be kept apart. */
  readonly reach?: Reach;
  readonly container: ContainerSpec;
  /** What travels with it, by the name that its mounts say. */
  readonly files?: Readonly<Record<string, ServiceFile>>;
  /** How its image is built. What the container has as its image is then its name alone. */
  readonly build?: Build;
  /** Absent: an image that the host lacks is pulled. */
  readonly pull?: PullPolicy;
  /** Kept apart from the container because values may be secret. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Services that this one must be able to look up by name, with the name that it uses for them.
   */
  readonly links: readonly Link[];
  readonly dependsOn: readonly Dependency[];
  /** It runs to its end: somebody waits for that. */
  readonly job?: true;
  /** How its replicas are changed. */
  readonly changes?: ChangeSettings;
  /** Where its replicas are to be, and what they reserve there. */
  readonly place?: Wish;
  /** Its ports answer on every host, wherever its replicas are. */
  readonly publish?: Publish;
  /** How many replicas the file asks for. @default 1 */
  readonly scale: number;
}

/** A service reaches those that are on one of its networks. */
export interface Reach {
  /** Sorted, without repetitions. */
  readonly networks: readonly string[];
  /** None of them leads out of the deployment. */
  readonly internal?: true;
}

/** What a service is called in DNS, in containers' names and in state. */
export const labelOf = ({ name, label }: Pick<Service, "name" | "label">): string => label ?? name;

/** A file or a folder that travels with a service: one of `path` and `content` is said. */
export interface ServiceFile extends FileAccess {
  /** Seen from the compose file. */
  readonly path?: string;
  readonly content?: string;
  readonly secret?: boolean;
  readonly maxBytes?: number;
  /** Anybody may read it whose own mode says less. */
  readonly readable?: boolean;
  /** Where there is nothing, an empty folder is meant. */
  readonly orEmpty?: boolean;
}

/** When a container is made. A number: where the image was pulled so many seconds ago, or earlier. */
export type PullPolicy = "always" | "never" | number;

export interface Link {
  readonly service: string;
  readonly alias: string;
}

export interface Dependency {
  readonly service: string;
  readonly condition: "started" | "healthy" | "completed_successfully";
  /** A change of that service starts this one again. */
  readonly restart?: true;
}

/** A named volume of the file. */
export interface Volume {
  readonly key: string;
  /** `name:` of the file, when the user wants that very name on the host. */
  readonly name?: string;
  /**
   * "local" unless the file says otherwise. `flocker` means Ferry's own host driver, as in the seed
   * story.
   */
  readonly driver: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  /** The file's word on where its data can be reached. */
  readonly scope?: Scope;
  readonly labels: Readonly<Record<string, string>>;
  /** Made by somebody else: Ferry neither makes nor deletes it. */
  readonly external: boolean;
  /** A folder, seen from the compose file, that it is filled from when it is made. */
  readonly from?: string;
}
