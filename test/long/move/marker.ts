import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LARGE_BYTES = 32 * 1024 * 1024;
const SMALL_BYTES = 4_096;
const IN_A_FOLDER = 100;

/**
 * What a move has to copy, and by which it is seen to copy: one large file, or a folder with so
 * many small ones.
 */
export function makeMarker(path: string, smallFiles?: number): void {
  if (smallFiles === undefined) {
    writeFileSync(path, randomBytes(LARGE_BYTES));
    return;
  }
  for (let n = 0; n < smallFiles; n++) {
    const folder = join(path, String(Math.floor(n / IN_A_FOLDER)));
    if (n % IN_A_FOLDER === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, String(n)), randomBytes(SMALL_BYTES));
  }
}

/** One sum over every name, owner, mode, time and byte of it; undefined when there is nothing. */
export function digestOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const sum = createHash("sha256");
  const add = (at: string, name: string): void => {
    const found = statSync(at, { bigint: true });
    sum.update(`${name}\0${found.mode} ${found.uid}:${found.gid} ${found.mtimeNs}\0`);
    if (!found.isDirectory()) sum.update(readFileSync(at));
    else for (const each of readdirSync(at).sort()) add(join(at, each), `${name}/${each}`);
  };
  add(path, "");
  return sum.digest("hex");
}
