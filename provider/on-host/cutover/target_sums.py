"""On the source: what the target has of the files that were listed, and what differs of it here."""

from block_sums import ENTRY, SUM, Sums
from listed_names import names_in


def taken(lists, volume):  # the files' names, and what the target has: the sums by number
    names = names_in("%s/large-%s" % (lists, volume))[1:]
    with open("%s/sums-%s" % (lists, volume), "rb") as file:
        data = file.read()
    head, _, rest = data.partition(b"\n")
    word, kind, block = head.split(b" ")
    sums = Sums(kind, int(block))
    if word != b"sums-1" or sums.block not in (1 << power for power in range(12, 31)):
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


def differing(sums, theirs, job, room):  # the blocks of (file, offset, length) that the target has not
    fd, offset, length = job
    for place, data, made in sums.blocks(fd, offset, length, room):
        if made != theirs[place * SUM : (place + 1) * SUM]:
            yield place, data
