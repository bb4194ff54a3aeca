import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";

import type {
  KeptReplica,
  ReplicaInputs,
  ReplicaState,
} from "../../../provider/core/replica/model";
import type { Answer, Call } from "./replica-worker";

/** How an update ended. Neither: the process was gone before it could say. */
export interface Result {
  readonly state?: ReplicaState;
  readonly failure?: string;
  /** What Pulumi would keep of a failed update. */
  readonly partial?: ReplicaState;
  /** Lines that were told meanwhile. */
  readonly said: string;
}

/**
 * The built library in a process of its own, called as Pulumi's dynamic-provider process calls it:
 * one process a run, and one that can be killed. It is loaded ahead, so that a call begins at once.
 */
export class ReplicaProcess {
  private readonly child: ChildProcess;
  private readonly gone: Promise<undefined>;
  private said = "";

  constructor() {
    this.child = fork(join(__dirname, "replica-worker.ts"), [], {
      execArgv: ["-r", "ts-node/register/transpile-only"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.said += chunk.toString()));
    }
    this.gone = new Promise((resolve) => this.child.once("exit", () => resolve(undefined)));
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  check(olds: object, news: object): Promise<KeptReplica> {
    return this.must({ method: "check", args: [olds, news] });
  }

  /** As the engine does: nothing is made that has not been checked in the same process. */
  async create(
    program: ReplicaInputs,
    inputs: KeptReplica,
  ): Promise<{ id: string; outs: ReplicaState }> {
    await this.check({}, program);
    return this.must({ method: "create", args: [inputs] });
  }

  read(
    id: string,
    state: ReplicaState,
  ): Promise<{ id: string; props: ReplicaState; inputs: KeptReplica }> {
    return this.must({ method: "read", args: [id, state] });
  }

  async update(
    id: string,
    olds: ReplicaState,
    program: ReplicaInputs,
    news: KeptReplica,
  ): Promise<Result> {
    await this.check({}, program);
    const answer = await this.call<{ outs: ReplicaState }>({
      method: "update",
      args: [id, olds, news],
    });
    const { said } = this;
    if (answer === undefined) return { said };
    if ("value" in answer) return { said, state: answer.value.outs };
    const { failure, partial } = answer;
    return { said, failure, ...(partial === undefined ? {} : { partial }) };
  }

  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.gone;
  }

  private async must<T>(call: Call): Promise<T> {
    const answer = await this.call<T>(call);
    if (answer !== undefined && "value" in answer) return answer.value;
    throw new Error(`${call.method} failed: ${answer?.failure ?? "its process has ended"}`);
  }

  private async call<T>(call: Call): Promise<Answer<T> | undefined> {
    const answered = new Promise<Answer<T>>((resolve) =>
      this.child.once("message", (message) => resolve(message as Answer<T>)),
    );
    if (this.child.connected) this.child.send(call);
    return Promise.race([answered, this.gone]);
  }
}
