import { posix } from "path";
import { FerryError } from "../../core/errors";
import { hostProgram } from "../../on-host/load";

const WRITE = hostProgram("ssh/write-file.sh");

/** 0600: what Ferry writes may hold secrets, so that others may read has to be asked for. */
export const DEFAULT_FILE_MODE = 0o600;

/** The command whose standard input becomes the file. */
export function writeArgv(path: string, size: number, mode = DEFAULT_FILE_MODE): string[] {
  requireAbsolute(path);
  const octal = mode.toString(8).padStart(4, "0");
  return ["sh", "-c", WRITE, "sh", path, posix.dirname(path), octal, String(size)];
}

export function readArgv(path: string): string[] {
  requireAbsolute(path);
  return ["env", "LC_ALL=C", "cat", "--", path];
}

/**
 * Told apart by words, not by asking first: between the question and the reading the file may come
 * or go.
 */
export function isAbsent(stderr: string): boolean {
  return /No such file or directory\s*$/.test(stderr);
}

export function requireAbsolute(path: string): void {
  if (path.startsWith("/") && !path.endsWith("/")) return;
  const reason = `a file on a host needs an absolute path, not '${path}'.`;
  throw new FerryError({ kind: "ours", reason });
}
