"use strict";
// npm runs this in a clone: of a git dependency, whose package would else be empty, and after `npm ci`. What is built
// already is left to `npm run build`.
const { execSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const run = (command) => execSync(command, { cwd: root, stdio: "inherit" });

if (!existsSync(join(root, "dist/index.js"))) {
  // Pulumi installs a clone that it runs as a plugin without what it is built with.
  if (!existsSync(join(root, "node_modules/typescript")))
    run("npm install --include=dev --no-save --ignore-scripts --no-audit --no-fund");
  run("npm run -s build");
}
