import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";

import { LabError, messageOf } from "./errors";

export interface ExecResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ExecOptions {
  input?: string | Buffer;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
}

/**
 * Runs one program (no shell) and collects what it says. A program that cannot be started has code
 * 127.
 */
export function exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const [program = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
      killSignal: "SIGKILL",
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (error) =>
      resolve({ code: 127, stdout: "", stderr: `${program}: ${error.message}` }),
    );
    child.on("close", (code, signal) =>
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString() + (signal === null ? "" : `ended by ${signal}`),
      }),
    );
    // A program that ends without reading its input is no failure of ours; its exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** The same, for programs that must succeed: gives their standard output. */
export async function must(argv: readonly string[], options: ExecOptions = {}): Promise<string> {
  const result = await exec(argv, options);
  if (result.code !== 0) {
    const said = (result.stderr || result.stdout).trim().split("\n").slice(-3).join("; ");
    throw new LabError(`'${argv.join(" ")}' failed with code ${result.code}: ${said}`);
  }
  return result.stdout;
}

/**
 * Runs a long program with its output appended to a log file, so that a failure can be read there.
 */
export async function mustLogged(
  argv: readonly string[],
  log: string,
  options: Omit<ExecOptions, "input" | "timeoutMs"> = {},
): Promise<void> {
  const [program = "", ...args] = argv;
  const out = openSync(log, "a");
  writeSync(out, `+ ${argv.join(" ")}\n`);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        stdio: ["ignore", out, out],
      });
      child.on("error", reject);
      child.on("exit", (status) => resolve(status ?? 128));
    });
    if (code !== 0) throw new LabError(`${program} failed with code ${code}`);
  } catch (error) {
    throw error instanceof LabError ? error : new LabError(messageOf(error));
  } finally {
    closeSync(out);
  }
}

/** Quotes one word for a POSIX shell. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Asks again and again until the answer is defined; undefined after the deadline. */
export async function waitFor<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  timeoutMs: number,
  everyMs = 50,
): Promise<T | undefined> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() >= deadline) return undefined;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
