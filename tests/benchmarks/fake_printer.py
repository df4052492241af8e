"""A fast Marlin-like stand-in on a pseudo-terminal: numbers and checksums checked, each ok delayed by some ms."""

from __future__ import annotations

import collections
import os
import select
import sys
import time
import tty


def serve(delay_s: float) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    print(os.ttyname(slave), flush=True)
    rest, last, due = b"", 0, collections.deque()
    while True:
        wait_s = max(0.0, due[0][0] - time.monotonic()) if due else 60.0
        if due and delay_s and wait_s < 0.0015:
            wait_s = 0.0  # the timer is too coarse for the last millisecond
        ready, _, _ = select.select([master], [], [], wait_s)
        if ready:
            rest += os.read(master, 4096)
            *lines, rest = rest.split(b"\n")
            for line in lines:
                reply, last = answer(line, last)
                if reply:
                    due.append((time.monotonic() + delay_s, reply))
        now, out = time.monotonic(), b""
        while due and due[0][0] <= now:
            out += due.popleft()[1]
        if out:
            os.write(master, out)


def answer(line: bytes, last: int) -> tuple[bytes, int]:
    if line.startswith(b"N"):
        body, _, check = line.rpartition(b"*")
        number = int(body[1:].split(b" ", 1)[0])
        xor = 0
        for byte in body:
            xor ^= byte
        if number != last + 1 or int(check) != xor:
            return b"Error:checksum mismatch, Last Line: %d\nResend: %d\nok\n" % (last, last + 1), last
        if b" M105" in body:
            return b"ok T:20.00 /0.00 B:20.00 /0.00 @:0 B@:0\n", number
        return b"ok N%d P15 B3\n" % number, number
    if line.startswith(b"M110"):
        return b"ok P15 B3\n", 0
    return (b"ok P15 B3\n" if line else b""), last


if __name__ == "__main__":
    serve(float(sys.argv[1]) / 1000)
