import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Copying, cutting over and comparing as on an Alpine host that has the packages which Ferry asks
 * for: GNU's tools under busybox's shell. The suites are those that `npm test` runs under this
 * machine's own `sh`.
 */

const SUITES = [
  ...["authorized-keys", "between-rounds", "copied-sockets", "cutover-", "disks", "first-copy"],
  ...["hostile-source", "move-key", "rsync-mover-here", "volume-"],
];

const folder = mkdtempSync(join(tmpdir(), "ferry-busybox-"));
afterAll(() => rmSync(folder, { recursive: true }));

jest.setTimeout(1_800_000);

test("what runs on hosts runs under busybox's shell", () => {
  const found = spawnSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).stdout.trim();
  expect(found).toMatch(/busybox$/);
  symlinkSync(found, join(folder, "sh"));
  const env = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  const root = join(__dirname, "../..");
  const jestAt = join(root, "node_modules/.bin/jest");
  const args = ["--selectProjects", "adapters", "--runInBand", "--testPathPatterns", ...SUITES];
  const { status } = spawnSync(jestAt, args, {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  expect(status).toBe(0);
});
