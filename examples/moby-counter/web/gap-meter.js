"use strict";
/** Measures the time between consecutive acknowledgements, in milliseconds, on a clock that nobody sets. */

/** What is shorter is the ordinary unevenness of a busy machine. */
const GAP_FROM_MS = 30;
/** A redis that is slow throughout would otherwise fill the memory with gaps; the longest one is kept in any case. */
const MOST_GAPS = 1_000;

const rounded = (milliseconds) => Math.round(milliseconds * 10) / 10;

class GapMeter {
  #clock;
  #origin;
  #last;
  #longest = 0;
  #gaps = [];

  constructor(clock = () => performance.now()) {
    this.#clock = clock;
    this.#origin = clock();
  }

  /** Tells the meter that an acknowledgement has just arrived. */
  acknowledged() {
    const now = this.#clock();
    if (this.#last !== undefined) this.#note(this.#last, now);
    this.#last = now;
  }

  /** How long it has been since the last acknowledgement; 0 before the first. */
  currentGapMs() {
    return this.#last === undefined ? 0 : rounded(this.#clock() - this.#last);
  }

  /** Everything so far; `gaps` has those of 30 ms or more, with times since the meter was made. */
  result() {
    return { longestGapMs: rounded(this.#longest), gaps: [...this.#gaps] };
  }

  /** The meter's end: an absence that is not over yet counts as well. */
  finish() {
    if (this.#last !== undefined) this.#note(this.#last, this.#clock());
    return this.result();
  }

  #note(from, to) {
    const ms = to - from;
    this.#longest = Math.max(this.#longest, ms);
    if (ms < GAP_FROM_MS || this.#gaps.length >= MOST_GAPS) return;
    this.#gaps.push({
      fromMs: rounded(from - this.#origin),
      toMs: rounded(to - this.#origin),
      ms: rounded(ms),
    });
  }
}

module.exports = { GapMeter };
