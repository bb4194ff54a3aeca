import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "ferry-abandoned-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a provider whose engine was killed finishes what it is at, and ends", async () => {
  const file = join(folder, "done");
  const program = join(__dirname, "abandoned-process.ts");
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", program, file], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.stdout.destroy();
  child.stderr.destroy();
  expect(await ended).toBe(1);
  expect(readFileSync(file, "utf8")).toBe("done after 0 errors");
});
