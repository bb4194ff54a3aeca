"use strict";
// Exit code 0 when node_modules is what package-lock.json asks for. `--stamp` records that it is, so that the next
// look is one hash. A node_modules that somebody made by hand with npm carries no stamp, so its own list is compared.
// Plain JavaScript: this runs before TypeScript is there.
const { createHash } = require("node:crypto");
const { readFileSync, writeFileSync, existsSync } = require("node:fs");

const stampFile = "node_modules/.ferry-stamp";
const lockText = readFileSync("package-lock.json");
const wanted = createHash("sha256").update(lockText).digest("hex");

function isInstalled() {
  if (!existsSync("node_modules/.package-lock.json") || !existsSync("node_modules/.bin/node"))
    return false;
  const installed = JSON.parse(readFileSync("node_modules/.package-lock.json", "utf8")).packages;
  return Object.entries(JSON.parse(lockText.toString()).packages).every(
    ([path, entry]) => path === "" || entry.optional || installed[path]?.version === entry.version,
  );
}

if (process.argv.includes("--stamp")) {
  writeFileSync(stampFile, wanted);
} else if (
  existsSync(stampFile) &&
  readFileSync(stampFile, "utf8") === wanted &&
  existsSync("node_modules/.bin/node")
) {
  process.exit(0);
} else if (isInstalled()) {
  writeFileSync(stampFile, wanted);
} else {
  process.exit(1);
}
