"""What both sides of a comparison by blocks share, in Python 3.7 with its standard library alone:
sums of a file's blocks, on all processors at once. A sum is of 160 bits of SHA-256 or BLAKE2b,
whichever the source is quicker at."""

import errno
import hashlib
import itertools
import os
import stat
import struct
import sys

SUM = 20
SUMS = {
    b"blake2b": lambda data: hashlib.blake2b(data, digest_size=SUM).digest(),
    b"sha256": lambda data: hashlib.sha256(data).digest()[:SUM],
}
CHUNK = 1 << 20
# Of a file among the sums: its number in the source's list, and its size.
ENTRY = struct.Struct(">IQ")
# Kind, number of the file, offset or size, length of what follows.
FRAME = struct.Struct(">cIQI")


def tell(kind, error, _):
    """Of a fault, what its user is to read: the last line of what was said becomes part of a message."""
    plain = isinstance(error, (OSError, EOFError, ValueError))
    words = getattr(error, "strerror", None) or str(error)
    if words or not plain:
        sys.stderr.write((words if plain else "%s: %s" % (kind.__name__, words)) + "\n")


sys.excepthook = tell


def at_once(jobs, do, size, most=8):
    """do(job, room to read into) for every job of jobs(), in as many processes as there are processors.

    Processes, not threads: between two small blocks, threads would wait for one another."""
    count = min(most, len(os.sched_getaffinity(0)))

    def part(which):
        room = memoryview(bytearray(size))
        for job in itertools.islice(jobs(), which, None, count):
            do(job, room)

    children = []
    for which in range(1, count):
        child = os.fork()
        if child == 0:
            ended = 1
            try:
                part(which)
                ended = 0
            except Exception as error:
                tell(type(error), error, None)
            finally:
                os._exit(ended)
        children.append(child)
    try:
        part(0)
    finally:
        ends = [os.waitpid(child, 0)[1] for child in children]
    if any(ends):
        # One that ended by itself has said why.
        raise ChildProcessError("a part of the work was killed" if any(map(os.WIFSIGNALED, ends)) else "")


class Sums:
    def __init__(self, kind, block):
        self.kind, self.block, self.of = kind, block, SUMS[kind]
        self.chunk = max(CHUNK, block)
        self.zeros = memoryview(bytes(self.chunk))
        self.of_zeros = {}

    def chunks(self, size):  # where each begins, and how long it is
        return ((offset, min(self.chunk, size - offset)) for offset in range(0, size, self.chunk))

    def blocks(self, fd, offset, length, room):  # of at most one chunk: number, bytes, sum
        hole = in_hole(fd, offset, length)
        data = self.zeros[:length] if hole else read(fd, offset, room[:length])
        for begin in range(0, length, self.block):
            part = data[begin : begin + self.block]
            if not hole:
                made = self.of(part)
            else:
                made = self.of_zeros.get(len(part)) or self.of_zeros.setdefault(len(part), self.of(part))
            yield (offset + begin) // self.block, part, made


def read(fd, offset, room):
    done = 0
    while done < len(room):
        count = os.preadv(fd, [room[done:]], offset + done)
        if count == 0:
            raise EOFError("a file got shorter while it was read")
        done += count
    return room


def in_hole(fd, offset, length):
    try:
        return os.lseek(fd, offset, os.SEEK_DATA) >= offset + length
    except OSError as error:
        return error.errno == errno.ENXIO


def alone(found):  # a regular file with one name
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def opened(root, name, flags):
    try:
        fd = root.open(name, flags)
    except (OSError, ValueError):
        return None
    if alone(os.fstat(fd)):
        return fd
    os.close(fd)
    return None
