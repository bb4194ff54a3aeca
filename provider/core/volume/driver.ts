import type { Host, VolumeState } from "../adapter-ports";
import { isUnknown } from "../unknown";
import { knownScope, scopeOf, type Scope, type Scoped } from "./scope";

/** The one that a volume has when the program names none. */
export const DEFAULT_DRIVER = "local";

export type DriverOptions = Readonly<Record<string, string>>;

/** A Docker volume that is to be made. */
export interface VolumeToMake {
  readonly name: string;
  readonly options: DriverOptions;
  readonly labels: Readonly<Record<string, string>>;
}

/** One that is there, and what the program says of it. */
export type VolumeToTake = Omit<VolumeToMake, "labels">;

/** Those of the cluster that answer. */
export type OtherHosts = () => Promise<readonly Host[]>;

/**
 * What keeps a volume's data. A new one is a file that implements this, and a row in the table
 * (provider/adapters/volume/drivers.ts); docs/adr/0013 says what is still to come here.
 */
export interface VolumeDriver {
  /** What programs call it; the same driver may have several names. */
  readonly names: readonly [string, ...string[]];
  readonly scope: Scope;
  /** Why it cannot have these options, in words that complete "volume 'data' ..."; pure. */
  optionsProblem(options: DriverOptions): string | undefined;
  /** What a preview says that a move does about these volumes: "copies apples_data ..."; pure. */
  moveInWords(volumes: string, options: readonly DriverOptions[]): string;
  /** Whether a Docker volume that was found is one of its own; pure. */
  recognises(existing: VolumeState): boolean;
  /** Whether it was made with these options: Docker says nothing when they differ. Pure. */
  hasOptions(existing: VolumeState, options: DriverOptions): boolean;
  /** Why its data cannot be handed over to another host; undefined when it can. Pure. */
  handOverProblem(existing: VolumeState): string | undefined;
  /** Why a copy of so many bytes cannot be made on a host that has no volume of it. */
  copyProblem(host: Host, options: DriverOptions, bytes: number): Promise<string | undefined>;
  find(host: Host, name: string): Promise<VolumeState | undefined>;
  /** One that is there by that name already may be returned in its stead, as Docker does. */
  make(host: Host, volume: VolumeToMake): Promise<VolumeState>;
  /** With its data, as far as that is Ferry's own making. Missing is success. */
  remove(host: Host, existing: VolumeState): Promise<void>;
  /**
   * Rejects unless the host has let go of its data, once nothing on it runs with the volume any
   * more: another one is about to take it. `mountpoint` is where it was while something did.
   */
  letGo(host: Host, volume: { readonly name: string; readonly mountpoint: string }): Promise<void>;
  /** Why a host could not take it from the one that has it, which is asked before that lets go. */
  takeProblem(host: Host, volume: VolumeToTake, from: Host): Promise<string | undefined>;
  /**
   * Resolves once the host has its data and nobody takes it away: before anything there is made or
   * started with it. Where it is kept for another one of these hosts, on which nothing runs with
   * it, that one loses it.
   */
  take(host: Host, volume: VolumeToTake, others: OtherHosts): Promise<void>;
  /**
   * Removes what a host that a replica has left has noted of a volume of its own, where that leaves
   * the data as it is.
   */
  forget(host: Host, name: string): Promise<void>;
}

/** What Docker does by itself with a driver of this name, where the data is as `scope` says. */
export type DockerDriver = (
  name: string,
  scope: Scope,
  /** Whether anybody has said so; else it is a guess. */
  sure: boolean,
) => VolumeDriver;

/** One that Docker knows, and whose volumes go where a service at this address is told. */
export type ControlledDriver = (name: string, control: string) => VolumeDriver;

/** The drivers that Ferry knows: those of its own, a row each, and whatever Docker knows. */
export class VolumeDrivers {
  constructor(
    readonly rows: readonly VolumeDriver[],
    private readonly dockers: DockerDriver,
    private readonly controlled?: ControlledDriver,
  ) {}

  of(volume: Scoped): VolumeDriver {
    const scope = this.scopeOf(volume);
    const { control } = volume;
    if (control !== undefined && this.controlled !== undefined) {
      return this.controlled(volume.driver, control);
    }
    const own = this.named(volume.driver).find((row) => row.scope === scope);
    return own ?? this.dockers(volume.driver, scope, knownScope(volume) !== undefined);
  }

  scopeOf(volume: Scoped): Scope {
    return volume.scope ?? this.ownScope(volume.driver) ?? scopeOf(volume);
  }

  /** Of a Docker volume that was found; the usual one where it is nobody's. */
  ofFound(existing: VolumeState): VolumeDriver {
    return this.rows.find((row) => row.recognises(existing)) ?? this.of({ driver: DEFAULT_DRIVER });
  }

  /** Of a Docker volume that was found, which no program is known to say anything of. */
  scopeOfExisting(existing: VolumeState): Scope {
    const { driver, options } = existing;
    const own = this.rows.find((row) => row.scope !== "host" && row.recognises(existing));
    return own?.scope ?? scopeOf({ driver, driverOptions: options });
  }

  /**
   * Notes on each volume where its data can be reached, where nobody could tell without the rows:
   * so that state which says nothing of it stays as it is.
   */
  withScopes<T extends Scoped>(volumes: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
    if (isUnknown(volumes)) return volumes;
    const noted = Object.entries(volumes).map(([key, volume]) => {
      if (isUnknown(volume) || isUnknown(volume.driver)) return [key, volume] as const;
      const scope = this.ownScope(volume.driver);
      const says = volume.scope === undefined && scope !== undefined;
      return [key, says ? { ...volume, scope } : volume] as const;
    });
    return Object.fromEntries(noted);
  }

  private named(name: string): VolumeDriver[] {
    return this.rows.filter(({ names }) => names.includes(name));
  }

  /** Of a row that is not Docker's own volumes, which its options may put anywhere. */
  private ownScope(name: string): Scope | undefined {
    return this.named(name).find(({ scope }) => scope !== "host")?.scope;
  }
}
