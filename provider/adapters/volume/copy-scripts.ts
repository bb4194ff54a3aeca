import { WALL } from "../host-clock";

/** Constant scripts that copying runs on hosts; whatever differs comes in as arguments. */

/** What copying and comparing can rely on: one word a line. */
export const CAPABILITIES = `
for program in tar getfattr ssh-keygen flock; do
  if command -v "$program" >/dev/null 2>&1; then echo "$program"; fi
done
if command -v rsync >/dev/null 2>&1; then
  rsync --version | sed -n 's/^rsync *version v*\\([0-9.]*\\).*/rsync \\1/p; s/.*\\(xxh3\\).*/\\1/p; s/.*\\(zstd\\).*/\\1/p' | sort -u
fi
if python3 -ISB -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null; then echo python3; fi
exit 0
`;

/**
 * $1 the move's folder on the source, $@ the volumes' numbers. Notes when the round begins, and
 * which folders there are, where the file system keeps the time of every change; the rest has to be
 * looked through once more in the cut. Then puts everything on disk: after it, a write through a
 * memory map faults and moves the file's times, which a page that was dirty before would not do.
 * Half a second is taken off, for the clock's own grain and small corrections.
 */
export const BEGIN_ROUND = `
set -eu
LC_ALL=C
export LC_ALL
here=$1
shift
${WALL}now=$(wall)
read -r up _ </proc/uptime
for n in "$@"; do
  IFS= read -r path <"$here/$n"
  rm -f "$here/cut/base-$n" "$here/cut/last-$n"
  # What changed since the last beginning is asked for once this one is noted.
  [ ! -e "$here/cut/next-$n" ] || { mv "$here/cut/dirs-$n" "$here/cut/was-$n" && mv "$here/cut/next-$n" "$here/cut/last-$n"; }
  case $(stat -f -c %T -- "$path") in
    ext2/ext3 | xfs | btrfs | f2fs)
      (cd "$path" && find . -xdev -type d -printf '%D:%i/%p\\0') | sort -z >"$here/cut/dirs-$n"
      awk -v now="$now" -v up="$up" 'BEGIN { printf "%.3f %.2f\\n", now - 0.5, now - up }' >"$here/cut/next-$n"
      ;;
  esac
  sync -f "$path" 2>/dev/null || sync
done
echo "\${now%%.*}"
`;

/**
 * $1 a folder of the copy: sockets go. rsync makes them along with pipes, and nobody listens to the
 * copy of one. Their folders keep their times, which are compared.
 */
export const DROP_SOCKETS = `
find "$1" -xdev -type s -printf '%h\\0' | sort -z -u | xargs -0 -r sh -c '
  for folder; do
    time=$(stat -c %.9Y -- "$folder") &&
      find "$folder" -mindepth 1 -maxdepth 1 -type s -delete &&
      touch -c -m -d "@$time" -- "$folder" || exit
  done' drop
`;

/** $@ folders: the space that they take, in bytes. */
export const ESTIMATE = `
du -s -B1 -- "$@" | awk '{ total += $1 } END { printf "%.0f\\n", total }'
`;

/** $1 a folder: the devices in it, ended by NUL each. */
export const DEVICES = `
find "$1" \\( -type b -o -type c \\) -printf '%P\\0'
`;

/**
 * $1 a folder: "mounted NAME" where another file system is in it, or else "linked COUNT NAME" where
 * files in it have further names that are not. Of files only those count that a second look finds
 * too: a program may give one another name just as it is looked at.
 */
export const TIES = `
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 1
device=$(stat -c %d .)
ties() {
  find . -mindepth 1 -xdev \\( -type d -printf 'd %D %P\\0' \\) -o \\( -type f -links +1 -printf 'f%i %n %P\\0' \\) 2>/dev/null |
    grep -a -z -v "^d $device " | tr '\\n\\0' '?\\n' | sort | awk '
      function counted() { if (seen < of) print inode, name }
      $1 == "d" { sub(/^d [0-9]* /, ""); print "mounted", $0; exit }
      $1 != inode { counted(); inode = $1; seen = 0 }
      { seen++; of = $2; name = substr($0, length($1 $2) + 3) }
      END { counted() }'
}
first=$(ties | sed '/^f/s/ .*//')
case $first in
  '') exit 0 ;;
  mounted*) printf '%s\\n' "$first"; exit 0 ;;
esac
{ printf '%s\\n' "$first" =; ties; } | awk '
  $0 == "=" { again = 1; next }
  ! again { was[$1]; next }
  $1 in was && ! count++ { name = substr($0, length($1) + 2) }
  END { if (count) print "linked", count, name }'
`;

/** $@ folders of the copy: what has been written to them survives a power cut. */
export const PUT_ON_DISK = `
for path in "$@"; do sync -f "$path" 2>/dev/null || sync; done
`;

/** $1 a folder: everything in it goes, the folder stays. */
export const EMPTY = `
find "$1" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
`;

/**
 * $1 the folder, $2 the file: what was changed after the file, as a path of one line. Change times
 * cannot be set back. What was taken out of a folder has changed that one.
 */
export const CHANGED_SINCE = `
set -eu
cd "$1"
changed=$(find . -mindepth 1 -newercm "$2" -print -quit)
[ -n "$changed" ] || changed=$(find . -maxdepth 0 -newercm "$2" -print)
printf '%s\\n' "$changed" | head -n 1`;
