/**
 * What both sides of a comparison by blocks share, in Python 3.7 with its standard library alone: sums of a file's blocks,
 * on all processors at once, as hashlib lets go of the interpreter's lock. A sum is of 160 bits of SHA-256 or BLAKE2b,
 * whichever the source is quicker at.
 */
export const BLOCK_SUMS = String.raw`# Made by Ferry for the time of one move.
import errno, hashlib, os, stat, struct, sys, threading, time

SUM = 20
SUMS = {
    b"blake2b": lambda data: hashlib.blake2b(data, digest_size=SUM).digest(),
    b"sha256": lambda data: hashlib.sha256(data).digest()[:SUM],
}
CHUNK = 1 << 20
# Of a file among the sums: its number in the source's list, and its size.
ENTRY = struct.Struct(">IQ")
# Kind, number of the file, offset or size, length of what follows.
FRAME = struct.Struct(">cIQI")


def at_once(jobs, do, size):  # do(job, room to read into), by as many threads as there are processors
    jobs, lock, failed = iter(jobs), threading.Lock(), []

    def one():
        room = memoryview(bytearray(size))
        while not failed:
            with lock:
                job = next(jobs, None)
            if job is None:
                return
            try:
                do(job, room)
            except BaseException as error:
                failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(min(8, len(os.sched_getaffinity(0))))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


class Sums:
    def __init__(self, kind, block):
        self.kind, self.block, self.of = kind, block, SUMS[kind]
        self.chunk = max(CHUNK, block)
        self.zeros = memoryview(bytes(self.chunk))
        self.of_zeros = {}

    def chunks(self, size):
        return range(0, size, self.chunk)

    def blocks(self, fd, offset, size, room):  # of one chunk: number, bytes, sum
        length = min(self.chunk, size - offset)
        hole = in_hole(fd, offset, length)
        data = self.zeros[:length] if hole else read(fd, offset, room[:length])
        for begin in range(0, length, self.block):
            part = data[begin : begin + self.block]
            if not hole:
                made = self.of(part)
            else:
                made = self.of_zeros.get(len(part)) or self.of_zeros.setdefault(len(part), self.of(part))
            yield (offset + begin) // self.block, part, made


def read(fd, offset, room):
    done = 0
    while done < len(room):
        count = os.preadv(fd, [room[done:]], offset + done)
        if count == 0:
            raise EOFError("a file got shorter while it was read")
        done += count
    return room


def in_hole(fd, offset, length):
    try:
        return os.lseek(fd, offset, os.SEEK_DATA) >= offset + length
    except OSError as error:
        return error.errno == errno.ENXIO


def names_in(path):
    with open(path, "rb") as file:
        return [name for name in file.read().split(b"\0") if name]


def alone(found):  # a regular file with one name
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1
`;
