"use strict";
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");

const wanted = `Bearer ${readFileSync("/run/secrets/metrics-token", "utf8")}`;

createServer(({ headers }, response) => {
  if (headers.authorization === wanted) response.end(`load ${process.env.LOAD}\n`);
  else response.writeHead(401).end();
}).listen(9100);
