import { readFileSync } from "node:fs";
import { join } from "node:path";

import { mustLogged } from "../exec";
import { repoRoot } from "./pulumi";
import type { Step } from "./step";

const requirements = join(repoRoot, "tools", "linters", "requirements.txt");

/** shellcheck and ruff, from wheels: pip takes none but those whose sums are pinned. */
export const linters: Step = {
  name: "linters",
  title: "fetching shellcheck and ruff",
  expectedSeconds: 15,
  recipe: () => readFileSync(requirements, "utf8"),
  keyFiles: ["bin/shellcheck", "bin/ruff"],
  build: async (dir, log) => {
    const what = ["--require-hashes", "--no-deps", "--only-binary=:all:", "-r", requirements];
    // Of its own, not beside what the machine's Python has.
    await mustLogged(["python3", "-m", "pip", "install", "--target", dir, ...what], log);
    for (const program of ["shellcheck", "ruff"]) {
      await mustLogged([join(dir, "bin", program), "--version"], log);
    }
  },
};
