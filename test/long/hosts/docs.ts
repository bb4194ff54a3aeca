import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";

import { resultsFile } from "./file";
import { withMatrix } from "./matrix";
import { readResults } from "./results";

/** `npm run docs:hosts`: what the last runs on each kind of host found goes into docs/hosts.md. */
async function main(): Promise<void> {
  const path = join(__dirname, "..", "..", "..", "docs", "hosts.md");
  const page = withMatrix(readFileSync(path, "utf8"), readResults(resultsFile()));
  const config = await resolveConfig(path);
  writeFileSync(path, await format(page, { ...config, filepath: path }));
}

void main();
