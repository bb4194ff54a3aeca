import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { hostProgram } from "../../../provider/on-host/load";

const FOLDER = join(__dirname, "../../../provider/on-host");

const files = readdirSync(FOLDER, { recursive: true })
  .map(String)
  .filter((name) => /\.(sh|py)$/.test(name))
  .sort();
const textOf = (name: string) => readFileSync(join(FOLDER, name), "utf8");
const isProgram = (name: string) => textOf(name).startsWith("#!");

describe("the programs that run on hosts", () => {
  it("are there", () => {
    expect(files).toContain("lock/holder.sh");
  });

  it.each(files.filter(isProgram))("%s comes as one text that its language reads", (name) => {
    const input = hostProgram(name);
    expect(input).not.toMatch(/^\. \S+\.sh$/m);
    const read = "import ast, sys; ast.parse(sys.stdin.read())";
    const readers = name.endsWith(".py")
      ? [["python3", "-ISBc", read]]
      : [
          ["dash", "-n"],
          ["busybox", "sh", "-n"],
        ];
    for (const [program = "", ...args] of readers) execFileSync(program, args, { input });
  });

  it("have no part that is nobody's: no linter would see it", () => {
    const taken = files.flatMap((name) =>
      [...textOf(name).matchAll(/^(?:\. \S*?|from )(\w[\w-]*)(?:\.sh$| import )/gm)].map(
        ([, part = ""]) => part,
      ),
    );
    const parts = files.filter((name) => !isProgram(name));
    const stem = (name: string) => name.replace(/^.*\/|\.\w+$/g, "");
    expect(parts.filter((part) => !taken.includes(stem(part)))).toEqual([]);
  });
});
