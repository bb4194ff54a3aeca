import { PassThrough, Readable } from "stream";
import type { Command, CommandResult, Shell } from "../../core/adapter-ports";
import { exitFailure, needsSudo, notBegun, timedOut, titleOf } from "../ssh/command";
import type { Endpoint } from "../ssh/failures";
import { DEFAULT_FILE_MODE, requireAbsolute } from "../ssh/files";
import { runFake } from "./fake-commands";
import { onHost } from "./fake-host";
import type { FakeHost } from "./fake-state";
import type { FakeWorld } from "./fake-world";

const DEFAULT_TIMEOUT_SECONDS = 60;
const SUDO_SAYS = {
  how: "not begun",
  exitCode: 1,
  said: "sudo: a password is required\n",
} as const;

/** The Shell port on a fake host. */
export function fakeShell(world: FakeWorld, endpoint: Endpoint): Shell {
  const requireRoot = (host: FakeHost, root: boolean | undefined) => {
    if (!needsSudo(endpoint, root) || !host.faults.refusesSudo) return;
    throw notBegun(endpoint, "sudo", { root: true }, SUDO_SAYS);
  };

  const runOn = (host: FakeHost, command: Command): CommandResult => {
    requireRoot(host, command.root);
    const { argv } = command;
    const seconds = command.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    // Time does not pass here: a sleep is over at once, or too long.
    if (argv[0] === "sleep") {
      if (Number(argv[1]) <= seconds) return { exitCode: 0, stdout: "", stderr: "" };
      throw timedOut(endpoint, titleOf(endpoint, argv, command.redact), seconds, true);
    }
    const stdin = Buffer.from(command.stdin ?? "");
    return runFake(world.commands, { host, argv, stdin, root: isRoot(command.root) });
  };

  const isRoot = (root: boolean | undefined) =>
    root === true || (endpoint.settings.user ?? "root") === "root";

  const run = (command: Command) =>
    onHost(world, endpoint, "shell.run", (host) => runOn(host, command));

  return {
    run,

    async check(command) {
      const result = await run(command);
      if (result.exitCode === 0) return result.stdout;
      const title = titleOf(endpoint, command.argv, command.redact);
      throw exitFailure(endpoint, title, result, command.redact);
    },

    script(script, args, options = {}) {
      return onHost(world, endpoint, "shell.script", (host) => {
        const argv = ["sh", "-s", "--", ...args];
        const own = world.scripts.get(script);
        if (!own) return runOn(host, { ...options, argv, stdin: script });
        requireRoot(host, options.root);
        const result = own({ host, argv, stdin: Buffer.alloc(0), root: isRoot(options.root) });
        return { exitCode: 0, stdout: "", stderr: "", ...result };
      });
    },

    async stream(command) {
      // A host that is not there is noticed as the command is started.
      await onHost(world, endpoint, "shell.stream", (host) => requireRoot(host, command.root));
      const stdin = new PassThrough();
      const stdout = new PassThrough();
      let killed = false;
      const work = async (): Promise<CommandResult> => {
        const chunks: Buffer[] = [];
        for await (const chunk of stdin as AsyncIterable<Buffer>) chunks.push(chunk);
        if (killed) return { exitCode: 143, stdout: "", stderr: "" };
        const result = await run({ ...command, stdin: Buffer.concat(chunks) });
        Readable.from([Buffer.from(result.stdout)]).pipe(stdout);
        return { ...result, stdout: "" };
      };
      const done = work();
      done.catch(() => undefined).finally(() => (killed ? stdout.end() : undefined));
      const kill = () => {
        killed = true;
        stdin.end();
      };
      return { stdin, stdout, done, kill };
    },

    writeFile(path, content, options = {}) {
      return onHost(world, endpoint, "shell.writeFile", (host) => {
        requireAbsolute(path);
        requireRoot(host, options.root);
        const bytes = Buffer.from(content);
        host.files[path] = {
          content: bytes.toString("base64"),
          mode: options.mode ?? DEFAULT_FILE_MODE,
        };
      });
    },

    readFile(path, options = {}) {
      return onHost(world, endpoint, "shell.readFile", (host) => {
        requireAbsolute(path);
        requireRoot(host, options.root);
        const file = host.files[path];
        return file && Buffer.from(file.content, "base64").toString();
      });
    },
  };
}
