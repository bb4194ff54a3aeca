import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MILLISECONDS, TICK_MS } from "../../provider/adapters/host-clock";

const folder = mkdtempSync(join(tmpdir(), "ferry-clock-"));
afterAll(() => rmSync(folder, { recursive: true }));

const said = (script: string) =>
  spawnSync("sh", ["-euc", script], { encoding: "utf8" }).stdout.trim();

test.each([
  ["0.00 0.00", 0],
  ["0.07 0.00", 70],
  ["12.08 3.01", 12_080],
  ["12.80 3.01", 12_800],
  ["98765432.99 1.00", 98_765_432_990],
])("a host that has run %s", (uptime, milliseconds) => {
  const file = join(folder, "uptime");
  writeFileSync(file, `${uptime}\n`);
  const script = `${MILLISECONDS.replaceAll("/proc/uptime", file)}milliseconds`;
  expect(said(script)).toBe(String(milliseconds));
});

test("a time that passes is measured, to a tick", () => {
  const script = `${MILLISECONDS}began=$(milliseconds); sleep 0.3; echo $(($(milliseconds) - began))`;
  expect(Number(said(script))).toBeGreaterThanOrEqual(300 - TICK_MS);
});
