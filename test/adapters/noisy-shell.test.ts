import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import type { Host } from "../../provider/core/adapter-ports";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { Unframed } from "../../provider/adapters/ssh/frame";
import * as fc from "fast-check";
import { shellsHere } from "./shells-here";
import { TestServer } from "./ssh-server";

/**
 * Login shells that print, and such as are no POSIX shells: what is read is what the command said,
 * and nothing else.
 */

const home = mkdtempSync(join(tmpdir(), "ferry-noisy-"));
const hosts = sshHostDirectory();
let server: TestServer;
let host: Host;

const NOISE = 'echo welcome; echo \'{"not": "the answer"}\'; echo 41; echo warning 1>&2';

beforeAll(async () => {
  server = await new TestServer().listen();
  // bash reads this one when sshd starts it; the others when they find it at home.
  writeFileSync(join(home, ".bashrc"), `${NOISE} >&2; ${NOISE}; trap 'echo goodbye' EXIT; set -v`);
  writeFileSync(join(home, ".tcshrc"), "echo welcome\necho '{}'\n");
  writeFileSync(join(home, ".zshenv"), NOISE);
  mkdirSync(join(home, ".config/fish"), { recursive: true });
  writeFileSync(join(home, ".config/fish/config.fish"), "echo welcome\necho warning >&2\n");
  server.environment = () => ({
    ...process.env,
    HOME: home,
    SHLVL: "0",
    BASH_ENV: join(home, ".bashrc"),
    XDG_CONFIG_HOME: join(home, ".config"),
    LC_ALL: "xx_YY.UTF-8",
  });
  host = await hosts.open("node1", server.connection({ user: "root" }));
});

afterAll(async () => {
  await hosts.close();
  await server.close();
  rmSync(home, { recursive: true });
});

describe.each(shellsHere)("%s as the login shell", (shell) => {
  beforeAll(() => (server.loginShell = shell.split(" ")));
  const awkward = 'it\'s "a" $(touch x) \\ `b` !1 * \\0041\n\n\té;|&<>';

  test("an answer is what the command said, and its exit code", async () => {
    const said = await host.shell.run({ argv: ["sh", "-c", "echo out; echo err >&2; exit 3"] });
    expect(said).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
    expect(await host.shell.check({ argv: ["printf", "%s", awkward] })).toBe(awkward);
    expect(await host.shell.check({ argv: ["true"] })).toBe("");
    expect(await host.shell.check({ argv: ["printf", "no newline"] })).toBe("no newline");
  });

  test("a script gets its arguments, and a file its content", async () => {
    const script = `printf '%s|' "$@"; exit 5`;
    const result = await host.shell.script(script, [awkward, "-e"]);
    expect(result).toEqual({ exitCode: 5, stdout: `${awkward}|-e|`, stderr: "" });
    await host.shell.writeFile(join(home, "a file"), awkward);
    expect(await host.shell.readFile(join(home, "a file"))).toBe(awkward);
    expect(await host.shell.readFile(join(home, "none"))).toBeUndefined();
  });

  test("a stream carries every byte as it comes, and ends when it is told to", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) % 256));
    const running = await host.shell.stream({ argv: ["sh", "-c", "echo ready; cat; exit 4"] });
    const chunks: Buffer[] = [];
    const ready = new Promise((resolve) => running.stdout.once("data", resolve));
    running.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    // Nothing is held back while it waits.
    expect(String(await ready)).toBe("ready\n");
    running.stdin.end(bytes);
    expect((await running.done).exitCode).toBe(4);
    expect(Buffer.concat(chunks).subarray(6).equals(bytes)).toBe(true);
    const endless = await host.shell.stream({ argv: ["sleep", "30"] });
    endless.stdout.resume();
    endless.kill();
    expect((await endless.done).exitCode).toBe(143);
  });
});

test.each([
  ["sh -c 'echo This account is currently not available.; exit 1'", "currently not available"],
  ["false", "said: nothing (exit code 1)"],
  ["echo hello", "said: hello"],
  ["sh -c 'echo sh: command not found >&2; exit 127'", "sh: command not found (exit code 127)"],
])("a login shell that runs nothing (%s) is told as such, with the host", async (shell, said) => {
  server.loginShell = ["sh", "-c", shell];
  const running = host.shell.run({ argv: ["docker", "ps"] });
  await expect(running).rejects.toThrow(/^command `docker ps` failed on host 'node1' \(/);
  await expect(running).rejects.toThrow(said);
  await expect(running).rejects.toMatchObject({ fault: { kind: "refused", host: "node1" } });
  const stream = await host.shell.stream({ argv: ["docker", "ps"] });
  stream.stdout.resume();
  await expect(stream.done).rejects.toThrow(said);
});

test("a frame lets through what is between its marks, however it is cut into pieces", async () => {
  const mark = "0123456789abcdef";
  const piece = fc.oneof(fc.constantFrom("0", "01", mark.slice(0, 15), "\n", "x"), fc.string());
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  const free = text.filter((given) => !given.includes(mark));
  await fc.assert(
    fc.asyncProperty(free, free, fc.nat(255), text, fc.nat(7), async (...given) => {
      const [before, answer, code, behind, size] = given;
      fc.pre(
        !`${before}${mark}`.slice(0, -1).includes(mark) &&
          !`${answer}${mark}`.slice(0, -1).includes(mark),
      );
      const all = Buffer.from(`${before}${mark}\n${answer}${mark}${code}\n${behind}`);
      const frame = new Unframed(mark);
      const got: Buffer[] = [];
      frame.on("data", (chunk: Buffer) => got.push(chunk));
      for (let at = 0; at < all.length; at += size + 1)
        frame.write(all.subarray(at, at + size + 1));
      await new Promise((resolve) => frame.end(resolve));
      expect(Buffer.concat(got).toString()).toBe(Buffer.from(answer).toString());
      expect(frame.exitCode).toBe(code);
    }),
    { numRuns: 200 },
  );
});
