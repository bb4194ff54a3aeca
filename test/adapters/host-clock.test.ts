import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostProgram } from "../../provider/on-host/load";
import { shellsHere } from "./shells-here";

const MILLISECONDS = hostProgram("host/milliseconds.sh");
const WALL = hostProgram("host/wall.sh");

/** By how much a time between two of its answers may be too short. */
const TICK_MS = 10;

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

describe.each(shellsHere.filter((shell) => !/fish|tcsh|zsh/.test(shell)))("by %s", (shell) => {
  const [program = "", ...own] = shell.split(" ");
  const wall = (date: string) =>
    spawnSync(program, [...own, "-euc", `${date}\n${WALL}wall`], {
      encoding: "utf8",
    }).stdout.trim();

  test("the time of the day has its fraction", () => {
    const now = wall("");
    expect(now).toMatch(/^\d{10}\.\d{9}$/);
    expect(Math.abs(Number(now) - Date.now() / 1000)).toBeLessThan(20);
  });

  test.each([["1795901324%N"], ["1795901324"], ["1795901324228"]])(
    "and none where `date` says %s",
    (said) => {
      const date = `date() { case $1 in +%s) echo 1795901324 ;; *) echo '${said}' ;; esac; }`;
      expect(wall(date)).toBe("1795901324");
    },
  );
});
