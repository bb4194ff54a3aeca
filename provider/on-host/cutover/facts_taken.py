"""apply_facts(fd, facts): for when nothing else is written to it."""

import os
import struct

from entry_facts import ATTRIBUTES, FACTS, attributes_of


def apply_facts(fd, data):  # in an order in which none undoes another
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
