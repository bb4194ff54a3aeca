"use strict";
const { readFileSync } = require("node:fs");
const { request: ask } = require("node:http");
const { createServer } = require("node:https");

const BACKENDS = ["blog", "docs"];

/** /blog/... is the blog's, /docs/... that of the docs. */
createServer(
  { key: readFileSync("/certs/key.pem"), cert: readFileSync("/certs/cert.pem") },
  (request, response) => {
    const [, host, ...path] = request.url.split("/");
    if (!BACKENDS.includes(host)) return void response.writeHead(404).end();
    const { method, headers } = request;
    const onward = ask({ host, path: `/${path.join("/")}`, method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", (error) => response.writeHead(502).end(String(error)));
    request.pipe(onward);
  },
).listen(8443);
