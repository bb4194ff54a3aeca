import { FACTS_GIVEN, FACTS_TAKEN } from "./entry-facts-program";

/**
 * Folders in which something was made, removed or renamed since the last round, while what is in them is copied by name: their
 * own facts, and the names that they have, so that the target removes those that they have no more. Each file that came into a
 * folder has a new time of change itself, so nobody has to look into those that stayed.
 *
 * A record is the folder's path, its facts and its names, each with its length before it; an empty path ends them all.
 */
const RECORD = String.raw`
LENGTHS = struct.Struct(">III")
`;

/** On the source, in the volume: $1 the file that names the folders, ended by NUL each. */
export const FOLDERS_SOURCE = `# Made by Ferry for the time of one move.
import os, stat, struct, sys
${RECORD}${FACTS_GIVEN}${String.raw`

def put(*parts):
    OUT.write(LENGTHS.pack(*map(len, parts)))
    for part in parts:
        OUT.write(part)


OUT = os.fdopen(1, "wb", 1 << 18)
with open(sys.argv[1], "rb") as file:
    folders = [name for name in file.read().split(b"\0") if name]
for path in folders:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    put(path, facts(fd)[1], b"\0".join(map(os.fsencode, os.listdir(fd))))
    os.close(fd)
put(b"", b"", b"")
OUT.flush()
`}`;

/**
 * On the target, beside rsync: $1 the copy's folder. What rsync makes meanwhile is none of what is removed: that has a name which
 * the source has, or one for the moment, which is younger than this program.
 */
export const FOLDERS_TARGET = `# Made by Ferry for the time of one move.
import os, stat, struct, sys, time
${RECORD}${FACTS_TAKEN}${String.raw`

def taken(count):
    data = sys.stdin.buffer.read(count)
    if len(data) < count:
        raise EOFError("the source did not send all folders")
    return data


def remove(at, name):
    found = os.stat(name, dir_fd=at, follow_symlinks=False)
    if not stat.S_ISDIR(found.st_mode):
        os.unlink(name, dir_fd=at)
        return
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
    try:
        for each in os.listdir(inner):
            remove(inner, each)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=at)


def young(at, name):
    return os.stat(name, dir_fd=at, follow_symlinks=False).st_ctime_ns >= BEGAN


def same(path, given, names):
    relative = b"/".join(part for part in path.split(b"/") if part not in (b"", b"."))
    flags = os.O_RDONLY | os.O_DIRECTORY
    try:
        fd = below(ROOT, relative, flags) if relative else os.dup(ROOT)
    except OSError:
        # Another kind of thing here, or none: rsync's, if that has it at all.
        MISSING.write(relative + b"\0")
        return
    try:
        here, there = set(map(os.fsencode, os.listdir(fd))), set(names.split(b"\0") if names else ())
        for name in here - there:
            if not young(fd, name):
                remove(fd, name)
        for name in there - here:
            MISSING.write((relative + b"/" if relative else b"") + name + b"\0")
        settle(fd, given)
    finally:
        os.close(fd)


# The clock of a file system is behind by as much as 10 ms.
BEGAN = time.time_ns() - 20_000_000
ROOT = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
MISSING = open(sys.argv[2], "wb")
while True:
    path, given, names = map(taken, LENGTHS.unpack(taken(LENGTHS.size)))
    if not path:
        break
    same(path, given, names)
MISSING.close()
`}`;
