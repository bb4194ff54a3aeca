"use strict";
/** One connection to redis: every command has a deadline, and a connection that missed one is closed. */
const net = require("node:net");
const { createLookup } = require("./lookup.js");
const { encode, ReplyError, ReplyParser } = require("./resp.js");

/** Redis did not answer. Whether a command that was `sent` has been carried out is then unknown. */
class AwayError extends Error {
  constructor(code, message, sent) {
    super(message);
    this.name = "AwayError";
    /** `TIMEOUT`, `CLOSED`, or the system's code, as `ECONNREFUSED` */
    this.code = code;
    this.sent = sent;
  }
}

class RedisConnection {
  #socket;
  #parser = new ReplyParser();
  /** Commands that wait for their reply; redis answers in order. */
  #waiting = [];
  #failure;

  constructor(socket) {
    this.#socket = socket;
    /** The address that answers. */
    this.address = socket.remoteAddress;
    /** Resolves when the connection has ended, for whatever reason. */
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("data", (chunk) => this.#receive(chunk));
    // Redis closes its side when it stops; half a connection is of no use.
    socket.on("end", () => this.#fail("CLOSED", "redis closed the connection"));
    socket.on("error", (error) => this.#fail(error.code, `redis is away (${error.code})`));
    socket.on("close", () => this.#fail("CLOSED", "the connection to redis has ended"));
  }

  get ended() {
    return this.#failure !== undefined;
  }

  /**
   * Sends one command and waits for its reply.
   * @throws ReplyError when redis refused it, AwayError when there was no reply within `timeoutMs`
   */
  command(args, timeoutMs) {
    if (this.#failure) return Promise.reject(this.#awayError(false));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail("TIMEOUT", `redis did not answer within ${Math.round(timeoutMs)} ms`),
        timeoutMs,
      );
      this.#waiting.push({ resolve, reject, timer });
      this.#socket.write(encode(args));
    });
  }

  close() {
    this.#fail("CLOSED", "the connection was closed");
  }

  #receive(chunk) {
    if (this.#failure) return;
    let replies;
    try {
      replies = this.#parser.push(chunk);
    } catch (error) {
      this.#fail("PROTOCOL", error.message);
      return;
    }
    for (const reply of replies) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) continue;
      clearTimeout(waiting.timer);
      if (reply instanceof ReplyError) waiting.reject(reply);
      else waiting.resolve(reply);
    }
  }

  /** After a missed deadline replies could be taken for those of later commands, so the connection goes with it. */
  #fail(code, message) {
    if (this.#failure) return;
    this.#failure = { code: code ?? "CLOSED", message };
    this.#socket.destroy();
    for (const waiting of this.#waiting.splice(0)) {
      clearTimeout(waiting.timer);
      waiting.reject(this.#awayError(true));
    }
  }

  #awayError(sent) {
    return new AwayError(this.#failure.code, this.#failure.message, sent);
  }
}

const systemLookup = createLookup();

/**
 * Looks `host` up and connects to it; each of the two has `connectTimeoutMs`.
 * @throws AwayError
 */
async function connect({ host, port, connectTimeoutMs, lookup = systemLookup }) {
  let address;
  try {
    address = await lookup(host, connectTimeoutMs);
  } catch (error) {
    throw new AwayError(error.code ?? "NO_ADDRESS", error.message, false);
  }
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port, noDelay: true });
    const refuse = (code, message) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new AwayError(code, message, false));
    };
    const onError = (error) => refuse(error.code, `${address}:${port}: ${error.code}`);
    const timer = setTimeout(
      () => refuse("TIMEOUT", `${address}:${port} did not answer within ${connectTimeoutMs} ms`),
      connectTimeoutMs,
    );
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      const connection = new RedisConnection(socket);
      socket.off("error", onError);
      resolve(connection);
    });
  });
}

module.exports = { AwayError, connect, RedisConnection };
