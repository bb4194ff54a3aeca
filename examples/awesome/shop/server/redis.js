"use strict";
const { connect } = require("node:net");

/** One command of redis's, over a connection of its own: a text, a number, or a list of texts. */
exports.ask = (host, ...command) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port: 6379 });
    let text = "";
    socket.setEncoding("utf8").setTimeout(2000, () => socket.destroy(new Error("no answer")));
    socket.on("error", reject).on("data", (chunk) => {
      text += chunk;
      const reply = parse(text);
      if (reply === undefined) return;
      socket.end();
      if (reply instanceof Error) reject(reply);
      else resolve(reply);
    });
    const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${command.length}\r\n${words.join("")}`);
  });

/** undefined while some of it is still to come. */
function parse(text) {
  const lines = text.split("\r\n");
  const [first = ""] = lines;
  if (lines.length < 2) return undefined;
  const rest = first.slice(1);
  if (first.startsWith("-")) return new Error(rest);
  if (first.startsWith(":")) return Number(rest);
  if (first.startsWith("+")) return rest;
  if (first === "$-1") return "";
  const values = lines.slice(1, -1).filter((_, index) => first.startsWith("$") || index % 2 === 1);
  const wanted = first.startsWith("$") ? 1 : Number(rest);
  if (values.length < wanted) return undefined;
  return first.startsWith("$") ? values[0] : values;
}
