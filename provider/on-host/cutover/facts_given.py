"""facts(fd): its size, and its facts as bytes."""

import os
import stat
import struct

from entry_facts import FACTS, attributes_of


def facts(fd):
    found = os.fstat(fd)
    data = FACTS.pack(stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_mtime_ns)
    for name in attributes_of(fd):
        for each in (os.fsencode(name), os.getxattr(fd, name)):
            data += struct.pack(">I", len(each)) + each
    return found.st_size, data
