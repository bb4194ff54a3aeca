import { createHash } from "crypto";

/**
 * A file's name for a lock: the lock's own where that is plain enough, else a readable part of it
 * and a hash.
 */
export function lockFileName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(name)) return name;
  const readable = name
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 80);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${readable}-${hash}`;
}

/** One line's worth of text, as a field between tabs. */
export function oneLine(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return line === "" ? "-" : line.slice(0, 300);
}
