"use strict";
/**
 * The web application of the example: one click, one mark, kept in redis. It has the HTTP API of moby-counter.
 *
 *   GET  /v1/ping    {"connected": bool}
 *   GET  /v1/whales  ["x:y", ...] in the order in which they were posted
 *   POST /v1/whales  body "x:y"; answers `ok` once the mark is on redis's disk
 *   GET  /v1/redis   who answers: {"host", "port", "address", "lastAbsenceMs"}; address is null while none does
 *
 * node server.js [--port 80], with USE_REDIS_HOST (default redis) and USE_REDIS_PORT (default 6379).
 */
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { ReplyError } = require("./resp.js");
const { AwayError } = require("./redis-connection.js");
const { RedisLink } = require("./redis-link.js");

const KEY = "whales";
const MARK = /^\d{1,6}:\d{1,6}$/;
const LONGEST_BODY = 64;
/** Redis gets this long for one request, finding it again included. */
const PATIENCE_MS = 900;

const page = Object.fromEntries(
  [
    ["/", "index.html", "text/html"],
    ["/page.css", "page.css", "text/css"],
    ["/page.js", "page.js", "text/javascript"],
    ["/icon.svg", "icon.svg", "image/svg+xml"],
  ].map(([url, file, type]) => [
    url,
    { body: fs.readFileSync(path.join(__dirname, "page", file)), type: `${type}; charset=utf-8` },
  ]),
);

/** An answer that is not the one that was hoped for. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Counts down what is left of a request's patience; never quite zero, so that it can be a timeout. */
function patience(milliseconds) {
  const end = performance.now() + milliseconds;
  return () => Math.max(1, end - performance.now());
}

async function ping(link) {
  try {
    const connection = await link.connected(1);
    await connection.command(["PING"], PATIENCE_MS);
    return true;
  } catch {
    return false;
  }
}

async function readWhales(link) {
  const left = patience(PATIENCE_MS);
  return (await link.connected(left())).command(["LRANGE", KEY, 0, -1], left());
}

/** Resolves only when the mark would survive redis being killed on the spot. */
async function addWhale(link, mark) {
  const left = patience(PATIENCE_MS);
  const connection = await link.connected(left());
  // Never sent twice: a push that got no answer may have been carried out.
  await connection.command(["RPUSH", KEY, mark], left());
  if (!connection.syncsEveryWrite) await connection.command(["SAVE"], left());
}

async function readBody(request) {
  let body = "";
  // The connection has to outlive a body that is too long, or the client would never read why.
  const chunks = request.setEncoding("utf8").iterator({ destroyOnReturn: false });
  for await (const chunk of chunks) {
    body += chunk;
    if (body.length > LONGEST_BODY) break;
  }
  return body.trim();
}

function send(response, status, type, body) {
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(body);
}

const sendJson = (response, value) =>
  send(response, 200, "application/json", JSON.stringify(value));
const sendText = (response, status, text) =>
  send(response, status, "text/plain; charset=utf-8", text);

function routes(link, target) {
  return {
    "GET /v1/ping": async (_request, response) =>
      sendJson(response, { connected: await ping(link) }),
    "GET /v1/redis": (_request, response) =>
      sendJson(response, {
        ...target,
        address: link.address ?? null,
        lastAbsenceMs: link.lastAbsenceMs ?? null,
      }),
    "GET /v1/whales": async (_request, response) => sendJson(response, await readWhales(link)),
    "POST /v1/whales": async (request, response) => {
      const mark = await readBody(request);
      if (!MARK.test(mark)) {
        throw new Refusal(400, 'A mark is "x:y": two whole numbers of pixels.\n');
      }
      await addWhale(link, mark);
      sendText(response, 200, "ok");
    },
  };
}

function refusalFor(error) {
  if (error instanceof Refusal) return error;
  if (error instanceof AwayError) {
    const fate = error.sent ? "It is not known whether this was saved" : "Nothing was saved";
    return new Refusal(503, `Redis is away. ${fate}.\n`);
  }
  if (error instanceof ReplyError) return new Refusal(503, `Redis refused: ${error.message}\n`);
  return undefined;
}

function createServer(link, target) {
  const handlers = routes(link, target);
  const server = http.createServer(async (request, response) => {
    try {
      const [pathname] = request.url.split("?", 1);
      const file = request.method === "GET" ? page[pathname] : undefined;
      if (file) return send(response, 200, file.type, file.body);
      const handler = handlers[`${request.method} ${pathname}`];
      if (!handler) throw new Refusal(404, "There is nothing here.\n");
      await handler(request, response);
    } catch (error) {
      const refusal = refusalFor(error) ?? new Refusal(500, "The application failed.\n");
      if (refusal.status === 500) console.error(error);
      if (!response.headersSent) sendText(response, refusal.status, refusal.message);
    }
  });
  server.requestTimeout = 5_000;
  return server;
}

function wholePort(text, what) {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  console.error(`${what} "${text}" is not a port: give a number from 0 to 65535.`);
  process.exit(2);
}

function main() {
  const { values } = parseArgs({
    options: { port: { type: "string", short: "p", default: "80" } },
  });
  const port = wholePort(values.port, "--port");
  const target = {
    host: process.env.USE_REDIS_HOST || "redis",
    port: wholePort(process.env.USE_REDIS_PORT || "6379", "USE_REDIS_PORT"),
  };
  // As a container's first process this one gets no default handlers, and every container stop would take 10 s.
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));

  const link = new RedisLink(target, console.log);
  const server = createServer(link, target);
  server.on("error", (error) => {
    console.error(`cannot listen on port ${port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, () => {
    console.log(
      `listening on port ${server.address().port}, redis is ${target.host}:${target.port}`,
    );
  });
}

main();
