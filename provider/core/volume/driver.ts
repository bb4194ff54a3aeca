import type { Host, VolumeState } from "../ports";
import { isUnknown } from "../unknown";

/** The one that a volume has when the program names none. */
export const DEFAULT_DRIVER = "local";

/**
 * Where a volume's data can be reached, which is how a move hands it over. `host`: on one host, so
 * that it is copied, and all that mount it are on that host. `shared`: on every host, so that
 * nothing is copied; the source is stopped before the target starts all the same.
 */
export type Scope = "host" | "shared";

export type DriverOptions = Readonly<Record<string, string>>;

/** A Docker volume that is to be made. */
export interface VolumeToMake {
  readonly name: string;
  readonly options: DriverOptions;
  readonly labels: Readonly<Record<string, string>>;
}

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
  moveInWords(volumes: string): string;
  /** Whether a Docker volume that was found is one of its own; pure. */
  recognises(existing: VolumeState): boolean;
  /** Whether it was made with these options: Docker says nothing when they differ. Pure. */
  hasOptions(existing: VolumeState, options: DriverOptions): boolean;
  /** Why its data cannot be handed over to another host; undefined when it can. Pure. */
  handOverProblem(existing: VolumeState): string | undefined;
  find(host: Host, name: string): Promise<VolumeState | undefined>;
  /** One that is there by that name already may be returned in its stead, as Docker does. */
  make(host: Host, volume: VolumeToMake): Promise<VolumeState>;
  /** With its data. Missing is success. */
  remove(host: Host, name: string): Promise<void>;
}

/** The drivers that Ferry knows. */
export class VolumeDrivers {
  constructor(readonly rows: readonly VolumeDriver[]) {}

  /** "'local' and 'flocker'". */
  get namesInWords(): string {
    const names = this.rows.flatMap((row) => row.names).map((name) => `'${name}'`);
    return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(" and ");
  }

  named(name: string): VolumeDriver | undefined {
    return this.rows.find(({ names }) => names.includes(name));
  }

  /** Of a volume that `check` has let pass. */
  of({ driver }: { readonly driver: string }): VolumeDriver {
    const found = this.named(driver);
    if (found === undefined) throw new TypeError(`There is no volume driver '${driver}'.`);
    return found;
  }

  /** Whether any of them has data that every host reaches. */
  get anyShared(): boolean {
    return this.rows.some(({ scope }) => scope === "shared");
  }

  /** Whether every host reaches what is in a Docker volume that was found. */
  isShared(existing: VolumeState): boolean {
    return this.rows.some((row) => row.scope === "shared" && row.recognises(existing));
  }

  /**
   * Notes on each volume where its data can be reached. Only where that is not the host alone, so
   * that state which says nothing of it stays as it is.
   */
  withScopes<T extends { readonly driver: string; readonly scope?: "shared" }>(
    volumes: Readonly<Record<string, T>>,
  ): Readonly<Record<string, T>> {
    if (isUnknown(volumes)) return volumes;
    const noted = Object.entries(volumes).map(([key, volume]) => {
      if (isUnknown(volume) || isUnknown(volume.driver)) return [key, volume] as const;
      const shared = this.named(volume.driver)?.scope === "shared";
      return [key, shared ? { ...volume, scope: "shared" as const } : volume] as const;
    });
    return Object.fromEntries(noted);
  }
}
