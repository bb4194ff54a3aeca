import { FACTS_GIVEN, FACTS_TAKEN, OPENED_BELOW } from "./entry-facts-program";

/**
 * What changed since the last round, but for what is rsync's: small files of one name with all that
 * is in them, and folders in which something was made, removed or renamed, with the names that they
 * have, so that the target removes those that they have no more. A file that came into a folder has
 * a new time of change itself, so nobody has to look into those that stayed. Sockets and devices
 * are not copied, so their names are left out, as they are when both sides' names are compared.
 *
 * A record is F or D, a path, its facts, and the file's bytes or the folder's names, each with its
 * length before it. Z ends them.
 */
const SHARED = String.raw`# Made by Ferry for the time of one move.
import errno, os, stat, struct, sys, time

RECORD = struct.Struct(">cIII")
FOLDER = os.O_RDONLY | os.O_DIRECTORY


def cause(kind, error, _):  # a user reads the last line
    sys.stderr.write("%s\n" % (getattr(error, "strerror", None) or error))


sys.excepthook = cause
`;

/**
 * On the source, in the volume: $1 the file that names the small files, $2 the one that names the
 * folders, ended by NUL each,
 * $3 how many bytes a second may go out, 0 for any number. With a fourth word, while files are
 * written to: what vanished meanwhile, or is no small file of one name any more, is left out.
 */
export const ENTRIES_SOURCE = `${SHARED}${OPENED_BELOW}${FACTS_GIVEN}${String.raw`

def put(kind, *parts):
    global sent
    OUT.write(RECORD.pack(kind, *map(len, parts)))
    for part in parts:
        OUT.write(part)
    sent += RECORD.size + sum(map(len, parts))
    if LIMIT:
        time.sleep(max(0, BEGAN + sent / LIMIT - time.monotonic()))


def content(fd, most):
    parts = []
    while most > 0:
        part = os.read(fd, min(most, 1 << 20))
        if not part:
            break
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def small(path):  # its facts before what is in it: what is written meanwhile has another time
    fd = ROOT.open(path, os.O_RDONLY)
    try:
        found = os.fstat(fd)
        if MOVING and not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_size < 1 << 26):
            raise FileNotFoundError
        return facts(fd)[1], content(fd, found.st_size)
    finally:
        os.close(fd)


def copied(entry):
    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False) or entry.is_symlink():
        return True
    return stat.S_ISFIFO(entry.stat(follow_symlinks=False).st_mode)


def names_of(fd):
    with os.scandir(fd) as entries:
        return [os.fsencode(entry.name) for entry in entries if copied(entry)]


def names_in(path):
    with open(path, "rb") as file:
        return [name for name in file.read().split(b"\0") if name]


OUT = os.fdopen(1, "wb", 1 << 18)
ROOT = Root(".")
LIMIT, BEGAN, sent = int(sys.argv[3]), time.monotonic(), 0
MOVING = len(sys.argv) > 4
for path in names_in(sys.argv[1]):
    try:
        found = small(path)
    except OSError:
        if MOVING:
            continue
        raise
    put(b"F", path, *found)
for path in names_in(sys.argv[2]):
    fd = ROOT.open(path, FOLDER)
    put(b"D", path, facts(fd)[1], b"\0".join(names_of(fd)))
    os.close(fd)
put(b"Z", b"", b"", b"")
OUT.flush()
`}`;

/**
 * On the target, after rsync: $1 the copy's folder, $2 the file for names that it lacked, each of
 * which must be one of those that are copied and compared by themselves, $3 the file for the
 * figures. With a fourth word, into a folder that is empty as yet: folders are made on the way, for
 * rsync to settle, and it says now and then how far it is, in lines "$4 BYTES FILES".
 */
export const ENTRIES_TARGET = `${SHARED}${OPENED_BELOW}${FACTS_TAKEN}${String.raw`

PAGE = bytes(4096)
ARRIVING = os.fdopen(0, "rb", 1 << 18)


def taken(count):
    data = ARRIVING.read(count)
    if len(data) < count:
        raise EOFError("the source did not send all that changed")
    return data


def remove(at, name):
    if not stat.S_ISDIR(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=at)
        return
    inner = os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=at)
    try:
        for each in os.listdir(inner):
            remove(inner, each)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=at)


def opened(at, name):  # the regular file of this one name, or undefined
    try:
        fd = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.EISDIR, errno.ENXIO):
            return None
        raise
    found = os.fstat(fd)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        return fd
    os.close(fd)
    return None


def made(at, name):  # in the place of whatever is there; that the folder changed by it is not the source's change
    was = os.fstat(at)
    try:
        remove(at, name)
    except FileNotFoundError:
        pass
    fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=at)
    os.utime(at, ns=(was.st_atime_ns, was.st_mtime_ns))
    return fd


def write(fd, data, offset):
    data = memoryview(data)
    while data:
        count = os.pwrite(fd, data, offset)
        data, offset = data[count:], offset + count


def file(at, name, given, data):
    holes = PAGE in data
    # A hole is where nothing was ever written.
    fd = None if holes else opened(at, name)
    if fd is None:
        fd = made(at, name)
    try:
        if holes:
            for begin in range(0, len(data), len(PAGE)):
                part = data[begin : begin + len(PAGE)]
                if part != PAGE[: len(part)]:
                    write(fd, part, begin)
        else:
            write(fd, data, 0)
        # Only when it is needed: a file that is cut to nothing and written anew is put on disk when it is closed.
        if os.fstat(fd).st_size != len(data):
            os.ftruncate(fd, len(data))
        settle(fd, given)
    finally:
        os.close(fd)


def folder(fd, path, given, names):
    here, there = set(map(os.fsencode, os.listdir(fd))), set(names.split(b"\0") if names else ())
    for name in here - there:
        remove(fd, name)
    for name in there - here:
        MISSING.write(plain(path + b"/" + name) + b"\0")
    settle(fd, given)


def tell():
    sys.stdout.write("%s %d %d\n" % (sys.argv[4], total, files))
    sys.stdout.flush()


FIRST = len(sys.argv) > 4
ROOT = Root(sys.argv[1], FIRST)
MISSING = open(sys.argv[2], "wb")
files = total = 0
told = time.monotonic()
while True:
    kind, *lengths = RECORD.unpack(taken(RECORD.size))
    path, given, data = map(taken, lengths)
    total += RECORD.size + sum(lengths)
    if kind == b"Z":
        break
    if kind == b"F":
        file(*ROOT.place(path), given, data)
        files += 1
        if FIRST and time.monotonic() - told > 1:
            told = time.monotonic()
            tell()
    else:
        fd = ROOT.open(path, FOLDER)
        try:
            folder(fd, path, given, data)
        finally:
            os.close(fd)
MISSING.close()
with open(sys.argv[3], "w") as stats:
    stats.write("Number of files: %d\n" % files)
    stats.write("Number of regular files transferred: %d\n" % files)
    stats.write("Total bytes received: %d\n" % total)
if FIRST:
    tell()
`}`;
