import { posix } from "path";
import { FerryError } from "../../core/errors";

/**
 * Writes standard input to a file so that it is either all there or as it was before: a temporary
 * file beside it, with its final mode before any content, its length compared (a cut connection
 * looks like the end of the input), fsync, rename, fsync of the folder.
 */
const WRITE = `set -eu
path=$1 dir=$2 mode=$3 size=$4
if [ -d "$path" ]; then echo "it is a folder" >&2; exit 1; fi
mkdir -p "$dir"
umask 077
tmp=$(mktemp "$dir/.ferry.XXXXXXXX")
trap 'rm -f "$tmp"' EXIT
trap 'exit 143' TERM INT HUP
chmod "$mode" "$tmp"
cat >"$tmp"
if [ "$(wc -c <"$tmp" | tr -d ' ')" != "$size" ]; then echo "the content was cut off" >&2; exit 1; fi
sync "$tmp"
mv -f "$tmp" "$path"
sync "$dir"`;

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
