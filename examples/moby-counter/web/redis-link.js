"use strict";
/** Keeps one connection to redis, and finds redis again when it has gone and come back, wherever that is. */
const { setTimeout: sleep } = require("node:timers/promises");
const { ReplyError } = require("./resp.js");
const { AwayError, connect } = require("./redis-connection.js");

const CONNECT_TIMEOUT_MS = 200;
const RETRY_MS = 60;
/** A host that lost its power says no goodbye; the heartbeat notices. */
const HEARTBEAT_MS = 250;
const HEARTBEAT_TIMEOUT_MS = 700;

class RedisLink {
  #target;
  #log;
  #stopped = false;
  #connection;
  /** Undefined until redis has gone for the first time. */
  #awaySince;
  #waiting = new Set();

  /** How long redis was away the last time, in milliseconds; undefined if it never was. */
  lastAbsenceMs;

  /** @param target {host, port, lookup?}  @param log is told, in words, when redis comes and goes */
  constructor(target, log = () => {}) {
    this.#target = target;
    this.#log = log;
    void this.#run();
  }

  /** The address that answers; undefined while none does. */
  get address() {
    return this.#alive()?.address;
  }

  /**
   * The connection, as soon as there is one.
   * @throws AwayError if there is none within `timeoutMs`
   */
  connected(timeoutMs) {
    const connection = this.#alive();
    if (connection) return Promise.resolve(connection);
    return new Promise((resolve, reject) => {
      const waiter = (arrived) => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        resolve(arrived);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new AwayError("AWAY", "redis is away", false));
      }, timeoutMs);
      this.#waiting.add(waiter);
    });
  }

  stop() {
    this.#stopped = true;
    this.#connection?.close();
  }

  #alive() {
    return this.#connection?.ended === false ? this.#connection : undefined;
  }

  async #run() {
    while (!this.#stopped) {
      try {
        await this.#session();
      } catch {
        // Being away is a normal state here; the next attempt is due in a moment.
      }
      await sleep(RETRY_MS);
    }
  }

  /** One connection, from the first command that redis answers to its end. */
  async #session() {
    const connection = await connect({ ...this.#target, connectTimeoutMs: CONNECT_TIMEOUT_MS });
    try {
      // While it loads its data redis accepts connections but refuses commands.
      await connection.command(["PING"], HEARTBEAT_TIMEOUT_MS);
      connection.syncsEveryWrite = await syncsEveryWrite(connection);
      this.#arrived(connection);
      while (!this.#stopped) {
        await Promise.race([connection.closed, sleep(HEARTBEAT_MS)]);
        await connection.command(["PING"], HEARTBEAT_TIMEOUT_MS);
      }
    } finally {
      connection.close();
      if (this.#connection === connection) this.#left();
    }
  }

  #arrived(connection) {
    let after = "";
    if (this.#awaySince !== undefined) {
      this.lastAbsenceMs = Math.round(performance.now() - this.#awaySince);
      after = ` after ${this.lastAbsenceMs} ms`;
    }
    this.#connection = connection;
    this.#log(`redis answers at ${connection.address}${after}`);
    for (const waiter of [...this.#waiting]) waiter(connection);
  }

  #left() {
    this.#connection = undefined;
    this.#awaySince = performance.now();
    this.#log("redis is away");
  }
}

/** Whether redis has a write on disk before it answers. One that will not say is taken not to. */
async function syncsEveryWrite(connection) {
  const setting = async (name) =>
    (await connection.command(["CONFIG", "GET", name], HEARTBEAT_TIMEOUT_MS))[1];
  try {
    return (await setting("appendonly")) === "yes" && (await setting("appendfsync")) === "always";
  } catch (error) {
    if (error instanceof ReplyError) return false;
    throw error;
  }
}

module.exports = { RedisLink };
