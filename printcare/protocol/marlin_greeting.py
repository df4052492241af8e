"""How a connection begins: a restart is awaited, a sign of life asked for, and the line counter set to 0."""

from __future__ import annotations

HELLO_AFTER_S = 0.2  # a board that does not restart on opening answers at once
HELLO_AGAIN_S = 1.0
HELLO_LIMIT = 6  # M110 N0 may be repeated: it moves nothing and no line is out yet
BOOT_QUIET_S = 0.25  # boot text comes in one burst; commands sent into it can be lost
SETTLE_S = 0.1  # the ok of an M115 or a Resend must not be taken for that of M110
SETTLE_LIMIT_S = 1.0  # a printer left alone with a program goes on reporting temperatures, and never falls silent


class Greeting:
    """Goes from `closed` over `hello` (M115 until ok or boot) and `numbering` (M110 N0 until its ok) to `open`."""

    def __init__(self, is_numbered: bool, boot_timeout_s: float) -> None:
        self.phase = "closed"
        self.asked = 0  # greetings sent in this phase; an ok without one answers something else
        self._is_numbered = is_numbered
        self._boot_timeout_s = boot_timeout_s
        self._at_s = 0.0
        self._until_s = 0.0
        self._settled_s = 0.0
        self._has_booted = False

    def begin(self, now: float) -> None:
        """Start to greet."""
        self._enter("hello", now + HELLO_AFTER_S)
        self._until_s = now + self._boot_timeout_s

    def _enter(self, phase: str, at_s: float) -> None:
        self.phase = phase
        self.asked = 0
        self._at_s = at_s
        self._settled_s = at_s + SETTLE_LIMIT_S

    @property
    def is_under_way(self) -> bool:
        """Whether an answer to the greeting is still missing."""
        return self.phase in ("hello", "numbering")

    def deadline(self) -> float | None:
        """Return when the next greeting is due."""
        return self._at_s if self.is_under_way else None

    def is_over(self, now: float) -> bool:
        """Whether the printer has had its time."""
        return (self.phase == "hello" and now >= self._until_s) or self.asked > HELLO_LIMIT

    def outgoing(self, now: float) -> bytes:
        """Return the greeting that is due, or nothing."""
        if not self.is_under_way or now < self._at_s:
            return b""
        if self.phase == "hello" and self._has_booted and self._is_numbered:
            self._enter("numbering", now)
        self._at_s = now + HELLO_AGAIN_S
        self.asked += 1
        if self.phase == "numbering":
            return b"M110 N0\n"
        # The line end closes a half line an earlier program may have left; firmware without numbers would say ok to it.
        return b"\nM115\n" if self._is_numbered else b"M115\n"

    def heard(self, now: float) -> None:
        """Take that the printer speaks: M110 waits until it has finished, but not for one that never does."""
        if self.phase == "numbering" and not self.asked:
            self._at_s = max(self._at_s, min(now + SETTLE_S, self._settled_s))

    def ok(self, now: float) -> bool:
        """Take an ok; returns whether lines may travel now."""
        if not self.asked:
            return False
        if self._is_numbered and (self.phase == "hello" or self.asked > 1):
            # An M110 still in the printer's queue would reset the counter under lines already taken: once more, alone.
            self._enter("numbering", now + SETTLE_S)
            return False
        self.phase = "open"
        return True

    def boot(self, now: float) -> None:
        """Take a boot line: wait until the rest of its text is through."""
        self._has_booted = True
        self._enter("hello", now + BOOT_QUIET_S)

    def renumber(self, now: float) -> None:
        """Set the counter again, because M110 N0 was damaged on its way."""
        self._enter("numbering", now + SETTLE_S)
