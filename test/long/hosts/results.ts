import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { Step } from "./steps";

/** How a step went on hosts of a kind. */
export interface Result {
  readonly holds: boolean;
  /** For the matrix: a figure or a word; of a step that failed, its message. */
  readonly said: string;
  readonly seconds: number;
}

export interface OfKind {
  /** The day of the run, as 2026-11-28. */
  readonly day: string;
  readonly steps: Partial<Record<Step, Result>>;
}

/** By the kind's name. One that has not been run has none. */
export type Results = Readonly<Record<string, OfKind>>;

export function readResults(file: string): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : {};
}

/** The results of one kind, kept in the file beside those of others as each step ends. */
export class Teller {
  private of: OfKind | undefined;

  constructor(
    private readonly file: string,
    private readonly kind: string,
  ) {}

  /**
   * @param after the steps without which there is nothing to do: it is not begun when one of them
   *   has failed
   */
  async step(step: Step, after: readonly Step[], work: () => Promise<string>): Promise<void> {
    this.of ??= { day: new Date().toISOString().slice(0, 10), steps: {} };
    const earlier = after.find((each) => this.of?.steps[each]?.holds !== true);
    const began = performance.now();
    const seconds = () => Math.round((performance.now() - began) / 100) / 10;
    try {
      if (earlier !== undefined) throw new Error(`not reached: '${earlier}' did not hold`);
      const said = await work();
      this.keep(step, { holds: true, said, seconds: seconds() });
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      this.keep(step, { holds: false, said, seconds: seconds() });
      throw error;
    }
  }

  private keep(step: Step, result: Result): void {
    if (this.of !== undefined) this.of.steps[step] = result;
    // Read anew: another run may have told of other kinds meanwhile.
    const all = { ...readResults(this.file), [this.kind]: this.of };
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify(all, null, 2)}\n`);
  }
}
