"use strict";
const { createReadStream, createWriteStream } = require("node:fs");
const { createServer } = require("node:http");
const { connect } = require("node:net");
const { basename, join } = require("node:path");
const { createInterface } = require("node:readline");
const { pipeline } = require("node:stream/promises");

const ask = (...words) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: "db", port: 5432 });
    socket.on("error", reject).setTimeout(2000, () => socket.destroy(new Error("no answer")));
    createInterface({ input: socket }).once("line", (line) => {
      socket.end();
      resolve(JSON.parse(line));
    });
    socket.write(`${JSON.stringify(words)}\n`);
  });

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Pages are in the database, what is below /uploads/ in files; PUT writes, GET reads. */
async function answer(request, response) {
  const name = basename(request.url);
  const writes = request.method === "PUT";
  if (request.url === "/") return void response.end(process.env.TITLE);
  if (!request.url.startsWith("/uploads/")) {
    const text = await (writes ? ask(name, await bodyOf(request)) : ask(name));
    return void response.writeHead(text === null ? 404 : 200).end(text ?? "");
  }
  const file = join("/uploads", name);
  if (!writes) return pipeline(createReadStream(file), response);
  await pipeline(request, createWriteStream(file));
  response.end();
}

createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(503).end(String(error)));
}).listen(8080);
