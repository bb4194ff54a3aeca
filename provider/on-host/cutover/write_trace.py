"""The kernel's own trace of what is written to files: whether there is one, how it begins, what it has noted."""

import fcntl
import os
import re
import sys

TRACING = "/sys/kernel/tracing"
# Bytes of the kernel's buffer, for all processors together; events that a cutover has the time to read.
BUFFER = 1 << 22
MOST_EVENTS = 30_000
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


def traced_at(lists):
    return "%s/instances/ferry-%s" % (TRACING, os.path.basename(os.path.dirname(lists)))


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def has_trace(device):
    """Whether all that changes a file of this device's file system passes by these events: ext4, in its usual ways."""
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


def begin_trace(lists, inodes):
    at = traced_at(lists)
    if not all(os.path.isdir("%s/events/%s" % (TRACING, event)) for event, (must, _) in EVENTS.items() if must):
        raise OSError("this kernel has no such trace")
    if not os.path.isdir(at):
        os.mkdir(at)
        write(at + "/buffer_size_kb", str(max(64, BUFFER // 1024 // os.cpu_count())))
    # Those of another volume stay.
    with open(lists + "/inodes", "a+") as kept:
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
