import { randomBytes } from "node:crypto";

const NAMES = [
  "privateKey passphrase password proxyKey proxyPassphrase proxyPassword weave",
  "command health label variable volumeLabel environment quiesce resume dns",
]
  .join(" ")
  .split(" ");

/**
 * A text for each place of programs/secrets that can hold a secret, which stands nowhere else in
 * the world.
 */
export function makeMarks(): Record<string, string> {
  const marks = Object.fromEntries(
    NAMES.map((name) => [name, `${name}-${randomBytes(9).toString("hex")}`] as const),
  );
  // Too short for a password, and so told as wrong.
  return { ...marks, short: randomBytes(4).toString("base64url").slice(0, 6) };
}

/**
 * Names of the marks that stand in a text, whole or by their second half, in any case of letters.
 */
export function leaksIn(marks: Readonly<Record<string, string>>, text: string): string[] {
  const searched = text.toLowerCase();
  return Object.keys(marks).filter((name) => {
    const mark = (marks[name] ?? "").toLowerCase();
    const half = mark.slice(mark.length / 2);
    return searched.includes(mark) || (half.length >= 8 && searched.includes(half));
  });
}
