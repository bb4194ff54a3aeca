"use strict";
const { createServer } = require("node:http");
const { ask } = require("./redis.js");

/** GET / lists what was ordered; POST / orders what the body says. */
async function answer(request) {
  if (request.method !== "POST") return ask(process.env.CART, "LRANGE", "orders", "0", "-1");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return ask(process.env.CART, "RPUSH", "orders", Buffer.concat(chunks).toString());
}

createServer((request, response) => {
  answer(request).then(
    (body) => response.end(JSON.stringify(body)),
    (error) => response.writeHead(503).end(String(error)),
  );
}).listen(8080);
