"""Lists of names, ended by NUL each, as `find -print0` makes them."""


def names_in(path):
    with open(path, "rb") as file:
        return [name for name in file.read().split(b"\0") if name]
