// Makes `require("pulumi-ferry")` work inside this checkout as it does for a user: the examples import the package by
// name, and so does the text that Pulumi's dynamic-provider process runs (provider/thin.ts).
const fs = require("fs");
const path = require("path");

const link = path.join(__dirname, "..", "node_modules", "pulumi-ferry");
fs.rmSync(link, { recursive: true, force: true });
fs.symlinkSync("..", link, "dir");
