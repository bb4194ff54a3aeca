"use strict";
/**
 * Writes to redis without pause, remembers what was acknowledged, and at the end looks whether all of it is there.
 *
 *   node writer.js HOST [PORT] [--seconds N] [--status FILE] [--key KEY] [--verify-seconds 8]
 *
 * It adds one number after another to a set, at most one a millisecond, each only when the one before was acknowledged.
 * It stops on SIGTERM, SIGINT, a line "stop" on stdin or after N seconds, then prints one line of JSON:
 *   verified, acknowledged, found, lost, errors, errorKinds, longestGapMs, gaps: [{fromMs, toMs, ms}], firstAckMs, ranMs,
 *   firstNumber, startedAt, stoppedAt
 * Times in `Ms` count from the start. A gap is the time between two consecutive acknowledgements, from 30 ms on.
 * If redis cannot be asked in the end, `verified` is false, and `found` and `lost` are null: unknown is not lost.
 * Exits 0 if all is there, 1 if something is lost or could not be verified, 2 if it was called wrongly.
 * --status FILE: the same figures so far, and `currentGapMs`, replaced as a whole every 100 ms.
 */
const fs = require("node:fs/promises");
const { setTimeout: sleep } = require("node:timers/promises");
const { parseArgs } = require("node:util");
const { connect } = require("./redis-connection.js");
const { GapMeter } = require("./gap-meter.js");

const EVERY_MS = 1;
const REQUEST_TIMEOUT_MS = 200;
const CONNECT_TIMEOUT_MS = 60;
const RETRY_MS = 10;
const STATUS_EVERY_MS = 100;
/** Members in one question of the verification, and how long redis may take over it. */
const BATCH = 1_000;
const BATCH_TIMEOUT_MS = 2_000;

class Writer {
  #target;
  #key;
  #connection;
  #stopping = false;
  #meter = new GapMeter();
  #began = performance.now();
  #startedAt = new Date();
  /**
   * Numbers start at the clock's milliseconds. With at most one a millisecond no two runs use the same numbers, so that
   * what an earlier run left in the set cannot stand in for something that this one has lost.
   */
  #first = this.#startedAt.getTime();
  #acknowledged = 0;
  #firstAckMs = null;
  #errorKinds = {};

  constructor(target, key) {
    this.#target = target;
    this.#key = key;
  }

  stop() {
    this.#stopping = true;
  }

  /** Writes until it is stopped. A number is repeated until it is acknowledged; adding it twice changes nothing. */
  async write() {
    while (!this.#stopping) {
      const askedAt = performance.now();
      try {
        const number = this.#first + this.#acknowledged;
        await this.#ask(["SADD", this.#key, number], REQUEST_TIMEOUT_MS);
        this.#meter.acknowledged();
        this.#acknowledged++;
        this.#firstAckMs ??= Math.round(performance.now() - this.#began);
      } catch (error) {
        const kind = error.code ?? error.name;
        this.#errorKinds[kind] = (this.#errorKinds[kind] ?? 0) + 1;
        await sleep(RETRY_MS);
      }
      if (performance.now() - askedAt < EVERY_MS) await sleep(EVERY_MS);
    }
  }

  /** Asks redis for every number that it acknowledged, over a new connection. */
  async verify(milliseconds) {
    const ranMs = Math.round(performance.now() - this.#began);
    const gaps = this.#meter.finish();
    const stoppedAt = new Date().toISOString();
    const end = performance.now() + milliseconds;
    let found = null;
    this.#connection?.close();
    while (found === null && performance.now() < end) {
      try {
        found = await this.#countFound(end);
      } catch {
        await sleep(RETRY_MS);
      }
    }
    this.#connection?.close();
    const lost = found === null ? null : this.#acknowledged - found;
    return { verified: found !== null, ...this.status(), found, lost, ...gaps, ranMs, stoppedAt };
  }

  status() {
    return {
      acknowledged: this.#acknowledged,
      errors: Object.values(this.#errorKinds).reduce((sum, count) => sum + count, 0),
      errorKinds: this.#errorKinds,
      ...this.#meter.result(),
      firstAckMs: this.#firstAckMs,
      firstNumber: this.#first,
      startedAt: this.#startedAt.toISOString(),
    };
  }

  /**
   * Written beside the file and renamed, so that a reader never sees half of it; and not waited for by the writing, or a
   * busy disk here would look like a gap there.
   */
  async writeStatus(file) {
    const status = { ...this.status(), currentGapMs: this.#meter.currentGapMs() };
    await fs.writeFile(`${file}.new`, `${JSON.stringify(status)}\n`);
    await fs.rename(`${file}.new`, file);
  }

  async #ask(args, timeoutMs) {
    if (this.#connection?.ended !== false) {
      this.#connection = await connect({ ...this.#target, connectTimeoutMs: CONNECT_TIMEOUT_MS });
    }
    return this.#connection.command(args, timeoutMs);
  }

  async #countFound(end) {
    let found = 0;
    for (let from = 0; from < this.#acknowledged; from += BATCH) {
      const count = Math.min(BATCH, this.#acknowledged - from);
      const numbers = Array.from({ length: count }, (_, i) => this.#first + from + i);
      const timeoutMs = Math.max(1, Math.min(BATCH_TIMEOUT_MS, end - performance.now()));
      const answers = await this.#ask(["SMISMEMBER", this.#key, ...numbers], timeoutMs);
      found += answers.filter((answer) => answer === 1).length;
    }
    return found;
  }
}

function usage(problem) {
  console.error(`${problem}: node writer.js HOST [PORT] [--seconds N] [--status FILE] [--key KEY]`);
  process.exit(2);
}

function readOptions() {
  const options = {
    seconds: { type: "string" },
    status: { type: "string" },
    key: { type: "string", default: "ferry:acknowledged" },
    "verify-seconds": { type: "string", default: "8" },
  };
  let parsed;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    usage(error.message);
  }
  const { values, positionals } = parsed;
  const [host, port = "6379", ...rest] = positionals;
  if (host === undefined || rest.length > 0) usage("A host is needed, and perhaps a port");
  if (!/^\d{1,5}$/.test(port)) usage(`"${port}" is not a port`);
  const seconds = (text) => {
    if (!/^\d+(\.\d+)?$/.test(text)) usage(`"${text}" is not a number of seconds`);
    return Number(text);
  };
  return {
    target: { host, port: Number(port) },
    key: values.key,
    status: values.status,
    runSeconds: values.seconds === undefined ? undefined : seconds(values.seconds),
    verifySeconds: seconds(values["verify-seconds"]),
  };
}

async function keepStatus(writer, file) {
  for (;;) {
    await writer.writeStatus(file).catch((error) => usage(`--status: ${error.message}`));
    await sleep(STATUS_EVERY_MS);
  }
}

async function main() {
  const options = readOptions();
  const writer = new Writer(options.target, options.key);
  const stop = () => writer.stop();
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, stop);
  if (options.runSeconds !== undefined) setTimeout(stop, options.runSeconds * 1_000);
  // Without `docker run -i` stdin is at its end from the start, which is no word to stop.
  process.stdin.on("error", () => {});
  process.stdin.on("data", (chunk) => {
    if (/^stop$/m.test(chunk.toString())) stop();
  });
  if (options.status !== undefined) void keepStatus(writer, options.status);
  await writer.write();
  const result = await writer.verify(options.verifySeconds * 1_000);
  // The line has to be out before the process is: `docker logs` is where it is read.
  process.stdout.write(`${JSON.stringify(result)}\n`, () =>
    process.exit(result.verified && result.lost === 0 ? 0 : 1),
  );
}

void main();
