import { WEAVE_PORT } from "./settings";

/** What one of two peers says of the other, with what decides how its words are to be read. */
export interface Complaint {
  /** Weave's words. */
  readonly info: string;
  /** Whether either has a password. */
  readonly encrypted: readonly [boolean, boolean];
}

/**
 * From the most telling to the least: of two peers' complaints, the one that comes first here is
 * shown.
 */
const READINGS: readonly (readonly [RegExp, string])[] = [
  [
    /update for IP range I own|says it owns the IP range|Inconsistent entries/i,
    "one of the two claims a part of Weave's range that others have taken over: it was removed, and has come back",
  ],
  [
    /seeded by different peers|seeded differently/i,
    "Weave's range was divided twice, by peers that did not know of one another",
  ],
  [/range differs|Incompatible IP allocation ranges/i, "they have different ranges (ipallocRange)"],
  [/names? collision|cannot connect to ourself/i, "they go by the same peer name"],
  [/decrypt/i, "their passwords differ"],
  [/password specific?ed/i, "only one of the two has a password"],
  [/version|protocol/i, "their versions of Weave do not understand each other"],
  [/refused/i, "connection refused: no router listens there"],
  [
    /timeout|timed out|no route|unreachable|host is down|no heartbeat/i,
    `no answer: is port ${WEAVE_PORT} (TCP, and UDP ${WEAVE_PORT}-${WEAVE_PORT + 1}) open?`,
  ],
  [/no such host|lookup/i, "the name of its address does not resolve"],
];

const INTERRUPTED = /reset by peer|EOF|broken pipe|closed network connection/i;

/**
 * Why two peers are not connected, in plain words that stay the same while the reason does: without
 * ports, times and attempts. undefined when neither has said anything of use yet.
 */
export function plainReason(complaints: readonly Complaint[]): string | undefined {
  const said = complaints.filter(({ info }) => info.trim() !== "");
  // The routers know this of themselves; which of them says so, and in which words, depends on who
  // dialled first.
  if (complaints.some(({ encrypted: [a, b] }) => a !== b))
    return "only one of the two has a password";
  for (const [words, meaning] of READINGS) {
    if (said.some(({ info }) => words.test(info))) return meaning;
  }
  const interrupted = said.find(({ info }) => INTERRUPTED.test(info));
  if (interrupted !== undefined) {
    return interrupted.encrypted[0]
      ? "one cuts the other off, as a rule because their passwords differ"
      : "the connection is cut off";
  }
  const [other] = said.map(({ info }) => withoutNoise(info)).filter(Boolean);
  return other;
}

/** Weave's words without what differs from one attempt to the next. */
function withoutNoise(info: string): string {
  return info
    .replace(/,? *retry: .*$/, "")
    .replace(/(\d+\.\d+\.\d+\.\d+)?:\d+->/g, "")
    .replace(/(\d+\.\d+\.\d+\.\d+):\d+/g, "$1")
    .replace(/\bv\d+\b/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
