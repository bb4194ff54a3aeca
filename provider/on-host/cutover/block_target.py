#!/usr/bin/env python3
# Made by Ferry for the time of one move.
"""The target's side, in the move's folder: `sum` takes sums of its copies of the files that the
source has listed; `patch` writes what the source sends into them, in place. Only a file that
is still the very one that was summed is written to; every other one is left to rsync. It says on
standard output whether there is anything for rsync to do."""

import os
import sys
import time

from block_sums import ENTRY, FRAME, SUM, Sums, at_once, opened, read
from facts_taken import apply_facts
from listed_names import names_in
from opened_below import Root
from written_at import write

# As small as what databases write at once: only what changed is to go over the network.
SMALLEST_BLOCK = 1 << 14
# The source takes no more.
MOST_BYTES = 1 << 26


def identity(found):
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def summed(sums, fd, size, until):  # undefined when it takes too long
    # Each process has its places in a file in memory, as the smallest of Pythons knows no shared memory.
    made = os.open("summing", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

    def one(job, room):
        if time.monotonic() > until:
            raise TimeoutError
        part = b"".join(of for _, _, of in sums.blocks(fd, *job, room))
        os.pwrite(made, part, job[0] // sums.block * SUM)

    try:
        at_once(lambda: sums.chunks(size), one, sums.chunk)
        return bytes(read(made, 0, memoryview(bytearray(-(-size // sums.block) * SUM))))
    except (TimeoutError, EOFError, ChildProcessError):
        return None
    finally:
        os.close(made)


def take(volume, root, seconds):
    kind, *names = names_in("large-" + volume)
    until = time.monotonic() + seconds
    total = 0
    for name in names:
        fd = opened(root, name, os.O_RDONLY)
        if fd is not None:
            total += os.fstat(fd).st_size
            os.close(fd)
    block = SMALLEST_BLOCK
    while (total // block + len(names)) * (SUM + ENTRY.size) > MOST_BYTES:
        block *= 2
    sums = Sums(kind, block)
    with open("sums-" + volume, "wb") as given, open("summed-" + volume + ".new", "w") as kept:
        given.write(b"sums-1 %s %d\n" % (kind, block))
        for number, name in enumerate(names):
            fd = opened(root, name, os.O_RDONLY)
            if fd is None:
                continue
            was = os.fstat(fd)
            made = summed(sums, fd, was.st_size, until)
            if made is not None and identity(os.fstat(fd)) == identity(was):
                given.write(ENTRY.pack(number, was.st_size) + made)
                kept.write("%d %d %d %d %d %d\n" % ((number,) + identity(was)))
            os.close(fd)


class Arriving:
    def __init__(self):
        self.stream, self.bytes = os.fdopen(0, "rb", 1 << 18), 0

    def exactly(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise EOFError("the source did not send all blocks")
        self.bytes += count
        return data

    def frame(self):
        kind, number, place, length = FRAME.unpack(self.exactly(FRAME.size))
        return kind, number, place, self.exactly(length)


def patch(volume, root):
    _, *names = names_in("large-" + volume)
    with open("summed-" + volume) as file:
        known = {int(number): tuple(map(int, rest)) for number, *rest in map(str.split, file)}
    arriving, files, rest = Arriving(), {}, False

    def still(number):
        fd = opened(root, names[number], os.O_RDWR)
        if fd is not None and identity(os.fstat(fd)) != known.get(number):
            os.close(fd)
            return None
        return fd

    # rsync takes no name that holds a NUL, nor does a file; a leading slash keeps a name from being a pattern's sign.
    with open("handled-" + volume, "wb") as handled:
        while True:
            kind, number, place, _ = arriving.frame()
            if kind == b"R":
                rest = rest or place == 1
                break
            fd = still(number)
            if fd is None:
                rest = True
                continue
            handled.write(b"/" + names[number] + b"\0")
            if kind == b"C":
                files[number] = fd
            else:
                os.close(fd)
    os.write(1, b"rest\n" if rest else b"nothing\n")
    done = 0
    while True:
        kind, number, place, data = arriving.frame()
        if kind == b"Z":
            break
        fd = files.get(number)
        if fd is None:
            continue
        if kind == b"B":
            write(fd, data, place)
        else:
            os.ftruncate(fd, place)
            apply_facts(fd, data)
            done += 1
    if done != len(files):
        raise EOFError("the source did not send all files")
    with open("stats-" + volume + "-blocks", "w") as file:
        file.write("Number of files: %d\n" % done)
        file.write("Number of regular files transferred: %d\n" % done)
        file.write("Total bytes received: %d\n" % arriving.bytes)


volume, path = sys.argv[2], sys.argv[3]
root = Root(path)
if sys.argv[1] == "sum":
    take(volume, root, float(sys.argv[4]))
else:
    patch(volume, root)
