"use strict";
// npm runs this in a clone: of a git dependency, whose package would else be empty, and after `npm ci`. What is built
// already is left to `npm run build`.
const { execSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
if (!existsSync(join(root, "dist/index.js"))) {
  execSync("npm run -s build", { cwd: root, stdio: "inherit" });
}
