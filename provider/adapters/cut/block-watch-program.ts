/**
 * On the source: which parts of a large file may have been written to since it was compared with
 * the target's copy, as told by the kernel's own trace, so that the cut need not read all of it.
 *
 * \`watch\` first lets the kernel note every page of these files that becomes dirty, then has them
 * written to disk, so that none of their pages is dirty any more, and then compares them with the
 * target's sums, while their program runs. A later write makes a clean page dirty, which is noted,
 * or finds one that has become dirty in between, which was noted then. So what is neither noted nor
 * differed then is what the target has. An event tells where a run of pages begins, and not how
 * long it is: it is aligned to its length, which therefore is at most the lowest bit of its number.
 *
 * Whatever changes a file by other ways (direct I/O, truncation, punched holes) is noted as well,
 * and then the file is read as a whole; so it is when events were lost, when there are too many, or
 * when this kernel or file system has no such trace.
 */
export const BLOCK_WATCH = String.raw`import fcntl, re

TRACING = "/sys/kernel/tracing"
PAGE = os.sysconf("SC_PAGE_SIZE")
# Pages; the most that the kernel keeps as one.
LONGEST_RUN = 1 << 11
# Bytes of the kernel's buffer, for all processors together; events that a cut has the time to read.
BUFFER = 1 << 22
MOST_EVENTS = 30_000
# A filter's text has a limit.
MOST_WATCHED = 64
LONGEST_SECONDS = 120
# By name: whether the kernel must have it, and what of it matters beside the file.
EVENTS = {
    "writeback/writeback_dirty_folio": (True, ""),
    "iomap/iomap_dio_rw_begin": (True, ""),
    "ext4/ext4_truncate_enter": (True, ""),
    "ext4/ext4_fallocate_enter": (True, "(mode & 254) && "),
    "ext4/ext4_punch_hole": (False, ""),
    "ext4/ext4_zero_range": (False, ""),
    "ext4/ext4_collapse_range": (False, ""),
    "ext4/ext4_insert_range": (False, ""),
}
DIRTY = re.compile(r": writeback_dirty_folio: .*ino=(\d+) index=(\d+)$")
# Of an inode: its data goes through the journal, or past the page cache.
JOURNALED, PAST_CACHE = 0x4000, 0x2000000
GET_FLAGS = 0x80086601


def identity(fd):
    found = os.fstat(fd)
    return (found.st_dev, found.st_ino)


def traced_at(cut):
    return "%s/instances/ferry-%s" % (TRACING, os.path.basename(os.path.dirname(cut)))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def has_trace(device):
    """Whether all that changes a file of this device's file system passes by the events above: ext4, in its usual ways."""
    number = "%d:%d" % (os.major(device), os.minor(device))
    with open("/proc/self/mountinfo") as mounts:
        kinds = {line.partition(" - ")[2].split(" ")[0] for line in mounts if line.split(" ")[2] == number}
    if kinds != {"ext4"}:
        return False
    name = os.path.basename(os.path.realpath("/sys/dev/block/" + number))
    with open("/proc/fs/ext4/%s/options" % name) as options:
        return all(word != "data=journal" and not word.startswith("dax") for word in options.read().split())


def usual(fd):
    flags = fcntl.ioctl(fd, GET_FLAGS, bytes(8))
    return int.from_bytes(flags[:4], sys.byteorder) & (JOURNALED | PAST_CACHE) == 0


def begin_trace(cut, inodes):
    at = traced_at(cut)
    if not all(os.path.isdir("%s/events/%s" % (TRACING, event)) for event, (must, _) in EVENTS.items() if must):
        raise OSError("this kernel has no such trace")
    if not os.path.isdir(at):
        os.mkdir(at)
        write(at + "/buffer_size_kb", str(max(64, BUFFER // 1024 // os.cpu_count())))
    # Those of another volume stay.
    with open(cut + "/inodes", "a+") as kept:
        kept.write("".join("%d\n" % inode for inode in inodes))
        kept.seek(0)
        which = " || ".join("ino == %d" % inode for inode in sorted(set(map(int, kept))))
    for event, (_, more) in EVENTS.items():
        folder = "%s/events/%s" % (at, event)
        if os.path.isdir(folder):
            write(folder + "/filter", "%s(%s)" % (more, which))
            write(folder + "/enable", "1")


def lost_none(at):
    entries = 0
    for cpu in os.listdir(at + "/per_cpu"):
        with open("%s/per_cpu/%s/stats" % (at, cpu)) as file:
            stats = dict(line.strip().split(": ", 1) for line in file if ": " in line)
        if any(int(stats[word]) for word in ("overrun", "commit overrun", "dropped events")):
            return False
        entries += int(stats["entries"])
    return entries <= MOST_EVENTS


def noted(at):
    """By inode, the runs of pages that became dirty; undefined when something else happened, or is not known."""
    runs = {}
    if not os.path.isdir(at) or not lost_none(at):
        return None
    with open(at + "/trace", errors="replace") as trace:
        for line in trace:
            if line.startswith("#") or not line.strip():
                continue
            event = DIRTY.search(line.rstrip())
            if event is None:
                return None
            runs.setdefault(int(event[1]), set()).add(int(event[2]))
    return runs


def watch(cut, volume):
    names, sums, found = taken(cut, volume)
    files, until = {}, time.monotonic() + LONGEST_SECONDS
    root = Root(".")
    for number in sorted(found)[:MOST_WATCHED]:
        fd = opened(root, names[number], os.O_RDONLY)
        if fd is not None and has_trace(os.fstat(fd).st_dev) and usual(fd):
            files[number] = fd
    if not files:
        return
    begin_trace(cut, {identity(fd)[1] for fd in files.values()})
    sizes = {}
    for number, fd in files.items():
        os.fsync(fd)
        sizes[number] = os.fstat(fd).st_size
    pending = differing_now(cut, volume, sums, found, files, sizes, until)
    with open("%s/watched-%s" % (cut, volume), "w") as kept:
        for number, fd in files.items():
            words = (*identity(fd), sizes[number], *pending.get(number, ()))
            kept.write(" ".join(map(str, words)) + "\n")


def differing_now(cut, volume, sums, found, files, sizes, until):
    NOTE = struct.Struct(">IQ")
    # Each process adds to its end, which is one step of the kernel's.
    notes = os.open("%s/differs-%s" % (cut, volume), os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)

    def compare(job, room):
        number, *part = job
        if time.monotonic() > until:
            raise TimeoutError
        differ = differing(sums, found[number][1], (files[number], *part), room)
        os.write(notes, b"".join(NOTE.pack(number, place) for place, _ in differ))

    at_once(lambda: ((number, *part) for number in files for part in sums.chunks(sizes[number])), compare, sums.chunk)
    os.lseek(notes, 0, os.SEEK_SET)
    pending = {}
    with os.fdopen(notes, "rb") as file:
        for number, place in NOTE.iter_unpack(file.read()):
            pending.setdefault(number, []).append(place)
    return pending


def seen_since(cut, volume):
    """By identity of a watched file: what it was then, and which of its blocks and pages may differ since."""
    try:
        with open("%s/watched-%s" % (cut, volume)) as kept:
            lines = [list(map(int, line.split())) for line in kept]
        runs = noted(traced_at(cut))
    except (OSError, ValueError, KeyError):
        return {}
    if runs is None:
        return {}
    return {(device, inode): (size, pending, runs.get(inode, ())) for device, inode, size, *pending in lines}


def to_read(sums, known, size):
    """Parts of a file that have to be read, at most a chunk each: all of it when nothing is known of it."""
    if known is None or size < known[0]:
        yield from sums.chunks(size)
        return
    then, pending, runs = known
    places = set(pending)
    for index in runs:
        length = min(index & -index or LONGEST_RUN, LONGEST_RUN)
        places.update(range(index * PAGE // sums.block, (index + length) * PAGE // sums.block + 1))
    last = -(-size // sums.block)
    places.update(range(then // sums.block, last))
    begin = end = last
    for place in sorted(place for place in places if place < last):
        if place != end or (end - begin) * sums.block >= sums.chunk:
            if begin < end:
                yield begin * sums.block, (end - begin) * sums.block
            begin = place
        end = place + 1
    if begin < end:
        yield begin * sums.block, min(end * sums.block, size) - begin * sums.block


`;
