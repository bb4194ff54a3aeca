import type { Readable } from "stream";
import type { ClientChannel } from "ssh2";
import type { CommandResult } from "../../core/adapter-ports";
import { framedStderr, Unframed, type Frame } from "./frame";

/** How a command ended; what came before its answer is no part of it. */
export type Ended =
  | { readonly how: "answered"; readonly result: CommandResult }
  /** The login shell ended without running it. */
  | { readonly how: "not begun"; readonly exitCode: number; readonly said: string }
  /** The channel closed without word of how it ended. */
  | { readonly how: "lost" };

/** Gathers what a command writes and how it ends. */
export class Output {
  /** The answer alone. Whoever asks for `gathered` leaves it to this. */
  readonly stdout: Readable;
  private readonly unframed: Unframed;
  private readonly out: Buffer[] = [];
  private readonly err: Buffer[] = [];
  private readonly announcedId: Promise<number>;
  private readonly end: Promise<Ended>;

  constructor(
    channel: ClientChannel,
    private readonly frame: Frame,
    { gathered }: { readonly gathered: boolean },
  ) {
    this.unframed = new Unframed(frame.mark);
    this.stdout = this.unframed;
    if (gathered) this.unframed.on("data", (chunk: Buffer) => this.out.push(chunk));
    const read = new Promise<void>((resolve) => {
      this.unframed.once("finish", resolve).once("close", resolve);
    });
    channel.pipe(this.unframed);
    this.announcedId = new Promise((resolve, reject) => {
      let isAnnounced = false;
      channel.stderr.on("data", (chunk: Buffer) => {
        this.err.push(chunk);
        // Only until then: joining all again at each chunk costs the square of what is written.
        if (isAnnounced) return;
        const { processId } = framedStderr(frame.mark, this.rawStderr());
        if (processId === undefined) return;
        isAnnounced = true;
        resolve(processId);
      });
      channel.once("close", () => reject(new Error("the command has ended")));
    });
    // Nobody may ask for it.
    this.announcedId.catch(() => undefined);
    let exitCode: number | undefined;
    channel.on("exit", (code: number | null, signal?: string) => {
      exitCode = code ?? signalExitCode(signal);
    });
    const closed = new Promise<void>((resolve) => channel.once("close", resolve));
    this.end = closed.then(async () => {
      // What is interrupted has no end; whoever reads it is to know.
      if (!this.unframed.writableEnded) this.unframed.destroy();
      await read;
      return this.judged(exitCode);
    });
  }

  ended(): Promise<Ended> {
    return this.end;
  }

  /** Rejects when the command has ended. */
  processId(): Promise<number> {
    return this.announcedId;
  }

  stderr(): string {
    return framedStderr(this.frame.mark, this.rawStderr()).said;
  }

  private judged(ofShell: number | undefined): Ended {
    const { begun, noise, exitCode } = this.unframed;
    if (!begun) {
      if (ofShell === undefined) return { how: "lost" };
      return { how: "not begun", exitCode: ofShell, said: this.rawStderr() || noise };
    }
    // Without the mark behind it, an answer may be cut short, whatever the login shell makes of
    // that.
    const code = exitCode ?? (ofShell === 0 ? undefined : ofShell);
    if (code === undefined) return { how: "lost" };
    const stdout = Buffer.concat(this.out).toString();
    return { how: "answered", result: { exitCode: code, stdout, stderr: this.stderr() } };
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
