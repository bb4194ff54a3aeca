import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "../errors";
import { must } from "../exec";
import { repoRoot } from "./pulumi";

const files = ["go.mod", "go.sum"];

/**
 * The module of ours in `tools/` that says which versions something is built from: the texts of its
 * files.
 */
export function pinned(tool: string): string[] {
  return files.map((file) => readFileSync(join(repoRoot, "tools", tool, file), "utf8"));
}

export function copyPinned(tool: string, dir: string): void {
  for (const file of files) cpSync(join(repoRoot, "tools", tool, file), join(dir, file));
}

/**
 * A release that has no go.mod of its own: it is built from a copy that gets one, by a `replace` in
 * ours.
 */
export interface Unmodular {
  path: string;
  version: string;
  /** The language it is written in. */
  go: string;
}

/** Copies such a release, as the module proxy has it, so that it can be changed and built. */
export async function copyModule(
  module: Unmodular,
  to: string,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const wanted = `${module.path}@v${module.version}+incompatible`;
  const found = JSON.parse(await must(["go", "mod", "download", "-json", wanted], options)) as {
    Dir?: string;
  };
  if (found.Dir === undefined) throw new LabError(`go mod download found no ${wanted}`);
  cpSync(found.Dir, to, { recursive: true });
  await must(["chmod", "-R", "u+w", to]);
  // What it was built with once is not what go.mod and go.sum pin.
  rmSync(join(to, "vendor"), { recursive: true, force: true });
  writeFileSync(join(to, "go.mod"), `module ${module.path}\n\ngo ${module.go}\n`);
}
