"""The host's half of SP1, a line protocol for NIR and Raman spectrometers: whole spectra only, each proved by its CRC.

SP1 is ours, as PS1 is; a maker's own protocol comes as a plug-in with the same events. Text lines, LF or CR LF:

    host  ?                       spectrometer  #SP1 v1 NIR nm 256 sn=SP0001
    host  I 20.0                  spectrometer  #I 20.0           integration time, ms
    host  M axis                  spectrometer  B 1 axis 256      begin: number of the answer, kind, points
                                                D 0 900.0 903.1 … 16 values a line from this index on
                                                . 1 3A5F          end: CRC-16/CCITT of all text from B to the last D
    host  M dark, M reference, M sample           the same, in counts; `!` behind the points: saturated
                                                E 03 lamp         instead of an answer
A simulated one ends its identity by `simulated:1 speed:50`. The axis is in nm (NIR) or cm-1 (Raman shift).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from printcare.domain.reading import Identity
from printcare.errors import PrintcareError
from printcare.protocol.checksum import crc16_ccitt
from printcare.protocol.lines import LineAssembler
from printcare.protocol.mt_sics import speed_of

KINDS = ("axis", "dark", "reference", "sample")
POINTS_MOST = 8192
ASK_AGAIN_S = 1.0  # `?` and `I` change nothing that matters and may be repeated
ASK_LIMIT = 3
ANSWER_S = 5.0  # beside the integration time: reading out and sending
INTEGRATION_MS = (0.1, 60_000.0)

_IDENTITY = re.compile(r"#SP1 v1 (NIR|Raman) (nm|cm-1) (\d{1,5}) sn=(\S{1,40})(.{0,80})")
_INTEGRATION = re.compile(r"#I (\d{1,6}(?:\.\d{1,3})?)")
_BEGIN = re.compile(r"B (\d{1,9}) (axis|dark|reference|sample) (\d{1,5})( !)?")
_DATA = re.compile(r"D (\d{1,5})((?: -?\d{1,9}(?:\.\d{1,6})?){1,16})")
_END = re.compile(r"\. (\d{1,9}) ([0-9A-F]{4})")
_ERROR = re.compile(r"E (\d\d) (.{0,60})")
_UNITS = {"NIR": "nm", "Raman": "cm-1"}


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who the spectrometer is, how it measures and on how many points."""

    identity: Identity
    technique: str  # NIR | Raman
    axis_unit: str  # nm | cm-1
    points: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One whole answer: `values` in counts, or in the axis' unit; a saturated one says nothing of a sample."""

    kind: str
    values: tuple[float, ...]
    integration_ms: float
    is_saturated: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class Ready:
    """The integration time is set."""

    integration_ms: float


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A question without a spectrum: what the spectrometer said, damage on the way, or silence."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A line nobody waits for."""

    text: str


Event = Recognised | Measured | Ready | NotMeasured | Complaint


class Sp1:
    """Asks one thing at a time: bytes in, events out, times as arguments (seconds)."""

    def __init__(self) -> None:
        self.integration_ms = 0.0
        self._lines = LineAssembler()
        self._out = b""
        self._asked = ""  # ? | I | one of KINDS, empty while nothing is owed
        self._question = b""
        self._tries = 0
        self._due_s = 0.0
        self._points = 0
        self._text: list[str] = []  # of the answer on its way
        self._begun: re.Match[str] | None = None
        self._values: list[float] = []

    @property
    def is_free(self) -> bool:
        """Whether something may be asked."""
        return not self._asked

    def ask_identity(self, now: float) -> None:
        """Ask who it is; raises PrintcareError SPECTROMETER_BUSY."""
        self._ask("?", b"?\n", now, ASK_AGAIN_S)

    def set_integration(self, integration_ms: float, now: float) -> None:
        """Set the integration time, ms; raises PrintcareError SPECTROMETER_BUSY or SPECTROMETER_TIME."""
        least, most = INTEGRATION_MS
        if not least <= integration_ms <= most:
            told = f"An integration time of {integration_ms:g} ms cannot be set."
            raise PrintcareError("SPECTROMETER_TIME", told, f"Use {least:g} to {most:g} ms.")
        self._ask("I", f"I {integration_ms:.1f}\n".encode("ascii"), now, ASK_AGAIN_S)

    def measure(self, kind: str, now: float) -> None:
        """Ask for the axis, the dark, the reference or the sample; raises PrintcareError SPECTROMETER_BUSY."""
        self._drop()
        self._ask(kind, f"M {kind}\n".encode("ascii"), now, ANSWER_S + self.integration_ms / 1000)
        self._tries = ASK_LIMIT  # light is not asked for twice: what came late would be another spectrum

    def _ask(self, what: str, question: bytes, now: float, limit_s: float) -> None:
        if self._asked:
            told = f"The spectrometer still owes an answer to {self._asked}."
            raise PrintcareError("SPECTROMETER_BUSY", told, "Wait for it.")
        self._asked, self._question, self._tries, self._due_s = what, question, 1, now + limit_s
        self._out += question

    def outgoing(self) -> bytes:
        """Return the bytes to be written now."""
        out, self._out = self._out, b""
        return out

    def deadline(self) -> float | None:
        """Return when the answer is due."""
        return self._due_s if self._asked else None

    def tick(self, now: float) -> list[Event]:
        """Let time pass: a question is repeated, a spectrum that does not come is given up."""
        if not self._asked or now < self._due_s:
            return []
        if self._tries < ASK_LIMIT:
            self._tries += 1
            self._out += self._question
            self._due_s = now + ASK_AGAIN_S
            return []
        return [self._failed("no answer in its time")]

    def _failed(self, reason: str) -> Event:
        event = NotMeasured(self._asked, reason)
        self._asked = ""
        self._drop()
        return event

    def _drop(self) -> None:
        self._begun = None
        self._text.clear()
        self._values.clear()

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        events = [self._line(line.decode("latin-1"), now) for line in self._lines.feed(data) if line]
        return [event for event in events if event is not None]

    def _line(self, text: str, now: float) -> Event | None:
        who, integration = _IDENTITY.fullmatch(text), _INTEGRATION.fullmatch(text)
        if who and self._asked == "?" and _UNITS[who[1]] == who[2] and 0 < int(who[3]) <= POINTS_MOST:
            self._asked = ""
            self._points = int(who[3])
            identity = Identity(f"SP1 {who[1]}", who[4], "simulated:1" in who[5], speed_of(who[5]))
            return Recognised(identity, who[1], who[2], self._points)
        if integration and self._asked == "I":
            self._asked = ""
            self.integration_ms = float(integration[1])
            return Ready(self.integration_ms)
        error = _ERROR.fullmatch(text)
        if error and self._asked:
            return self._failed(f"error {error[1]}: {error[2]}")
        if self._asked not in KINDS:
            return Complaint(text)
        return self._spectrum(text, now)

    def _spectrum(self, text: str, now: float) -> Event | None:
        """Take one line of the answer; the first that does not fit ends it."""
        begin, data, end = _BEGIN.fullmatch(text), _DATA.fullmatch(text), _END.fullmatch(text)
        if begin and self._begun is None and begin[2] == self._asked and int(begin[3]) == self._points:
            self._begun = begin
            self._text.append(text)
        elif self._begun and data and int(data[1]) == len(self._values):
            self._text.append(text)
            self._values += [float(each) for each in data[2].split()]
            if len(self._values) > self._points:
                return self._failed("more values than points")
        elif self._begun and end and end[1] == self._begun[1]:
            return self._whole(self._begun, end[2], now)
        elif self._begun:
            return self._failed("a line was damaged or lost")
        else:
            return Complaint(text)
        return None

    def _whole(self, begun: re.Match[str], check: str, now: float) -> Event:
        if len(self._values) != self._points:
            return self._failed("fewer values than points")
        if crc16_ccitt("\n".join(self._text).encode("latin-1")) != int(check, 16):
            return self._failed("its check does not fit")
        event = Measured(begun[2], tuple(self._values), self.integration_ms, begun[4] is not None, now)
        self._asked = ""
        self._drop()
        return event
