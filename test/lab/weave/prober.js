/**
 * Runs in a container: sends a numbered datagram to each target every 200 ms, answers those of others, and keeps count.
 * /out/targets has one "name address" a line, read again whenever it changes; /out/counts.json has the counts.
 */
const { createSocket } = require("dgram");
const fs = require("fs");

const PORT = 7777;
const EVERY_MS = 200;
/** How long an answer may take before its ping counts as lost; it is taken off the lost ones when it comes after all. */
const LOST_AFTER_MS = 2000;

const targets = new Map();
const socket = createSocket("udp4");
let seen = "";

function readTargets() {
  let text = "";
  try {
    text = fs.readFileSync("/out/targets", "utf8");
  } catch {
    return;
  }
  if (text === seen) return;
  seen = text;
  const wanted = new Map(
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ")),
  );
  for (const name of targets.keys()) if (!wanted.has(name)) targets.delete(name);
  for (const [name, address] of wanted) {
    // Nothing counts before the first answer: that is when the target was there.
    if (!targets.has(name))
      targets.set(name, { address, sent: 0, answered: 0, waiting: new Map(), last: 0, longest: 0 });
  }
}

function ping() {
  const now = Date.now();
  for (const [name, target] of targets) {
    const number = ++target.sent;
    target.waiting.set(number, now);
    socket.send(`ping ${name} ${number}`, PORT, target.address, () => undefined);
  }
}

socket.on("message", (message, from) => {
  const [kind, name, text] = String(message).split(" ");
  if (kind === "ping") {
    socket.send(`pong ${name} ${text}`, from.port, from.address, () => undefined);
    return;
  }
  const target = targets.get(name);
  if (target === undefined || !target.waiting.has(Number(text))) return;
  const now = Date.now();
  if (target.answered === 0) {
    for (const number of target.waiting.keys())
      if (number < Number(text)) target.waiting.delete(number);
    target.last = now;
  }
  target.waiting.delete(Number(text));
  target.answered++;
  target.longest = Math.max(target.longest, now - target.last);
  target.last = now;
});
// A target without a route is a lost ping and no more.
socket.on("error", () => undefined);

function write() {
  const now = Date.now();
  const counts = {};
  for (const [name, target] of targets) {
    const lost = [...target.waiting.values()].filter((at) => now - at > LOST_AFTER_MS).length;
    const silence = target.answered === 0 ? 0 : Math.max(target.longest, now - target.last);
    counts[name] = {
      answered: target.answered,
      lost: target.answered === 0 ? 0 : lost,
      longestSilenceMs: silence,
      lastAnswerMs: target.last,
    };
  }
  fs.writeFileSync("/out/counts.new", JSON.stringify({ at: now, counts }));
  fs.renameSync("/out/counts.new", "/out/counts.json");
}

process.on("SIGTERM", () => process.exit(0));
socket.bind(PORT, () => {
  readTargets();
  setInterval(readTargets, 500);
  setInterval(ping, EVERY_MS);
  setInterval(write, 500);
});
