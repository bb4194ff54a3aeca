/**
 * What the cut's programs say of one open file or folder, and how the other side gives it to its
 * copy: mode, owner, time of change in nanoseconds, and the extended attributes that a move keeps.
 * In Python, as the programs are.
 */
const SHARED = String.raw`
FACTS = struct.Struct(">IIIq")
ATTRIBUTES = ("user.", "trusted.", "security.capability", "system.posix_acl_")


def attributes_of(fd):
    try:
        return [name for name in os.listxattr(fd) if name.startswith(ATTRIBUTES)]
    except OSError:
        return []
`;

/** facts(fd): its size, and its facts as bytes. */
export const FACTS_GIVEN = `${SHARED}${String.raw`

def facts(fd):
    found = os.fstat(fd)
    data = FACTS.pack(stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_mtime_ns)
    for name in attributes_of(fd):
        for each in (os.fsencode(name), os.getxattr(fd, name)):
            data += struct.pack(">I", len(each)) + each
    return found.st_size, data
`}`;

/** settle(fd, facts): for when nothing else is written to it. */
export const FACTS_TAKEN = `${SHARED}${String.raw`

def settle(fd, data):  # in an order in which none undoes another
    mode, owner, group, changed = FACTS.unpack_from(data)
    at, words = FACTS.size, []
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        words.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    wanted = {os.fsdecode(name): value for name, value in zip(words[::2], words[1::2])}
    found = os.fstat(fd)
    if (found.st_uid, found.st_gid) != (owner, group):
        os.fchown(fd, owner, group)
    had = attributes_of(fd)
    for name in had:
        if name not in wanted:
            os.removexattr(fd, name)
    for name, value in wanted.items():
        if name.startswith(ATTRIBUTES) and (name not in had or os.getxattr(fd, name) != value):
            os.setxattr(fd, name, value)
    os.fchmod(fd, mode)
    os.utime(fd, ns=(found.st_atime_ns, changed))
`}`;

/**
 * Opens what is below a folder and follows no link on the way: whoever writes to a volume must not
 * lead out of it.
 */
export const OPENED_BELOW = String.raw`

def plain(path):
    return b"/".join(part for part in path.split(b"/") if part not in (b"", b"."))


class Root:
    def __init__(self, path, makes=False):
        self.fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        self.makes = makes
        self.last, self.of_last = b"", self.fd

    def folder(self, path):  # stays open until the next one is asked for: files come folder by folder
        path = plain(path)
        if path == self.last:
            return self.of_last
        if any(part == b".." for part in path.split(b"/")):
            raise ValueError("no name of a file")
        at = os.dup(self.fd)
        for part in path.split(b"/") if path else ():
            try:
                if self.makes:
                    self.make(part, at)
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            finally:
                os.close(at)
            at = inner
        if self.of_last != self.fd:
            os.close(self.of_last)
        self.last, self.of_last = path, at
        return at

    def make(self, name, at):
        try:
            os.mkdir(name, 0o700, dir_fd=at)
        except FileExistsError:
            pass

    def place(self, path):  # the folder that it is in, and its name there
        folder, name = os.path.split(plain(path))
        if name in (b"", b".."):
            raise ValueError("no name of a file")
        return self.folder(folder), name

    def open(self, path, flags):
        if not plain(path):
            return os.dup(self.fd)
        folder, name = self.place(path)
        return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
`;
