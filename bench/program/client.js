"use strict";
/**
 * Writes one number after another, each when the one before was acknowledged, and says on SIGTERM, as one line of JSON, how
 * many were acknowledged, how many of them are found, and the longest time without an answer.
 * `node client.js ADDRESS FIRST`
 */
const net = require("node:net");
const { setTimeout: sleep } = require("node:timers/promises");

const [address, first] = process.argv.slice(-2);
const CONNECT_MS = 60;
const ANSWER_MS = 250;
const AGAIN_MS = 5;

let socket;
let stopping = false;
process.on("SIGTERM", () => (stopping = true));

function connect() {
  return new Promise((resolve, reject) => {
    const made = net.connect({ host: address, port: 7000, noDelay: true });
    const timer = setTimeout(() => made.destroy(new Error("no connection")), CONNECT_MS);
    made.once("connect", () => (clearTimeout(timer), resolve(made)));
    made.once("error", (error) => (clearTimeout(timer), reject(error)));
  });
}

/** One line for one line. Whatever fails, the next one is asked over a new connection. */
async function ask(line, milliseconds) {
  socket ??= await connect();
  const current = socket;
  try {
    return await new Promise((resolve, reject) => {
      let said = "";
      const timer = setTimeout(() => reject(new Error("no answer")), milliseconds);
      const end = (settle, value) => {
        clearTimeout(timer);
        current.removeAllListeners();
        current.on("error", () => undefined);
        settle(value);
      };
      current.on("data", (chunk) => {
        said += chunk;
        if (said.endsWith("\n")) end(resolve, said.trim());
      });
      current.on("error", (error) => end(reject, error));
      current.on("close", () => end(reject, new Error("closed")));
      current.write(`${line}\n`);
    });
  } catch (error) {
    current.destroy();
    socket = undefined;
    throw error;
  }
}

async function main() {
  let number = Number(first);
  let last = performance.now();
  let longestGapMs = 0;
  while (!stopping) {
    try {
      if ((await ask(String(number), ANSWER_MS)) !== String(number))
        throw new Error("another answer");
      const now = performance.now();
      // What comes before the first answer is no gap.
      if (number > Number(first)) longestGapMs = Math.max(longestGapMs, now - last);
      last = now;
      number += 1;
      if (number === Number(first) + 100) console.log("warm");
    } catch {
      socket?.destroy();
      socket = undefined;
      await sleep(AGAIN_MS);
    }
    await sleep(1);
  }
  longestGapMs = Math.max(longestGapMs, performance.now() - last);
  const acknowledged = number - Number(first);
  let found;
  for (let tries = 0; found === undefined && tries < 20; tries++) {
    try {
      found = Number(await ask(`check ${first} ${number - 1}`, 30_000));
    } catch {
      await sleep(200);
    }
  }
  console.log(
    JSON.stringify({ acknowledged, found: found ?? null, longestGapMs: Math.round(longestGapMs) }),
  );
  process.exit(0);
}

main();
