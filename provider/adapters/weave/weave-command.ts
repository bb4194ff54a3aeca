import { FerryError } from "../../core/errors";
import type { CommandResult, Host } from "../../core/adapter-ports";
import { dialectFor, type Dialect } from "../../core/weave/dialect";
import type { Invocation } from "../../core/weave/invocation";
import { weaveMissing } from "../../core/weave/weave-port";
import type { WeaveSource } from "../../core/weave/source";
import * as scripts from "./host-scripts";
import { lastWords } from "./last-words";

/** How long a call may take on the host, in seconds. */
const CALL_SECONDS = 60;
/** What a script may take beyond the deadline that it keeps itself. */
const GRACE_SECONDS = 30;

export interface ScriptOptions {
  readonly args?: readonly string[];
  readonly stdin?: string | Buffer;
  readonly redact?: readonly string[];
  readonly timeoutSeconds?: number;
}

/** The weave command and constant scripts on one host, and how their failures are told. */
export class WeaveCommand {
  readonly #host: Pick<Host, "name" | "shell">;
  readonly #source: WeaveSource;
  #version: string | undefined;
  #imagesOf = "";

  constructor(host: Pick<Host, "name" | "shell">, source: WeaveSource = {}) {
    this.#host = host;
    this.#source = source;
  }

  get hostName(): string {
    return this.#host.name;
  }

  /** Its path on the host, where the program says one. */
  get path(): string | undefined {
    return this.#source.command;
  }

  /** What says on which host, and where, there is no such command. */
  get missing(): string {
    return weaveMissing(this.hostName, this.path);
  }

  /** Asks the host anew each time; whoever only needs the words takes `dialect`. */
  async version(): Promise<string | undefined> {
    const { exitCode, stdout, stderr } = await this.script(scripts.VERSION, { args: [this.#name] });
    if (exitCode === 127) return undefined;
    if (exitCode !== 0) throw this.failure("Looking for the weave command", stderr);
    const [version = "", imagesOf = ""] = stdout.trim().split("\n");
    this.#imagesOf = imagesOf;
    return (this.#version = version);
  }

  /**
   * Whose images it launches: the program's word, or else "weaveworks" or whomever the command
   * wants; undefined where neither says.
   */
  async imagesOf(): Promise<string | undefined> {
    if (this.#source.images !== undefined) return this.#source.images;
    await this.requireVersion();
    return this.#imagesOf === "" ? undefined : this.#imagesOf;
  }

  async requireVersion(): Promise<string> {
    const version = this.#version ?? (await this.version());
    if (version === undefined) throw new FerryError({ kind: "trouble", reason: this.missing });
    return version;
  }

  /** Looks up the words of this host's version. What it has no word for is told with the host. */
  async words<T>(use: (dialect: Dialect, version: string) => T): Promise<T> {
    const version = await this.requireVersion();
    try {
      return use(dialectFor(version, this.#source), version);
    } catch (error) {
      throw error instanceof FerryError
        ? new FerryError({
            kind: "trouble",
            reason: `${error.message}; host '${this.hostName}' has the older one.`,
          })
        : error;
    }
  }

  /** Runs a call of the weave command, bounded on the host itself. */
  async run(
    invocation: Invocation,
    seconds = CALL_SECONDS,
    script: string = scripts.RUN,
  ): Promise<CommandResult> {
    const { environment, secrets } = invocation;
    const argv = [this.#name, ...invocation.argv.slice(1)];
    const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const names = Object.keys(secrets).join(" ");
    return this.script(script, {
      args: [String(seconds), names, ...words, ...argv],
      stdin: Object.values(secrets)
        .map((value) => `${value}\n`)
        .join(""),
      timeoutSeconds: seconds + GRACE_SECONDS,
      redact: Object.values(secrets),
    });
  }

  get #name(): string {
    return this.path ?? "weave";
  }

  /** What has the command called, for a script that may have to call it. */
  async scriptWithCommand(script: string): Promise<CommandResult> {
    return this.script(script, { args: [this.#name] });
  }

  /** As `run`; anything but success rejects. */
  async check(what: string, call: (dialect: Dialect) => Invocation): Promise<string> {
    const result = await this.run(await this.words(call));
    if (result.exitCode === 0) return result.stdout;
    const said = isTimeout(result)
      ? `no answer within ${CALL_SECONDS} s`
      : result.stderr + result.stdout;
    throw this.failure(what, said);
  }

  /**
   * A constant script, as root, with arguments. It goes by standard input, or, when that has
   * something else to bring, as an argument of `sh`.
   */
  async script(script: string, options: ScriptOptions = {}): Promise<CommandResult> {
    const { args = [], stdin, ...rest } = options;
    const { shell } = this.#host;
    const result =
      stdin === undefined
        ? await shell.script(script, args, { root: true, ...rest })
        : await shell.run({
            argv: ["sh", "-c", script, "sh", ...args],
            stdin,
            root: true,
            ...rest,
          });
    return { ...result, stdout: withoutCr(result.stdout), stderr: withoutCr(result.stderr) };
  }

  /** As `script`; anything but success rejects. */
  async checkScript(what: string, script: string, options: ScriptOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.script(script, options);
    if (exitCode === 0) return stdout;
    throw this.failure(what, stderr || `exit code ${exitCode}`, "", options.redact);
  }

  failure(what: string, said: string, state = "", secrets: readonly string[] = []): FerryError {
    const reason = lastWords(said) ?? "it gave no reason";
    const shown = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), reason);
    return new FerryError({
      kind: "trouble",
      reason: `${what} failed on host '${this.hostName}': ${shown}. ${state}`.trimEnd(),
    });
  }
}

/** 137: it had to be killed. */
export const isTimeout = ({ exitCode }: CommandResult) =>
  exitCode === scripts.TIMED_OUT || exitCode === 137;

/** Later versions of Weave give their helper container a terminal, which ends lines with CR LF. */
const withoutCr = (text: string) => text.replaceAll("\r", "");
