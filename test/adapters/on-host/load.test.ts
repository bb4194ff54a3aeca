import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
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

  it.each(["collector", "keep-names", "launcher", "keep-apart"])(
    "%s says on the host whose it is",
    (name) => {
      expect(hostProgram(`weave/${name}.sh`)).toMatch(/^#!.*\n# Written by pulumi-ferry/);
    },
  );

  // Another text on a host is an update of it that nobody has asked for.
  it.each([
    ["weave/collector.sh", "752da01836e2a463"],
    ["weave/launcher.sh", "c4166dafb691f617"],
  ])("%s is what hosts keep since earlier releases", (name, sum) => {
    expect(createHash("sha256").update(hostProgram(name)).digest("hex").slice(0, 16)).toBe(sum);
  });

  it("takes in a part once, without what it says of itself or to a linter", () => {
    const text = hostProgram("cutover/target.sh");
    expect(text.match(/^milliseconds\(\)/gm)).toHaveLength(1);
    expect(text).not.toMatch(/# Part|shellcheck/);
  });

  it.each(files.filter((name) => isProgram(name) && name.endsWith(".py")))(
    "%s gives no two things one name when its parts are joined",
    (name) => {
      const names = `import ast, collections, sys
def of(node):
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)): return [node.name]
    if isinstance(node, ast.ImportFrom): return [each.name for each in node.names]
    if isinstance(node, ast.Assign): return [each.id for each in node.targets if isinstance(each, ast.Name) and each.id.isupper()]
    return []
found = collections.Counter(name for node in ast.parse(sys.stdin.read()).body for name in of(node))
print([name for name, count in found.items() if count > 1])`;
      const said = execFileSync("python3", ["-ISBc", names], { input: hostProgram(name) });
      expect(said.toString()).toBe("[]\n");
    },
  );

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
