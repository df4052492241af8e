"""The host's half of the balances that print lines without acknowledging commands: Sartorius, A&D, Ohaus, Radwag.

One row a family: what asks for a weight, and how a line is read (devices.md §12.2). Lines are read by expression, not
by column, except Sartorius' 16 characters, where a blank unit says that the value is not stable. None of them was
tried on a real balance: compare the samples with the balance's manual before clinical use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.reading import Reading
from printcare.errors import PrintcareError
from printcare.protocol.lines import LineAssembler
from printcare.protocol.mt_sics import Dead, Discarded, Event, NotWeighed, TimedOut, Weighed
from printcare.protocol.wire import BALANCE

_TO_MG = {"g": 3, "mg": 0, "kg": 6}  # powers of ten, so that every digit of the balance is kept
_FIGURE = r"(?P<value>[+-]? *\d{1,9}(?:\.\d{1,9})?)"
QUIET_S = 0.3  # a line still on its way when the time was over has passed by then
SILENCES = 3
STABLE_S = 45.0
AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Line:
    """What a balance's line says: a value with its unit, or why there is none."""

    value: str = ""
    unit: str = ""
    is_stable: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """One maker's way: the bytes that ask for a weight at once, and the reader of its lines."""

    name: str
    ask: bytes
    identify: bytes  # from memory of the makers' manuals; a balance that does not know it goes by its family's name
    read: Callable[[str], Line | None]
    answer_s: float = 2.0
    waits_for_unit: bool = False  # unstable values carry no unit, and none is assumed


_SBI = re.compile(r"(?:.{6})?(?P<sign>[+\- ]) *(?P<value>\d{1,9}(?:\.\d{1,9})?) *(?P<unit>[a-zA-Z]{0,3}) *")
_SBI_SPECIAL = re.compile(r"(?:.{6})? *(?P<word>HH?|LL?|C|Err \d{1,3}|--) *")
_SBI_REASONS = {"H": "overload", "HH": "overload", "L": "underload", "LL": "underload", "C": "calibrating"}


def read_sbi(text: str) -> Line | None:
    """Read a Sartorius SBI line of 14 or 20 characters (16 and 22 with CR LF); a blank unit is *not stable*."""
    if len(text) not in (14, 20):
        return None
    special = _SBI_SPECIAL.fullmatch(text)
    if special:
        return Line(reason=_SBI_REASONS.get(special["word"], f"the error {special['word']}"))
    found = _SBI.fullmatch(text)
    if found is None:
        return None
    sign = "-" if found["sign"] == "-" else ""
    return Line(sign + found["value"], found["unit"], bool(found["unit"]))


_AND = re.compile(rf"(?P<head>ST|US),{_FIGURE} *(?P<unit>[a-zA-Z]{{1,3}}) *")


def read_and(text: str) -> Line | None:
    """Read an A&D line: ST stable, US unstable, OL overload, QT a count of pieces, EC an error."""
    if text.startswith("OL,"):
        return Line(reason="underload" if text[3:4] == "-" else "overload")
    if text.startswith("EC,"):
        return Line(reason=f"the error {text[3:].strip()}")
    if text.startswith("QT,"):
        return Line(reason="a count of pieces, not a weight")
    found = _AND.fullmatch(text)
    return None if found is None else Line(found["value"], found["unit"], found["head"] == "ST")


_OHAUS = re.compile(rf" *{_FIGURE} +(?P<unit>[a-zA-Z]{{1,5}}) *(?P<unstable>\??) *(?:NET|G|N|T|B)? *")


def read_ohaus(text: str) -> Line | None:
    """Read an Ohaus line: weight, unit, `?` when unstable, legend; ES is an unknown command."""
    if text.strip() in ("ES", "Err 8.3", "Err 8.4"):
        return Line(reason={"Err 8.3": "overload", "Err 8.4": "underload"}.get(text.strip(), "a syntax error"))
    found = _OHAUS.fullmatch(text)
    return None if found is None else Line(found["value"], found["unit"], not found["unstable"])


_RADWAG = re.compile(rf"SI (?P<mark>[ ?^v]) *{_FIGURE} *(?P<unit>[a-zA-Z]{{1,3}}) *")
_RADWAG_ANSWERS = {"SI_I": "not executable", "SI_E": "no stable value in its time", "ES": "a syntax error"}


def read_radwag(text: str) -> Line | None:
    """Read a Radwag line after SI: blank stable, `?` unstable, `^` over, `v` under; `SI_I` not available."""
    answer = _RADWAG_ANSWERS.get(text.strip().replace("SI I", "SI_I").replace("SI E", "SI_E"))
    if answer:
        return Line(reason=answer)
    found = _RADWAG.fullmatch(text)
    if found is None:
        return None
    if found["mark"] in "^v":
        return Line(reason="overload" if found["mark"] == "^" else "underload")
    return Line(found["value"], found["unit"], found["mark"] == " ")


FAMILIES = {
    "sbi": Family("Sartorius SBI", b"\x1bP\r\n", b"\x1bx1_\r\n", read_sbi, waits_for_unit=True),
    "and": Family("A&D", b"Q\r\n", b"?ID\r\n", read_and),
    "ohaus": Family("Ohaus", b"IP\r\n", b"PV\r\n", read_ohaus),
    "radwag": Family("Radwag", b"SI\r\n", b"NB\r\n", read_radwag),
}


class PlainBalance:
    """Asks for one weight at a time: bytes in, the events of `mt_sics` out, times as arguments (seconds).

    Lines of these families carry nothing that names their question, so one that comes after its time-out is thrown
    away, and nothing is asked before the line has been quiet for a moment.
    """

    def __init__(self, family: str, source: str = BALANCE) -> None:
        self.is_dead = False
        self._family = FAMILIES[family]
        self._source = source
        self._lines = LineAssembler()
        self._is_asked = self._wants_stable = False
        self._due_s = self._ask_due_s = 0.0
        self._quiet_until_s = 0.0
        self._silences = 0
        self._out = b""

    @property
    def is_free(self) -> bool:
        """Whether a weight may be asked for."""
        return not (self._is_asked or self.is_dead)

    def ask(self, now: float, *, stable: bool, limit_s: float | None = None) -> None:
        """Ask for the weight at once; with `stable` again and again until it is, or the time is over.

        Raises:
            PrintcareError: BALANCE_BUSY while another answer is missing.
        """
        if not self.is_free:
            raise PrintcareError("BALANCE_BUSY", "The balance still owes an answer.", "Wait for it.")
        self._is_asked, self._wants_stable = True, stable
        self._due_s = now + (limit_s or (STABLE_S if stable or self._family.waits_for_unit else self._family.answer_s))
        self._ask_due_s = max(now, self._quiet_until_s)
        self._put(now)

    def _put(self, now: float) -> None:
        if now >= self._ask_due_s:
            self._out += self._family.ask
            self._ask_due_s = now + self._family.answer_s

    def ask_model(self) -> None:
        """Ask who it is; the answer comes as the text of a Discarded line."""
        self._out += self._family.identify

    @property
    def family(self) -> str:
        """Return the family's name."""
        return self._family.name

    def outgoing(self) -> bytes:
        """Return the bytes to be written now."""
        out, self._out = self._out, b""
        return out

    def deadline(self) -> float | None:
        """Return when `tick` is due."""
        return min(self._due_s, self._ask_due_s) if self._is_asked else None

    def tick(self, now: float) -> list[Event]:
        """Let time pass: ask again, or give up an answer that did not come in its time."""
        if not self._is_asked:
            return []
        if now < self._due_s:
            self._put(now)
            return []
        self._is_asked = False
        self._quiet_until_s = now + QUIET_S
        self._silences += 1
        self.is_dead = self._silences >= SILENCES
        timed_out = TimedOut(self._family.name)
        return [timed_out, Dead()] if self.is_dead else [timed_out]

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes mean; raises nothing, whatever they are."""
        events: list[Event] = []
        for raw in self._lines.feed(data):
            text = raw.decode("latin-1")
            if text.strip():
                events += self._event(text, now)
        return events

    def _event(self, text: str, now: float) -> list[Event]:
        line = self._family.read(text)
        if line is None or not self._is_asked:
            return [Discarded(text)]
        self._silences = 0
        if line.reason:
            self._is_asked = False
            return [NotWeighed(line.reason, text)]
        if not line.is_stable and (self._wants_stable or self._family.waits_for_unit):
            self._ask_due_s = now + AGAIN_S
            return [Discarded(text)]
        if line.unit not in _TO_MG:
            self._is_asked = False
            return [NotWeighed(f"a weight in {line.unit}, a unit printcare does not know", text)]
        self._is_asked = False
        value_mg = Decimal(line.value.replace(" ", "")).scaleb(_TO_MG[line.unit])
        return [Weighed(Reading(value_mg, "mg", now, line.is_stable, self._source, text))]
