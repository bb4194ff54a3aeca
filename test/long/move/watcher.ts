import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";

import type { Lab } from "../../../lab";
import type { MoveStep } from "../../../provider/core/move/plan";
import type { Subject } from "./host-view";
import type { FromLookout, Seen, Strike, ToLookout, Watch } from "./lookout";

/** What became of the fault that was armed. */
export interface Struck {
  /** The step that the move had reached by then. */
  readonly step: MoveStep;
  readonly problem?: string;
  /** By this machine's clock, in milliseconds. */
  readonly when: number;
}

/** The lookout's process, from this side. */
export class Watcher {
  private readonly child: ChildProcess;
  private struck: Struck | undefined;
  private steps: { step: MoveStep; atMs: number }[] = [];
  private onSeen: (seen: Seen) => void = () => undefined;

  constructor(lab: Lab, hosts: readonly string[], subject: Subject) {
    this.child = fork(join(__dirname, "lookout.ts"), [], {
      execArgv: ["-r", "ts-node/register/transpile-only"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.child.on("message", (message: FromLookout) => {
      if (message.kind === "seen") this.onSeen(message.seen);
      else if (message.kind === "struck") this.struck = { ...message, when: Date.now() };
      else this.steps.push(message);
    });
    this.tell({ kind: "look", lab, hosts: [...hosts], subject });
  }

  /** A move is about to begin. */
  begin(watch: Watch): void {
    this.struck = undefined;
    this.steps = [];
    this.tell({ kind: "watch", watch });
  }

  /** Lets a fault happen at a step, or at the first one after it. */
  arm(step: MoveStep, strike: Strike): void {
    this.tell({ kind: "arm", step, strike });
  }

  /** The move is over. */
  rest(): void {
    this.tell({ kind: "rest" });
  }

  /** undefined while the step for which the fault is armed has not come. */
  get strike(): Struck | undefined {
    return this.struck;
  }

  /** "prepare 180, pre-copy 420, ...": when each step was first seen, in milliseconds. */
  get course(): string {
    return this.steps.map(({ step, atMs }) => `${step} ${atMs}`).join(", ");
  }

  /** What was seen since the last report. */
  report(): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error("the lookout has ended"));
      if (!this.child.connected) gone();
      this.child.once("exit", gone);
      this.onSeen = (seen) => {
        this.child.off("exit", gone);
        resolve(seen);
      };
      this.tell({ kind: "report" });
    });
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }

  private tell(message: ToLookout): void {
    if (this.child.connected) this.child.send(message);
  }
}
