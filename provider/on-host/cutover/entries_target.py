#!/usr/bin/env python3
# Made by Ferry for the time of one move.
"""On the target, after rsync: $1 the copy's folder, $2 the file for names that it lacked, each of
which must be one of those that are copied and compared by themselves, $3 the file for the
figures. With a fourth word, into a folder that is empty as yet: folders are made on the way, for
rsync to see to, and it says now and then how far it is, in lines "$4 BYTES FILES"."""

import errno
import os
import stat
import sys
import time

from entries import FOLDER, RECORD
from facts_taken import apply_facts
from opened_below import Root, plain
from written_at import write

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
        apply_facts(fd, given)
    finally:
        os.close(fd)


def folder(fd, path, given, names):
    here, there = set(map(os.fsencode, os.listdir(fd))), set(names.split(b"\0") if names else ())
    for name in here - there:
        remove(fd, name)
    for name in there - here:
        MISSING.write(plain(path + b"/" + name) + b"\0")
    apply_facts(fd, given)


def tell():
    sys.stdout.write("%s %d %d\n" % (sys.argv[4], total, files))
    sys.stdout.flush()


FIRST = len(sys.argv) > 4
ROOT = Root(sys.argv[1], FIRST)
MISSING = open(sys.argv[2], "wb")
files = total = 0
reported = time.monotonic()
while True:
    kind, *lengths = RECORD.unpack(taken(RECORD.size))
    path, given, data = map(taken, lengths)
    total += RECORD.size + sum(lengths)
    if kind == b"Z":
        break
    if kind == b"F":
        file(*ROOT.place(path), given, data)
        files += 1
        if FIRST and time.monotonic() - reported > 1:
            reported = time.monotonic()
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
