import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOutcome } from "../../provider/adapters/cutover/outcome";
import { hostProgram } from "../../provider/on-host/load";
import { hostShells, withParts } from "./on-host/here";

const MANIFEST = hostProgram("cutover/manifest.sh");

/** How the cutover compares whole volumes, on folders of this machine. */
const COMPARING = `set -u
LC_ALL=C
export LC_ALL
here=$PWD
changed=0:all
attributes=$here/attributes
${withParts("cutover/facts.sh", "cutover/target-compare.sh")}
back() {
  echo "kind back"
  echo "step compare"
  echo "reason $reason"
  cat differences
  exit
}
compare_changed
echo "kind committed"
`;

describe.each(hostShells)("%s %s", (program, ...words) => {
  let here: string;

  beforeEach(() => {
    here = mkdtempSync(join(tmpdir(), "ferry-compare-"));
    for (const folder of ["source", "target", "bin"]) mkdirSync(join(here, folder));
    writeFileSync(join(here, "manifest"), MANIFEST);
    writeFileSync(join(here, "path-0"), `${join(here, "target")}\n`);
    writeFileSync(join(here, "looks"), "fine - content\n");
    const ssh = join(here, "bin/ssh");
    writeFileSync(ssh, '#!/bin/sh\nexec sh ./manifest "$PWD/source" $(cat looks) "${4%-*}"\n');
    chmodSync(ssh, 0o755);
  });

  afterEach(() => rmSync(here, { recursive: true }));

  function compared() {
    const said = execFileSync(program, [...words, "-c", COMPARING], {
      cwd: here,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, PATH: `${join(here, "bin")}:${process.env["PATH"]}` },
    });
    return parseOutcome(said, { source: "node1", target: "node2", volumes: ["data"] });
  }

  function both(name: string, onSource: string, onTarget = onSource): void {
    for (const [side, content] of [
      ["source", onSource],
      ["target", onTarget],
    ] as const) {
      writeFileSync(join(here, side, name), content);
      utimesSync(join(here, side, name), 1e9, 1e9);
      utimesSync(join(here, side), 1e9, 1e9);
    }
  }

  test("equal copies go on", () => {
    both("a", "same");
    expect(compared()).toMatchObject({ kind: "committed" });
  });

  test("content that differs under the same size and time is told", () => {
    both("a", "before", "behind");
    both("b", "same");
    expect(compared()).toMatchObject({
      kind: "failed",
      reason: "the copies differ: data: the content of 'a' differs",
    });
  });

  test("copies differ even where the part of their lists that is looked at is equal", () => {
    // As of some 300,000 files, whose lists are longer than what is kept of them.
    writeFileSync(
      join(here, "manifest"),
      MANIFEST.replace("sort -z | head -c 33554432", "sort -z -r | head -c 30"),
    );
    both("a", "before", "behind");
    expect(compared()).toMatchObject({ kind: "failed", reason: "the copies differ" });
    expect(readFileSync(join(here, "there-0"))).toEqual(readFileSync(join(here, "here-0")));
  });
});
