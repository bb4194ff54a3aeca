import type { ContainerSpec } from "./container-spec";

/** A compose or fig file, read and normalised: what a Deployment runs. */
export interface Application {
  /** Compose's top-level `name`. */
  readonly name?: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, Volume>>;
}

export interface Service {
  readonly name: string;
  readonly container: ContainerSpec;
  /** Kept apart from the container because values may be secret. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Services that this one must be able to look up by name, with the name that it uses for them.
   */
  readonly links: readonly Link[];
  readonly dependsOn: readonly Dependency[];
  /** How many replicas the file asks for. @default 1 */
  readonly scale: number;
}

export interface Link {
  readonly service: string;
  readonly alias: string;
}

export interface Dependency {
  readonly service: string;
  readonly condition: "started" | "healthy";
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
  readonly labels: Readonly<Record<string, string>>;
  /** Made by somebody else: Ferry neither makes nor deletes it. */
  readonly external: boolean;
}
