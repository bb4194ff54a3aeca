"""What changed since the last round, but for what is rsync's: small files of one name with all that
is in them, and folders in which something was made, removed or renamed, with the names that they
have, so that the target removes those that they have no more. A file that came into a folder has
a new time of change itself, so nobody has to look into those that stayed. Sockets and devices
are not copied, so their names are left out, as they are when both sides' names are compared.

A record is F or D, a path, its facts, and the file's bytes or the folder's names, each with its
length before it. Z ends them."""

import os
import struct
import sys

RECORD = struct.Struct(">cIII")
FOLDER = os.O_RDONLY | os.O_DIRECTORY


def cause(kind, error, _):  # a user reads the last line
    sys.stderr.write("%s\n" % (getattr(error, "strerror", None) or error))


sys.excepthook = cause
