#!/usr/bin/env python3
# Made by Ferry for the time of one move.
"""On the source, in the volume: $1 the file that names the small files, $2 the one that names the
folders, ended by NUL each,
$3 how many bytes a second may go out, 0 for any number. With a fourth word, while files are
written to: what vanished meanwhile, or is no small file of one name any more, is left out."""

import os
import stat
import sys
import time

from entries import FOLDER, RECORD
from facts_given import facts
from listed_names import names_in
from opened_below import Root


class Out:
    """Records to the target, no faster than the limit, where there is one."""

    def __init__(self, limit):
        self.stream, self.limit = os.fdopen(1, "wb", 1 << 18), limit
        self.began, self.sent = time.monotonic(), 0

    def put(self, kind, *parts):
        self.stream.write(RECORD.pack(kind, *map(len, parts)))
        for part in parts:
            self.stream.write(part)
        self.sent += RECORD.size + sum(map(len, parts))
        if self.limit:
            time.sleep(max(0, self.began + self.sent / self.limit - time.monotonic()))


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


ROOT = Root(".")
OUT = Out(int(sys.argv[3]))
MOVING = len(sys.argv) > 4
for path in names_in(sys.argv[1]):
    try:
        found = small(path)
    except OSError:
        if MOVING:
            continue
        raise
    OUT.put(b"F", path, *found)
for path in names_in(sys.argv[2]):
    fd = ROOT.open(path, FOLDER)
    OUT.put(b"D", path, facts(fd)[1], b"\0".join(names_of(fd)))
    os.close(fd)
OUT.put(b"Z", b"", b"", b"")
OUT.stream.flush()
