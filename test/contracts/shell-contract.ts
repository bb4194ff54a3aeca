import type { Host } from "../../provider/core/adapter-ports";

export interface ShellFixture {
  /** A host to work on, with the programs sh, echo, cat, true, false and sleep. */
  readonly host: () => Host;
  /** A folder that the test may fill; removed by the fixture. */
  readonly folder: string;
}

/** What every Shell does, real or fake. */
export function shellContract(name: string, fixture: ShellFixture): void {
  const shell = () => fixture.host().shell;
  const awkward = `it's "a" $(touch x) \\ \`b\` *\n${"é".repeat(3)}\t;|&<>`;

  describe(`Shell: ${name}`, () => {
    test("run gives output and exit code, whatever the code is", async () => {
      const said = await shell().run({ argv: ["echo", "a", "b"] });
      expect(said).toEqual({ exitCode: 0, stdout: "a b\n", stderr: "" });
      const failed = await shell().run({ argv: ["sh", "-c", "echo out; echo err >&2; exit 3"] });
      expect(failed).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
      expect((await shell().run({ argv: ["no-such-program"] })).exitCode).toBe(127);
    });

    test("an argument arrives as it was given", async () => {
      expect(await shell().check({ argv: ["echo", awkward] })).toBe(`${awkward}\n`);
    });

    test("standard input arrives whole", async () => {
      const stdin = `${awkward}${"0123456789".repeat(20_000)}`;
      expect(await shell().check({ argv: ["cat"], stdin })).toBe(stdin);
      expect(await shell().check({ argv: ["cat"] })).toBe("");
    });

    test("check rejects with the reason, the host and the code, and without secrets", async () => {
      const command = {
        argv: ["sh", "-c", "echo the token is $1 >&2; exit 4", "sh", "s3cret"],
        redact: ["s3cret"],
      };
      const failure = shell().check(command);
      await expect(failure).rejects.toThrow("the token is *** (exit code 4)");
      await expect(failure).rejects.toThrow(`host '${fixture.host().name}'`);
      await expect(failure).rejects.not.toThrow("s3cret");
    });

    test("a command that takes too long rejects and says so", async () => {
      const late = shell().run({ argv: ["sleep", "30"], timeoutSeconds: 1 });
      await expect(late).rejects.toThrow("did not end within 1 s");
    });

    test("root is root", async () => {
      expect(await shell().check({ argv: ["id", "-u"], root: true })).toBe("0\n");
    });

    test("a script gets its arguments, and nothing of itself as input", async () => {
      const script = `printf '%s|' "$@"; cat; [ $# -eq 2 ] && exit 5`;
      const result = await shell().script(script, [awkward, "-e"]);
      expect(result).toEqual({ exitCode: 5, stdout: `${awkward}|-e|`, stderr: "" });
    });

    test("a stream carries input and output, and tells how it ended", async () => {
      const running = await shell().stream({ argv: ["cat"] });
      running.stdin.end("through and through");
      const chunks: Buffer[] = [];
      for await (const chunk of running.stdout as AsyncIterable<Buffer>) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe("through and through");
      expect(await running.done).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    });

    test.each([false, true])("a stream that is killed ends (root: %s)", async (root) => {
      const running = await shell().stream({ argv: ["cat"], root });
      running.stdout.resume();
      running.kill();
      expect((await running.done).exitCode).toBe(143);
    });

    test("a file is written, read, and written over", async () => {
      const path = `${fixture.folder}/not yet/a file's name`;
      expect(await shell().readFile(path)).toBeUndefined();
      await shell().writeFile(path, `${awkward} first, and longer`, { mode: 0o644 });
      await shell().writeFile(path, awkward);
      expect(await shell().readFile(path)).toBe(awkward);
      await shell().writeFile(path, Buffer.alloc(0), { root: true });
      expect(await shell().readFile(path, { root: true })).toBe("");
    });

    test("a file's path is absolute", async () => {
      await expect(shell().writeFile("relative", "x")).rejects.toThrow("absolute path");
      await expect(shell().readFile("/folder/")).rejects.toThrow("absolute path");
    });

    test("a hundred commands at once all end well", async () => {
      const all = Array.from({ length: 100 }, (_, i) => shell().check({ argv: ["echo", `${i}`] }));
      expect(await Promise.all(all)).toEqual(all.map((_, i) => `${i}\n`));
    });
  });
}
