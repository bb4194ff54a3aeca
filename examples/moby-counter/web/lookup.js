"use strict";
/**
 * Name to address, asked anew whenever somebody connects: after a move the name may stand for another address.
 *
 * Node asks the system's resolver on one of four threads, and a question whose packet was lost keeps its thread for
 * seconds. So questions are shared while they are young, and there are never more than three under way: a lost packet
 * costs a quarter of a second, and retries never queue up behind dead questions.
 */
const dns = require("node:dns");
const net = require("node:net");
const { setTimeout: sleep } = require("node:timers/promises");

const SHARED_FOR_MS = 250;
const MOST_AT_ONCE = 3;

// glibc waits 5 s for an answer unless told otherwise.
process.env.RES_OPTIONS ??= "timeout:1 attempts:2";

/** The overlay is IPv4 only, so the address family that cannot answer is not asked for. */
async function systemResolve(name) {
  return (await dns.promises.lookup(name, { family: 4 })).address;
}

/** @param resolve how one question is asked; the system's resolver unless a test says otherwise */
function createLookup(resolve = systemResolve) {
  const underWay = new Map();

  /** @returns the address of `name` (itself if it is one). @throws when there is none within `timeoutMs`. */
  return async function lookup(name, timeoutMs) {
    if (net.isIP(name) !== 0) return name;
    if (!underWay.has(name)) underWay.set(name, new Set());
    const questions = underWay.get(name);
    const now = performance.now();
    const young = [...questions].some((question) => now - question.askedAt < SHARED_FOR_MS);
    if (!young && questions.size < MOST_AT_ONCE) {
      const question = { askedAt: now, answer: resolve(name) };
      questions.add(question);
      const done = () => questions.delete(question);
      question.answer.then(done, done);
    }
    const late = new AbortController();
    try {
      return await Promise.race([
        Promise.any([...questions].map((question) => question.answer)),
        sleep(timeoutMs, undefined, { signal: late.signal }).then(() => {
          throw new Error(`no address for ${name} within ${timeoutMs} ms`);
        }),
      ]);
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    } finally {
      late.abort();
    }
  };
}

module.exports = { createLookup };
