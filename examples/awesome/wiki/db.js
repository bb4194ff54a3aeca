"use strict";
const { appendFileSync, existsSync, fsyncSync, openSync, readFileSync } = require("node:fs");
const { createServer } = require("node:net");
const { createInterface } = require("node:readline");

/** A database in small: what it has acknowledged is in its log, on disk, and read as it starts. */
const LOG = "/var/lib/db/log";
const pages = new Map();
const lines = existsSync(LOG) ? readFileSync(LOG, "utf8").split("\n") : [];
for (const line of lines.filter(Boolean)) pages.set(...JSON.parse(line));
const log = openSync(LOG, "a");

function put(name, text) {
  appendFileSync(log, `${JSON.stringify([name, text])}\n`);
  fsyncSync(log);
  pages.set(name, text);
}

/** A line is [name] to read a page, or [name, text] to write it; the answer is the page's text. */
createServer((socket) => {
  socket.on("error", () => socket.destroy());
  createInterface({ input: socket }).on("line", (line) => {
    const [name, text] = JSON.parse(line);
    if (text !== undefined) put(name, text);
    socket.write(`${JSON.stringify(pages.get(name) ?? null)}\n`);
  });
}).listen(5432);

process.on("SIGTERM", () => process.exit());
