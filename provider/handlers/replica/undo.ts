import { sentence } from "./outcome";

interface Step {
  readonly what: string;
  readonly undo: () => Promise<void>;
  readonly required: boolean;
}

/** What a failed move takes back, last thing first. */
export class UndoStack {
  private readonly steps: Step[] = [];

  /**
   * `required`: without it nothing after may be undone (a source must not start while its copy may
   * be running).
   */
  add(what: string, undo: () => Promise<void>, required = false): void {
    this.steps.push({ what, undo, required });
  }

  /**
   * Resolves with what could not be undone; empty when all is as it was. `check` is asked before
   * each step: where it throws, whatever is left is another run's to do.
   */
  async run(check: () => void): Promise<string[]> {
    const failed: string[] = [];
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      check();
      try {
        await step.undo();
      } catch (error) {
        failed.push(`${step.what} failed: ${sentence(error)}`);
        if (step.required) break;
      }
    }
    return failed;
  }
}
