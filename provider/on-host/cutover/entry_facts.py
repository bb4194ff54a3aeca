"""What the cutover's programs say of one open file or folder, and how the other side gives it to its
copy: mode, owner, time of change in nanoseconds, and the extended attributes that a move keeps."""

import os
import struct

FACTS = struct.Struct(">IIIq")
ATTRIBUTES = ("user.", "trusted.", "security.capability", "system.posix_acl_")


def attributes_of(fd):
    try:
        return [name for name in os.listxattr(fd) if name.startswith(ATTRIBUTES)]
    except OSError:
        return []
