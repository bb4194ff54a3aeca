"""Writes all of it, as the kernel may take less at a time."""

import os


def write(fd, data, offset):
    data = memoryview(data)
    while data:
        count = os.pwrite(fd, data, offset)
        data, offset = data[count:], offset + count
