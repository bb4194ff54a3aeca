import type { ClientChannel } from "ssh2";
import { FerryError } from "../../core/errors";
import type { Command, CommandResult, Shell, StreamingCommand } from "../../core/adapter-ports";
import { commandLine, endedByDeadline, exitFailure } from "./command";
import { notBegun, timedOut, titleOf } from "./command";
import { ChannelRefused } from "./channel";
import type { SshConnection } from "./connection";
import { at, lostFailure, type Endpoint } from "./failures";
import { isAbsent, readArgv, writeArgv } from "./files";
import { newFrame, type Frame } from "./frame";
import { Output, type Ended } from "./output";

const DEFAULT_TIMEOUT_SECONDS = 60;
/**
 * Beyond the deadline that the host keeps itself: for a host without `timeout`, or one that does
 * not answer.
 */
const GRACE_MILLISECONDS = 7_000;
const KILL_MILLISECONDS = 10_000;

/** The Shell port over an SSH connection. */
export class SshShell implements Shell {
  constructor(
    private readonly connection: SshConnection,
    private readonly endpoint: () => Endpoint,
  ) {}

  run(command: Command): Promise<CommandResult> {
    return this.runAs(titleOf(this.endpoint(), command.argv, command.redact), command);
  }

  check(command: Command): Promise<string> {
    return this.checkAs(titleOf(this.endpoint(), command.argv, command.redact), command);
  }

  script(
    script: string,
    args: readonly string[],
    options: Omit<Command, "argv" | "stdin"> = {},
  ): Promise<CommandResult> {
    // A shell reads the whole of a group before it runs any of it: a script that arrives cut short
    // does nothing.
    const stdin = `{\n${script}\n} </dev/null\n`;
    return this.runAs("script", { ...options, argv: ["sh", "-s", "--", ...args], stdin });
  }

  async stream(command: Omit<Command, "stdin">): Promise<StreamingCommand> {
    const endpoint = this.endpoint();
    const title = titleOf(endpoint, command.argv, command.redact);
    const started = performance.now();
    const frame = newFrame();
    const line = commandLine(endpoint, command, frame, true);
    const { channel, output } = await this.exec(line, frame, { gathered: false });
    let killed = false;
    const done = output.ended().then((end) => {
      // The signal and the end of its channel race: how the host tells it is chance.
      if (killed) return { exitCode: 143, stdout: "", stderr: output.stderr() };
      return this.judged(title, command, end, performance.now() - started);
    });
    // Who streams may well look at `done` only later.
    done.catch(() => undefined);
    const kill = () => {
      if (killed) return;
      killed = true;
      void output
        .processId()
        .then((id) =>
          this.run({ argv: ["kill", "-TERM", String(id)], root: command.root ?? false }),
        )
        .catch(() => undefined)
        .finally(() => closeChannel(channel));
      // Without a free session to send the signal by, the end of its streams has to do.
      setTimeout(() => closeChannel(channel), KILL_MILLISECONDS).unref();
    };
    return { stdin: channel, stdout: output.stdout, done, kill };
  }

  async writeFile(
    path: string,
    content: string | Buffer,
    options: { mode?: number; root?: boolean } = {},
  ): Promise<void> {
    const stdin = typeof content === "string" ? Buffer.from(content) : content;
    const argv = writeArgv(path, stdin.length, options.mode);
    await this.checkAs(`writing '${path}'`, { argv, stdin, root: options.root ?? false });
  }

  async readFile(path: string, options: { root?: boolean } = {}): Promise<string | undefined> {
    const title = `reading '${path}'`;
    const command = { argv: readArgv(path), root: options.root ?? false };
    const result = await this.runAs(title, command);
    if (result.exitCode === 0) return result.stdout;
    if (isAbsent(result.stderr)) return undefined;
    throw exitFailure(this.endpoint(), title, result, []);
  }

  private async checkAs(title: string, command: Command): Promise<string> {
    const result = await this.runAs(title, command);
    if (result.exitCode === 0) return result.stdout;
    throw exitFailure(this.endpoint(), title, result, command.redact);
  }

  private async runAs(title: string, command: Command): Promise<CommandResult> {
    const timeoutSeconds = command.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    const frame = newFrame();
    const line = commandLine(this.endpoint(), { ...command, timeoutSeconds }, frame);
    // From before it is sent: on a busy machine its beginning is heard of late, and its time there
    // would seem shorter than the deadline that ended it.
    const started = performance.now();
    const { channel, output } = await this.exec(line, frame, { gathered: true });
    const deadline = { passed: false };
    const timer = setTimeout(
      () => {
        deadline.passed = true;
        closeChannel(channel);
      },
      Math.ceil(timeoutSeconds) * 1000 + GRACE_MILLISECONDS,
    );
    channel.end(command.stdin ?? "");
    try {
      const end = await output.ended();
      if (deadline.passed) throw timedOut(this.endpoint(), title, timeoutSeconds, false);
      return this.judged(title, { ...command, timeoutSeconds }, end, performance.now() - started);
    } finally {
      clearTimeout(timer);
    }
  }

  private judged(
    title: string,
    command: Omit<Command, "stdin">,
    end: Ended,
    elapsed: number,
  ): CommandResult {
    const endpoint = this.endpoint();
    if (end.how === "lost") throw lostFailure(endpoint, title);
    if (end.how === "not begun") throw notBegun(endpoint, title, command, end);
    const { result } = end;
    const { timeoutSeconds } = command;
    if (timeoutSeconds !== undefined && endedByDeadline(result, elapsed, timeoutSeconds)) {
      throw timedOut(endpoint, title, timeoutSeconds, true);
    }
    return result;
  }

  private async exec(line: string, frame: Frame, options: { gathered: boolean }) {
    try {
      const attach = (channel: ClientChannel) => ({
        channel,
        output: new Output(channel, frame, options),
      });
      return await this.connection.exec(line, attach, { lasting: !options.gathered });
    } catch (error) {
      if (!(error instanceof ChannelRefused)) throw error;
      throw new FerryError({
        kind: "refused",
        what: "opening a session",
        ...at(this.endpoint()),
        reason: "its sshd refused it",
        advice:
          "Let the user run commands: MaxSessions is 1 or more (10 is the default), and no ForceCommand is in the way",
        touched: "nothing",
      });
    }
  }
}

/**
 * What is still on its way is read and dropped: a channel that nobody reads would never report its
 * end.
 */
function closeChannel(channel: ClientChannel): void {
  channel.unpipe();
  channel.destroy();
  channel.resume();
}
