"""On the source, in the cutover: which parts of a file that was watched have to be read once more."""

import os

from write_trace import noted, traced_at

PAGE = os.sysconf("SC_PAGE_SIZE")
# Pages; the most that the kernel keeps as one.
LONGEST_RUN = 1 << 11


def seen_since(lists, volume):
    """By identity of a watched file: what it was then, and which of its blocks and pages may differ since."""
    try:
        with open("%s/watched-%s" % (lists, volume)) as kept:
            lines = [list(map(int, line.split())) for line in kept]
        runs = noted(traced_at(lists))
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
