"""What the host's half of Marlin has to tell, beside what the printer reports by itself."""

from __future__ import annotations

from dataclasses import dataclass

from printcare.protocol.marlin_reply import (
    Action,
    Busy,
    Capability,
    Fatal,
    Firmware,
    LineError,
    Position,
    Remark,
    Temperatures,
    Wait,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The printer answered and its line counter stands at 0: lines may go."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The printer has taken a queued line, in the order queued; what it does with it is another matter (rule 1)."""

    number: int
    line: str


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """The printer refused a line and will say ok to it; `number` is None where the line is not certain."""

    number: int | None
    line: str
    text: str


@dataclass(frozen=True, slots=True)
class ForeignLine:
    """A line whose `N` was damaged came unchecked and was not understood: record it and go on (rule 1)."""

    text: str


@dataclass(frozen=True, slots=True)
class UnsafeForeignLine:
    """An unchecked line may have been executed; the unit is lost. `text` is empty where only its ok was seen."""

    text: str


@dataclass(frozen=True, slots=True)
class Resent:
    """The printer asked for `number` again, and it is going out again."""

    number: int


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer to line `number` in time; a harmless question follows under the next number."""

    number: int


@dataclass(frozen=True, slots=True)
class Booted:
    """The board restarted in the middle of its work: the position is unknown (rule 9)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more will be sent, for the reason given; `code` is listed in docs/errors.md."""

    code: str
    reason: str


Event = (
    Opened | Accepted | CommandFailed | ForeignLine | UnsafeForeignLine | Resent | Silent | Booted | Ended
    | Action | Busy | Capability | Fatal | Firmware | LineError | Position | Remark | Temperatures | Wait
)  # fmt: skip


@dataclass(slots=True)
class LinkCount:
    """What the link did so far; for reports and the record."""

    lines: int = 0
    resends: int = 0
    timeouts: int = 0
    ignored: int = 0
