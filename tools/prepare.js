"use strict";
// npm runs this in a clone, and Pulumi's `package add` in the package as well, which has nothing to prepare.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

if (existsSync(join(__dirname, "../tsconfig.build.json"))) {
  require("./link-self");
  require("./build-if-missing");
}
