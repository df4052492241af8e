"""Bytes as they come become whole lines, however they are cut, joined or spoiled on the way."""

from __future__ import annotations

LIMIT_BYTES = 4096  # no device of ours speaks longer lines; a wrong baud rate does (devices.md §10)


class LineAssembler:
    r"""Collects bytes and gives whole lines without their end.

    LF ends a line and CR before it is dropped. A line beyond `limit` bytes is given once, cut to it, and the rest of it
    is thrown away, so that noise without line ends can neither fill the memory nor look like an answer.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._rest = b""
        self._skips = False
        self.overlong = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines completed by these bytes."""
        *whole, rest = (self._rest + data).split(b"\n")
        if self._skips and whole:
            del whole[0]
            self._skips = False
        lines = [line.removesuffix(b"\r") if len(line) <= self._limit else self._cut(line) for line in whole]
        if len(rest) > self._limit and not self._skips:
            lines.append(self._cut(rest))
            self._skips = True
        self._rest = b"" if self._skips else rest
        return lines

    def _cut(self, line: bytes) -> bytes:
        self.overlong += 1
        return line[: self._limit]

    def clear(self) -> None:
        """Forget an unfinished line."""
        self._rest = b""
        self._skips = False
