import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareCopies } from "../../provider/adapters/volume/compare";
import type { CopyRoute } from "../../provider/core/move/move-ports";
import type { Host } from "../../provider/core/adapter-ports";
import { hostProgram } from "../../provider/on-host/load";
import { hostShells, withParts } from "./on-host/here";

/** A disk that does not take what was written to it, and a `sync` of old that knows no folders. */
const SYNCS = {
  good: "exit 0",
  broken: `[ $# = 0 ] || { echo "sync: error syncing '.': Input/output error" >&2; exit 1; }`,
  old: `[ $# = 0 ] || { echo "sync: invalid option -- 'f'" >&2; exit 1; }`,
};

describe.each(hostShells)("%s %s: a copy that the disk does not take", (program, ...words) => {
  let here: string;

  beforeEach(() => {
    here = mkdtempSync(join(tmpdir(), "ferry-on-disk-"));
    for (const each of ["bin", "copy", "new"]) mkdirSync(join(here, each));
  });
  afterEach(() => rmSync(here, { recursive: true }));

  function run(sync: keyof typeof SYNCS, script: string, args: readonly string[] = []) {
    writeFileSync(join(here, "bin/sync"), `#!/bin/sh\n${SYNCS[sync]}\n`);
    chmodSync(join(here, "bin/sync"), 0o755);
    const { status, stdout, stderr } = spawnSync(program, [...words, "-c", script, "sh", ...args], {
      cwd: here,
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(here, "bin")}:${process.env["PATH"]}` },
    });
    return { exitCode: status ?? 1, stdout, stderr };
  }

  test.each([
    ["volume/put-on-disk.sh", ["copy", "new"]],
    ["volume/move-all.sh", ["copy", "new"]],
  ])("is told by %s", (name, args) => {
    const paths = args.map((each) => join(here, each));
    expect(run("good", hostProgram(name), paths)).toMatchObject({ exitCode: 0 });
    expect(run("old", hostProgram(name), paths)).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = run("broken", hostProgram(name), paths);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Input/output error")]);
  });

  test("goes back before and in the cutover", () => {
    writeFileSync(join(here, "path-0"), `${join(here, "copy")}\n`);
    const parts = withParts("volume/on-disk.sh", "cutover/target-record.sh");
    expect(run("good", `${parts}copiesOnDisk`)).toMatchObject({ exitCode: 0 });
    const broken = run(
      "broken",
      `${parts}copiesOnDisk || { printf %s "$(cat disk-said)"; exit 3; }`,
    );
    expect(broken).toMatchObject({ exitCode: 3 });
    expect(broken.stdout).toContain("Input/output error");
    const program = hostProgram("cutover/target.sh");
    expect(program.match(/^copiesOnDisk \|\| unsaved$/m)).not.toBeNull();
    expect(program.match(/^wait "\$saving" \|\| unsaved$/m)).not.toBeNull();
  });

  test("is not equal to what the source has", async () => {
    const host = (name: string) =>
      ({
        name,
        shell: {
          script: (script: string, args: readonly string[]) =>
            Promise.resolve(run("broken", script, args)),
        },
      }) as unknown as Host;
    const path = { name: "data", source: join(here, "copy"), target: join(here, "new") };
    const route = { source: host("node1"), target: host("node2"), paths: [path] };
    const none = { rsync: undefined, programs: new Set<string>() };
    const compared = compareCopies(route as unknown as CopyRoute, { content: false }, none, none);
    await expect(compared).rejects.toThrow(/host 'node2'.*Input\/output error/s);
  });
});
