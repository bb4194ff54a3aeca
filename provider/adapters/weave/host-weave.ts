import { FerryError } from "../../core/errors";
import type { CommandResult, Host } from "../../core/ports";
import { dialectFor, type Dialect } from "../../core/weave/dialect";
import { usesFastDatapath, type DatapathFacts } from "../../core/weave/fast-datapath";
import type { Invocation } from "../../core/weave/invocation";
import { weaveMissing, type Weave } from "../../core/weave/port";
import { parseReport, type RouterReport } from "../../core/weave/report";
import { parseRouterArguments, type RouterContainer } from "../../core/weave/router-container";
import type { LaunchSettings } from "../../core/weave/settings";
import { installSweeper, removeSweeper } from "./dead-links";
import * as scripts from "./host-scripts";
import { causeOf, lastWords } from "./last-words";

/** How long a call may take on the host, in seconds. A launch may have to pull images first. */
const LAUNCH_SECONDS = 300;
const CALL_SECONDS = 60;
/** What a script may take beyond the deadline that it keeps itself. */
const GRACE_SECONDS = 30;

/** Weave Net on this host, by its own command and its status API. */
export function weaveOn(host: Pick<Host, "name" | "shell">): Weave {
  return new HostWeave(host);
}

class HostWeave implements Weave {
  readonly #host: Pick<Host, "name" | "shell">;

  constructor(host: Pick<Host, "name" | "shell">) {
    this.#host = host;
  }

  async version(): Promise<string | undefined> {
    const { exitCode, stdout, stderr } = await this.#script(scripts.VERSION);
    if (exitCode === 127) return undefined;
    if (exitCode !== 0) throw this.#failure("Looking for the weave command", stderr);
    return stdout.trim();
  }

  async datapath(): Promise<DatapathFacts> {
    const { stdout } = await this.#script(scripts.DATAPATH);
    const [openVSwitch, bridge] = stdout.trim().split(/\s+/);
    return {
      openVSwitch: openVSwitch === "yes",
      bridge: bridge === "bridge" || bridge === "datapath" ? bridge : "none",
    };
  }

  async router(password?: string): Promise<RouterContainer | undefined> {
    const { exitCode, stdout, stderr } = await this.#host.shell.run({
      argv: ["sh", "-c", scripts.ROUTER, "sh"],
      stdin: `${password ?? ""}\n`,
      root: true,
      ...(password === undefined ? {} : { redact: [password] }),
    });
    if (exitCode === scripts.NO_ROUTER) return undefined;
    if (exitCode !== 0) throw this.#failure("Looking for Weave's router", stderr);
    const [status = "", argv = "", compared] = stdout.trim().split("\n");
    return {
      status: status.trim(),
      settings: parseRouterArguments(argumentsOf(argv)),
      password: compared === "same" || compared === "other" ? compared : "none",
    };
  }

  async report(): Promise<RouterReport | undefined> {
    const { exitCode, stdout } = await this.#script(scripts.REPORT);
    if (exitCode !== 0 || stdout.trim() === "") return undefined;
    return parseReport(stdout);
  }

  async launch(settings: LaunchSettings): Promise<void> {
    const [dialect, facts] = [await this.#dialect(), await this.datapath()];
    const invocation = dialect.launch(settings, { fastDatapath: usesFastDatapath(facts) });
    const result = await this.#run(invocation, LAUNCH_SECONDS);
    if (result.exitCode === 0) return;
    const said = result.stderr + result.stdout;
    // Weave itself only says that its container died, and where to look.
    const words = /has died/.test(said) ? (await this.#script(scripts.LAST_WORDS)).stdout : "";
    const state = /already running/.test(said)
      ? "It was left as it is."
      : "No router runs there now; put that right and run again.";
    throw this.#failure(
      "Launching Weave's router",
      causeOf(words) ?? said,
      state,
      settings.password,
    );
  }

  async stop(): Promise<void> {
    await this.#check("Stopping Weave's router", (await this.#dialect()).stop());
  }

  async connect(targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return;
    const what = `Connecting Weave's router with ${targets.join(", ")}`;
    await this.#check(what, (await this.#dialect()).connect(targets));
  }

  async forget(targets: readonly string[]): Promise<void> {
    if (targets.length === 0) return;
    const what = `Making Weave's router forget ${targets.join(", ")}`;
    await this.#check(what, (await this.#dialect()).forget(targets));
  }

  async prime(timeoutSeconds: number): Promise<boolean> {
    const limit = Math.max(1, Math.ceil(timeoutSeconds));
    const result = await this.#run((await this.#dialect()).prime(), limit, scripts.RUN_AND_CLEAN);
    if (result.exitCode === 0) return true;
    if (isTimeout(result)) return false;
    throw this.#failure("Priming Weave's address manager", result.stderr + result.stdout);
  }

  keepSwept(): Promise<boolean> {
    return installSweeper(this.#host);
  }

  async reset(): Promise<void> {
    await removeSweeper(this.#host);
    if ((await this.version()) === undefined) {
      if ((await this.#script(scripts.ANY_ROUTER)).stdout.trim() === "") return;
      throw new FerryError(
        `${weaveMissing(this.#host.name)} Its router is still there, and needs the command to leave the network.`,
      );
    }
    await this.#check("Resetting Weave", (await this.#dialect()).reset());
    const left = (await this.#script(scripts.SWEEP)).stdout.trim();
    if (left === "") return;
    throw this.#failure("Resetting Weave", `it left ${left.replaceAll("\n", ", ")} behind`);
  }

  async #dialect(): Promise<Dialect> {
    const version = await this.version();
    if (version === undefined) throw new FerryError(weaveMissing(this.#host.name));
    try {
      return dialectFor(version);
    } catch (error) {
      throw error instanceof FerryError
        ? new FerryError(`${error.message}; host '${this.#host.name}' has the older one.`)
        : error;
    }
  }

  async #check(what: string, invocation: Invocation): Promise<void> {
    const result = await this.#run(invocation, CALL_SECONDS);
    if (result.exitCode === 0) return;
    const said = result.stderr + result.stdout;
    throw this.#failure(what, isTimeout(result) ? `no answer within ${CALL_SECONDS} s` : said);
  }

  async #run(
    invocation: Invocation,
    seconds: number,
    script = scripts.RUN,
  ): Promise<CommandResult> {
    const { argv, environment, secrets } = invocation;
    const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const names = Object.keys(secrets).join(" ");
    const result = await this.#host.shell.run({
      argv: ["sh", "-c", script, "sh", String(seconds), names, ...words, ...argv],
      stdin: Object.values(secrets)
        .map((value) => `${value}\n`)
        .join(""),
      root: true,
      timeoutSeconds: seconds + GRACE_SECONDS,
      redact: Object.values(secrets),
    });
    return { ...result, stdout: withoutCr(result.stdout), stderr: withoutCr(result.stderr) };
  }

  async #script(script: string): Promise<CommandResult> {
    const result = await this.#host.shell.script(script, [], { root: true });
    return { ...result, stdout: withoutCr(result.stdout), stderr: withoutCr(result.stderr) };
  }

  #failure(what: string, said: string, state = "", secret?: string): FerryError {
    const reason = lastWords(said) ?? "it gave no reason";
    const shown = secret === undefined ? reason : reason.replaceAll(secret, "***");
    const message = `${what} failed on host '${this.#host.name}': ${shown}. ${state}`;
    return new FerryError(message.trimEnd());
  }
}

/** 137: it had to be killed. */
const isTimeout = ({ exitCode }: CommandResult) =>
  exitCode === scripts.TIMED_OUT || exitCode === 137;

/** Later versions of Weave give their helper container a terminal, which ends lines with CR LF. */
const withoutCr = (text: string) => text.replaceAll("\r", "");

function argumentsOf(json: string): string[] {
  const parsed: unknown = JSON.parse(json || "null");
  return Array.isArray(parsed) ? parsed.map(String) : [];
}
