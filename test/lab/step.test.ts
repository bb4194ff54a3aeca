import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { waitFor } from "../../lab/exec";
import { withLock } from "../../lab/lock";
import { ensure, isMade, recipeHash, resultOf, type Step } from "../../lab/setup/step";

const position = { index: 1, count: 1 };
const repo = join(__dirname, "..", "..");

describe("a cached step", () => {
  let cache: string;
  let built: number;
  let lines: string[];
  const say = (line: string): void => void lines.push(line);

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "ferry-cache-"));
    built = 0;
    lines = [];
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  const step = (recipe = "one"): Step => ({
    name: "thing",
    title: "making a thing",
    expectedSeconds: 1,
    recipe: () => recipe,
    keyFiles: ["file"],
    build: (dir) => {
      built += 1;
      writeFileSync(join(dir, "file"), recipe);
      return Promise.resolve();
    },
  });

  it("is made once, and says so", async () => {
    const dir = await ensure(step(), position, say, cache);
    expect(await ensure(step(), position, say, cache)).toBe(dir);
    expect(built).toBe(1);
    expect(lines[0]).toContain("[1/1] making a thing (about 1 s)");
  });

  it("is made anew for another recipe", async () => {
    expect(recipeHash("one")).not.toBe(recipeHash("two"));
    await ensure(step("one"), position, say, cache);
    const dir = await ensure(step("two"), position, say, cache);
    expect(readFileSync(join(dir, "file"), "utf8")).toBe("two");
    expect(built).toBe(2);
  });

  it("is not trusted when a key file was cut short, changed or lost", async () => {
    const file = join(await ensure(step(), position, say, cache), "file");
    writeFileSync(file, "o");
    expect(isMade(step(), cache)).toBe(false);
    writeFileSync(file, "two");
    expect(isMade(step(), cache)).toBe(false);
    rmSync(file);
    expect(isMade(step(), cache)).toBe(false);
    await ensure(step(), position, say, cache);
    expect(isMade(step(), cache)).toBe(true);
  });

  it("is trusted when a key file was only touched", async () => {
    const file = join(await ensure(step(), position, say, cache), "file");
    utimesSync(file, 1, 1);
    expect(isMade(step(), cache)).toBe(true);
  });

  it("fails with one sentence that names the log, and leaves nothing that looks made", async () => {
    const failing: Step = { ...step(), build: () => Promise.reject(new Error("no space left.")) };
    await expect(ensure(failing, position, say, cache)).rejects.toThrow(
      /^making a thing failed \(no space left\); read .*thing\.log, put right .*again\.$/,
    );
    expect(isMade(step(), cache)).toBe(false);
  });

  it("fails when the build left no key file", async () => {
    const empty: Step = { ...step(), build: () => Promise.resolve() };
    await expect(ensure(empty, position, say, cache)).rejects.toThrow("left no file");
  });

  it("is made anew after the process that was making it was killed", async () => {
    const script = `
      const { ensure } = require("./lab/setup/step");
      ensure({ name: "thing", title: "making a thing", expectedSeconds: 1, recipe: () => "one", keyFiles: ["file"],
        build: async (dir) => {
          require("node:fs").writeFileSync(dir + "/file", "half");
          await new Promise((resolve) => setTimeout(resolve, 60_000));
        } }, { index: 1, count: 1 }, () => {}, ${JSON.stringify(cache)});`;
    const args = ["-r", "ts-node/register/transpile-only", "-e", script];
    const builder = spawn(process.execPath, args, { cwd: repo, stdio: "inherit" });
    const half = join(cache, "half-made/thing/file");
    await waitFor(() => (existsSync(half) ? true : undefined), 20_000);
    builder.kill("SIGKILL");
    const dir = await ensure(step(), position, say, cache);
    expect(dir).toBe(resultOf(step(), cache));
    expect(readFileSync(join(dir, "file"), "utf8")).toBe("one");
  }, 30_000);

  it("is made by one of two that want it at the same time", async () => {
    const slow: Step = {
      ...step(),
      build: async (dir, log) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        await step().build(dir, log);
      },
    };
    await Promise.all([1, 2, 3].map(() => ensure(slow, position, say, cache)));
    expect(built).toBe(1);
  });
});

test("a lock lets one in at a time, and lets go when the action fails", async () => {
  const dir = mkdtempSync(join(tmpdir(), "ferry-lock-"));
  const path = join(dir, "lock");
  let inside = 0;
  const action = async (): Promise<void> => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside -= 1;
  };
  const failing = withLock(
    path,
    () => undefined,
    () => Promise.reject(new Error("no")),
  );
  await expect(failing).rejects.toThrow("no");
  await Promise.all([1, 2, 3].map(() => withLock(path, () => undefined, action)));
  rmSync(dir, { recursive: true });
});
