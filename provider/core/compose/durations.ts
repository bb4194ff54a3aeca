const MICROSECONDS: Readonly<Record<string, number>> = {
  ns: 0.001,
  us: 1,
  µs: 1,
  μs: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
  w: 604_800_000_000,
};

/** What a message says of the accepted forms. */
export const DURATION_FORMS =
  "Write numbers with their units h, m, s, ms or us: 1m30s, 500ms, 1.5s.";

const AMOUNT = "\\d+(?:\\.\\d*)?|\\.\\d+";
const UNIT = Object.keys(MICROSECONDS).join("|");
const PART = new RegExp(`(${AMOUNT})(${UNIT})`, "g");
const ALL = new RegExp(`^\\+?(?:(?:${AMOUNT})(?:${UNIT}))+$`);

/** Seconds; undefined when the text is none of DURATION_FORMS. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!ALL.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART))
    total += Number(amount) * (MICROSECONDS[unit ?? ""] ?? 0);
  const whole = Math.round(total);
  return Number.isSafeInteger(whole) ? whole / 1_000_000 : undefined;
}
