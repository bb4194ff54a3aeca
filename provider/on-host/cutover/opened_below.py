"""Opens what is below a folder and follows no link on the way: whoever writes to a volume must not
lead out of it."""

import os


def plain(path):
    return b"/".join(part for part in path.split(b"/") if part not in (b"", b"."))


class Root:
    def __init__(self, path, makes=False):
        self.fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        self.makes = makes
        self.last, self.of_last = b"", self.fd

    def folder(self, path):  # stays open until the next one is asked for: files come folder by folder
        path = plain(path)
        if path == self.last:
            return self.of_last
        if any(part == b".." for part in path.split(b"/")):
            raise ValueError("no name of a file")
        at = os.dup(self.fd)
        for part in path.split(b"/") if path else ():
            try:
                if self.makes:
                    self.make(part, at)
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            finally:
                os.close(at)
            at = inner
        if self.of_last != self.fd:
            os.close(self.of_last)
        self.last, self.of_last = path, at
        return at

    def make(self, name, at):
        try:
            os.mkdir(name, 0o700, dir_fd=at)
        except FileExistsError:
            pass

    def place(self, path):  # the folder that it is in, and its name there
        folder, name = os.path.split(plain(path))
        if name in (b"", b".."):
            raise ValueError("no name of a file")
        return self.folder(folder), name

    def open(self, path, flags):
        if not plain(path):
            return os.dup(self.fd)
        folder, name = self.place(path)
        return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
