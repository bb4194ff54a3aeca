// node tools/reference/cli.mjs [--check]: writes docs/reference from the doc comments, or says which pages are stale.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { publicApi, root } from "./model.mjs";
import { pagesOf } from "./pages.mjs";

const folder = join(root, "docs/reference");
const pages = pagesOf(await publicApi());
const stale = [];
mkdirSync(folder, { recursive: true });
for (const [name, text] of pages) {
  const path = join(folder, name);
  const wanted = await format(text, { ...(await resolveConfig(path)), filepath: path });
  if (existsSync(path) && readFileSync(path, "utf8") === wanted) continue;
  stale.push(`docs/reference/${name}`);
  if (!process.argv.includes("--check")) writeFileSync(path, wanted);
}
const unwanted = readdirSync(folder).filter((name) => !pages.has(name));
if (unwanted.length > 0)
  throw new Error(`docs/reference has what nothing makes: ${unwanted.join(", ")}`);
if (process.argv.includes("--check") && stale.length > 0) {
  console.error(`Not what the doc comments say: ${stale.join(", ")}. Run: npm run docs`);
  process.exitCode = 1;
}
