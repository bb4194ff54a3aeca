#!/usr/bin/env python3
# Made by Ferry for the time of one move.
"""The source's side, started in the volume by the move's agent: `quickest` says which sum to use;
`check` looks at the target's sums; `watch` begins to note what is written from then on;
`send` says which of the summed files rsync need not look into, then sends those of their
blocks that the target has not, and their facts. Files are known by their number in the list that
`large` has made."""

import fcntl
import os
import sys
import time

from block_reading import seen_since, to_read
from block_sums import CHUNK, FRAME, SUMS, at_once, opened
from block_watch import watch
from facts_given import facts
from listed_names import names_in
from opened_below import Root, plain
from target_sums import differing, taken
from write_trace import identity

# More files than this are not held open at a time; rsync has the others.
MOST = 500


def quickest():
    data = bytes(CHUNK)

    def seconds(kind):
        began = time.perf_counter()
        SUMS[kind](data)
        return time.perf_counter() - began

    return min(sorted(SUMS), key=lambda kind: min(seconds(kind) for _ in range(3)))


def there(root, name):
    fd = opened(root, name, os.O_RDONLY)
    if fd is not None:
        os.close(fd)
    return fd is not None


class Out:
    """Frames to the target, from several processes: each writes whole ones while it holds the turn."""

    def __init__(self, limit, turn):
        self.limit, self.began, self.sent = limit, time.monotonic(), 0
        self.turn = os.open(turn, os.O_RDWR | os.O_CREAT, 0o600)

    def put(self, *frames):
        data = b"".join(FRAME.pack(kind, number, place, len(of)) + of for kind, number, place, of in frames)
        if not data:
            return
        fcntl.lockf(self.turn, fcntl.LOCK_EX)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(1, rest) :]
        finally:
            fcntl.lockf(self.turn, fcntl.LOCK_UN)
        self.sent += len(data)
        if self.limit:
            time.sleep(max(0, self.began + self.sent / self.limit - time.monotonic()))


def send(lists, volume, limit):
    names, sums, found = taken(lists, volume)
    known = seen_since(lists, volume)
    listed, folders = set(), set()
    for name in names_in("%s/rest-%s" % (lists, volume)):
        (folders if name.endswith(b"/") else listed).add(plain(name))
    out, changed, kept = Out(limit, "%s/turn-%s" % (lists, volume)), {}, []
    root = Root(".")
    for number in sorted(found):
        name = names[number]
        if name in listed:
            fd = opened(root, name, os.O_RDONLY) if len(changed) < MOST else None
            if fd is not None:
                changed[number] = fd
                kept.append((b"C", number, 0, b""))
        # rsync looks into all that a changed folder has, and would read it for nothing.
        elif os.path.dirname(name) in folders and there(root, name):
            kept.append((b"K", number, 0, b""))
    kept.append((b"R", 0, 1 if folders or len(listed) > len(changed) else 0, b""))
    out.put(*kept)
    sizes = {number: os.fstat(fd).st_size for number, fd in changed.items()}

    def jobs():
        for number, fd in changed.items():
            for part in to_read(sums, known.get(identity(fd)), sizes[number]):
                yield (number, *part)

    def compare(job, room):
        number, *part = job
        had, theirs = found[number]
        frames = []
        for place, data in differing(sums, theirs, (changed[number], *part), room):
            begin = place * sums.block
            # Behind its end the target's file grows by zeros.
            if begin < had or data != sums.zeros[: len(data)]:
                frames.append((b"B", number, begin, bytes(data)))
        out.put(*frames)

    # One process alone can keep a limit.
    at_once(jobs, compare, sums.chunk, 1 if limit else 8)
    for number, fd in changed.items():
        out.put((b"F", number, *facts(fd)))
    out.put((b"Z", 0, 0, b""))


if sys.argv[1] == "quickest":
    sys.stdout.write(quickest().decode() + "\0")
elif sys.argv[1] == "check":
    taken(*sys.argv[2:4])
elif sys.argv[1] == "watch":
    watch(sys.argv[2], sys.argv[3])
else:
    send(sys.argv[2], sys.argv[3], int(sys.argv[4]))
