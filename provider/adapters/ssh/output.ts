import type { ClientChannel } from "ssh2";
import type { CommandResult } from "../../core/ports";

export interface OutputOptions {
  /** false leaves standard output to the caller. */
  readonly stdout: boolean;
  /** The first line on stderr is the process's id, and no part of the command's own output. */
  readonly processId: boolean;
}

/** Gathers what a command writes and how it ends. */
export class Output {
  private readonly out: Buffer[] = [];
  private readonly err: Buffer[] = [];
  private readonly announcedId: Promise<number>;
  private readonly end: Promise<CommandResult | undefined>;

  constructor(
    channel: ClientChannel,
    private readonly options: OutputOptions,
  ) {
    if (options.stdout) channel.on("data", (chunk: Buffer) => this.out.push(chunk));
    this.announcedId = new Promise((resolve, reject) => {
      channel.stderr.on("data", (chunk: Buffer) => {
        this.err.push(chunk);
        const id = options.processId ? /^(\d+)\n/.exec(this.rawStderr())?.[1] : undefined;
        if (id !== undefined) resolve(Number(id));
      });
      channel.once("close", () => reject(new Error("the command has ended")));
    });
    // Nobody may ask for it.
    this.announcedId.catch(() => undefined);
    this.end = new Promise((resolve) => {
      let exitCode: number | undefined;
      channel.on("exit", (code: number | null, signal?: string) => {
        exitCode = code ?? signalExitCode(signal);
      });
      channel.once("close", () =>
        resolve(
          exitCode === undefined
            ? undefined
            : { exitCode, stdout: Buffer.concat(this.out).toString(), stderr: this.stderr() },
        ),
      );
    });
  }

  /** undefined: the channel closed without word of how the command ended. */
  ended(): Promise<CommandResult | undefined> {
    return this.end;
  }

  /** Rejects when the command has ended. */
  processId(): Promise<number> {
    return this.announcedId;
  }

  stderr(): string {
    const text = this.rawStderr();
    return this.options.processId ? text.replace(/^\d+\n/, "") : text;
  }

  private rawStderr(): string {
    return Buffer.concat(this.err).toString();
  }
}

const SIGNALS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  TERM: 15,
};

/** As a shell would report it. */
function signalExitCode(signal: string | undefined): number {
  return 128 + (SIGNALS[(signal ?? "").replace(/^SIG/, "")] ?? 1);
}
