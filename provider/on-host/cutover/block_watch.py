"""On the source: which parts of a large file may have been written to since it was compared with
the target's copy, as told by the kernel's own trace, so that the cutover need not read all of it.

`watch` first lets the kernel note every page of these files that becomes dirty, then has them
written to disk, so that none of their pages is dirty any more, and then compares them with the
target's sums, while their program runs. A later write makes a clean page dirty, which is noted,
or finds one that has become dirty in between, which was noted then. So what is neither noted nor
differed then is what the target has. An event tells where a run of pages begins, and not how
long it is: it is aligned to its length, which therefore is at most the lowest bit of its number.

Whatever changes a file by other ways (direct I/O, truncation, punched holes) is noted as well,
and then the file is read as a whole; so it is when events were lost, when there are too many, or
when this kernel or file system has no such trace."""

import os
import struct
import time

from block_sums import at_once, opened
from opened_below import Root
from target_sums import differing, taken
from write_trace import begin_trace, has_trace, identity, usual

# A filter's text has a limit.
MOST_WATCHED = 64
LONGEST_SECONDS = 120


def watch(lists, volume):
    names, sums, found = taken(lists, volume)
    files, until = {}, time.monotonic() + LONGEST_SECONDS
    root = Root(".")
    for number in sorted(found)[:MOST_WATCHED]:
        fd = opened(root, names[number], os.O_RDONLY)
        if fd is not None and has_trace(os.fstat(fd).st_dev) and usual(fd):
            files[number] = fd
    if not files:
        return
    begin_trace(lists, {identity(fd)[1] for fd in files.values()})
    sizes = {}
    for number, fd in files.items():
        os.fsync(fd)
        sizes[number] = os.fstat(fd).st_size
    pending = differing_now(lists, volume, sums, found, files, sizes, until)
    with open("%s/watched-%s" % (lists, volume), "w") as kept:
        for number, fd in files.items():
            words = (*identity(fd), sizes[number], *pending.get(number, ()))
            kept.write(" ".join(map(str, words)) + "\n")


def differing_now(lists, volume, sums, found, files, sizes, until):
    NOTE = struct.Struct(">IQ")
    # Each process adds to its end, which is one step of the kernel's.
    notes = os.open("%s/differs-%s" % (lists, volume), os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)

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
