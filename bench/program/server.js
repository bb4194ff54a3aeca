"use strict";
/**
 * The program that the benchmark moves: takes numbers over TCP, one a line, keeps each on disk, and answers with it once it
 * is. `node server.js append|inplace|files FOLDER`. "check FROM TO" answers how many of these numbers are on disk.
 */
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");

const [kind, folder] = process.argv.slice(-2);
const BLOCK = 8192;
const RECORD = 16;
const FILES = 100_000;
const IN_A_FOLDER = 100;

/** Numbers are spread over all places, and no two of the first `places` meet. */
const spread = (number, places) => Number((BigInt(number) * 7_368_787n) % BigInt(places));

function appending() {
  const file = path.join(folder, "log");
  const log = fs.openSync(file, "a+");
  return {
    keep(number) {
      fs.writeSync(log, `${String(number).padStart(RECORD - 1)}\n`);
      fs.fdatasyncSync(log);
    },
    // Only the end can hold them; what the file was filled with before is no number.
    check(from, to) {
      const { size } = fs.fstatSync(log);
      const bytes = Math.min(size, (to - from + 1) * RECORD * 4 + 1_000_000);
      const end = Buffer.alloc(bytes);
      fs.readSync(log, end, 0, bytes, size - bytes);
      const found = new Set(end.toString("latin1").split("\n").map(Number));
      return countOf(from, to, (number) => found.has(number));
    },
  };
}

function inPlace() {
  const file = fs.openSync(path.join(folder, "heap"), "r+");
  const blocks = Math.floor(fs.fstatSync(file).size / BLOCK);
  const block = Buffer.alloc(BLOCK, "x");
  const begin = Buffer.alloc(RECORD);
  return {
    keep(number) {
      block.write(String(number).padStart(RECORD), 0, "latin1");
      fs.writeSync(file, block, 0, BLOCK, spread(number, blocks) * BLOCK);
      fs.fdatasyncSync(file);
    },
    check: (from, to) =>
      countOf(from, to, (number) => {
        fs.readSync(file, begin, 0, RECORD, spread(number, blocks) * BLOCK);
        return Number(begin.toString("latin1")) === number;
      }),
  };
}

function manyFiles() {
  const at = (number) => {
    const place = spread(number, FILES);
    return path.join(folder, `d${Math.floor(place / IN_A_FOLDER)}`, `f${place % IN_A_FOLDER}`);
  };
  return {
    keep(number) {
      const aside = `${at(number)}.new`;
      const file = fs.openSync(aside, "w");
      fs.writeSync(file, String(number).padEnd(200));
      fs.fdatasyncSync(file);
      fs.closeSync(file);
      fs.renameSync(aside, at(number));
    },
    check: (from, to) =>
      countOf(from, to, (number) => Number(fs.readFileSync(at(number), "latin1")) === number),
  };
}

function countOf(from, to, has) {
  let count = 0;
  for (let number = from; number <= to; number++) if (has(number)) count += 1;
  return count;
}

const store = { append: appending, inplace: inPlace, files: manyFiles }[kind]();
process.on("SIGTERM", () => process.exit(0));
net
  .createServer({ noDelay: true }, (socket) => {
    let rest = "";
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const [word, from, to] = line.split(" ");
        if (word === "check") socket.write(`${store.check(Number(from), Number(to))}\n`);
        else {
          store.keep(Number(word));
          socket.write(`${word}\n`);
        }
      }
    });
  })
  .listen(7000);
