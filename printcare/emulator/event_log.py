"""The bench's log: one JSON line per event, and one hash over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted

_BUNDLE = 256  # lines hashed and written at once
HOST, DEVICE, TRUTH = "<", ">", "!"


class EventLog:
    """Times have six digits and bytes are read as latin-1, so that one seed gives one text on every system."""

    def __init__(self, sink: Callable[[str], object] | None = None) -> None:
        self._sink = sink
        self._digest = hashlib.sha256()
        self._lines: list[str] = []

    def write(self, at_s: float, source: str, way: str, data: bytes) -> None:
        """Add an event: to a device (<), from it (>), or the truth no device tells (!)."""
        text = quoted(data.decode("latin-1"))
        line = f'{{"at_s":{at_s:.6f},"source":"{source}","way":"{way}","data":{text}}}\n'
        self._lines.append(line)
        if len(self._lines) >= _BUNDLE:
            self._bundle()

    def digest(self) -> str:
        """Return SHA-256 over every line so far."""
        self._bundle()
        return self._digest.hexdigest()

    def close(self, at_s: float) -> None:
        """Write the hash of the lines before as the last line, which is itself not hashed."""
        digest = self.digest()
        if self._sink is not None:
            self._sink(f'{{"at_s":{at_s:.6f},"sha256":"{digest}"}}\n')

    def _bundle(self) -> None:
        text = "".join(self._lines)
        self._lines.clear()
        self._digest.update(text.encode("ascii"))
        if text and self._sink is not None:
            self._sink(text)
