import { BLOCK_SUMS } from "./block-sums-program";

/**
 * The source's side, started in the volume by the move's agent: \`quickest\` says which sum to use; \`check\` looks at the
 * target's sums; \`send\` says which of the summed files rsync need not look into, then sends those of their blocks that
 * the target has not, and their facts. Files are known by their number in the list that \`large\` has made.
 */
export const BLOCK_SOURCE = `${BLOCK_SUMS}${String.raw`

# More files than this are not held open at a time; rsync has the others.
MOST = 500
ATTRIBUTES = ("user.", "trusted.", "security.capability", "system.posix_acl_")


def quickest():
    data = bytes(CHUNK)

    def seconds(kind):
        began = time.perf_counter()
        SUMS[kind](data)
        return time.perf_counter() - began

    return min(sorted(SUMS), key=lambda kind: min(seconds(kind) for _ in range(3)))


def taken(cut, volume):  # the files' names, and what the target has: the sums by number
    names = names_in("%s/large-%s" % (cut, volume))[1:]
    with open("%s/sums-%s" % (cut, volume), "rb") as file:
        data = file.read()
    head, _, rest = data.partition(b"\n")
    word, kind, block = head.split(b" ")
    sums = Sums(kind, int(block))
    if word != b"sums-1" or sums.block not in (1 << power for power in range(16, 31)):
        raise ValueError("these are no sums")
    found, at, rest = {}, 0, memoryview(rest)
    while at < len(rest):
        number, size = ENTRY.unpack_from(rest, at)
        begin = at + ENTRY.size
        at = begin + -(-size // sums.block) * SUM
        if number >= len(names) or at > len(rest):
            raise ValueError("these are no sums")
        found[number] = (size, rest[begin:at])
    return names, sums, found


def plain(name):
    return b"/".join(part for part in name.split(b"/") if part not in (b"", b"."))


def there(name):
    try:
        return alone(os.lstat(name))
    except OSError:
        return False


class Out:
    def __init__(self, limit):
        self.stream, self.lock = os.fdopen(1, "wb", 1 << 18), threading.Lock()
        self.limit, self.began, self.sent = limit, time.monotonic(), 0

    def put(self, kind, number=0, place=0, data=b""):
        with self.lock:
            self.stream.write(FRAME.pack(kind, number, place, len(data)))
            self.stream.write(data)
            self.sent += FRAME.size + len(data)
            if self.limit:
                time.sleep(max(0, self.began + self.sent / self.limit - time.monotonic()))


def facts(fd):
    found = os.fstat(fd)
    data = struct.pack(">IIIq", stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_mtime_ns)
    try:
        names = [name for name in os.listxattr(fd) if name.startswith(ATTRIBUTES)]
    except OSError:
        names = []
    for name in names:
        for each in (os.fsencode(name), os.getxattr(fd, name)):
            data += struct.pack(">I", len(each)) + each
    return found.st_size, data


def send(cut, volume, limit):
    names, sums, found = taken(cut, volume)
    listed, folders = set(), set()
    for name in names_in("%s/list-%s" % (cut, volume)):
        (folders if name.endswith(b"/") else listed).add(plain(name))
    out, changed = Out(limit), {}
    for number in sorted(found):
        name = names[number]
        if name in listed:
            if len(changed) < MOST and there(name):
                changed[number] = os.open(name, os.O_RDONLY | os.O_NOFOLLOW)
                out.put(b"C", number)
        # rsync looks into all that a changed folder has, and would read it for nothing.
        elif os.path.dirname(name) in folders and there(name):
            out.put(b"K", number)
    out.put(b"R", 0, 1 if folders or len(listed) > len(changed) else 0)
    out.stream.flush()
    sizes = {number: os.fstat(fd).st_size for number, fd in changed.items()}

    def compare(job, room):
        number, offset = job
        had, theirs = found[number]
        for place, data, made in sums.blocks(changed[number], offset, sizes[number], room):
            if made == theirs[place * SUM : (place + 1) * SUM]:
                continue
            begin = place * sums.block
            # Behind its end the target's file grows by zeros.
            if begin < had or data != sums.zeros[: len(data)]:
                out.put(b"B", number, begin, data)

    jobs = ((number, offset) for number in changed for offset in sums.chunks(sizes[number]))
    at_once(jobs, compare, sums.chunk)
    for number, fd in changed.items():
        size, data = facts(fd)
        out.put(b"F", number, size, data)
    out.put(b"Z")
    out.stream.flush()


if sys.argv[1] == "quickest":
    sys.stdout.write(quickest().decode() + "\0")
elif sys.argv[1] == "check":
    taken(*sys.argv[2:4])
else:
    send(sys.argv[2], sys.argv[3], int(sys.argv[4]))
`}`;
