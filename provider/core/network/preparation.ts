import type { SettingsProblem } from "../bootstrap/fields";

/** How the network comes onto a machine that is being prepared (core/bootstrap). */
export interface NetworkPreparation {
  /** The field of `bootstrap` that says what is wanted, and of its `mirrors` that says from where. */
  readonly field: string;
  /** From where, unless the program says otherwise. */
  readonly mirror: string;
  /** What it is called, for whoever has to put it there by other means. */
  readonly needs: string;
  /** Reads the field; false where the program wants none. Adds to `problems` what is wrong. */
  read(value: unknown, problems: SettingsProblem[]): PreparedNetwork | false;
}

/** What is wanted of the network on one machine. */
export interface PreparedNetwork {
  /** In their order. */
  readonly parts: readonly NetworkPart[];
  /** Files of the operator's that are copied to the host first. */
  readonly files: readonly NetworkFile[];
  /** What the programs of the parts are told, each by the name that they have for it. */
  values(mirror: string): Readonly<Record<string, string>>;
}

export interface NetworkPart {
  /** Names a resource of the program's. */
  readonly part: string;
  /** A file in provider/on-host. */
  readonly program: string;
  /** What it does, in words that no shell reads as anything else. */
  readonly words: string;
}

export interface NetworkFile {
  /** Names a resource of the program's. */
  readonly what: string;
  readonly source: string;
  /** In the folder that is copied to (core/bootstrap/copied.ts). */
  readonly target: string;
}
