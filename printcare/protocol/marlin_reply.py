"""One line from a printer becomes one typed reply; nothing it cannot read for certain counts as progress."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from printcare.domain.machine import LinkSettings


@dataclass(frozen=True, slots=True)
class Ok:
    """A line was taken; `number` only with ADVANCED_OK, `planner_free` and `queue_free` likewise."""

    number: int | None = None
    planner_free: int | None = None
    queue_free: int | None = None
    temperatures: Temperatures | None = None
    position: Position | None = None
    firmware: Firmware | None = None

    def told(self) -> list[Temperatures | Position | Firmware]:
        """Return what came with the ok."""
        return [each for each in (self.firmware, self.position, self.temperatures) if each is not None]


@dataclass(frozen=True, slots=True)
class Resend:
    """The printer asks for line `number` and what follows it."""

    number: int


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a Resend follows; the last good line was `last`."""

    text: str
    last: int


@dataclass(frozen=True, slots=True)
class Busy:
    """The printer works and cannot answer yet."""

    reason: str


_SAME = {"T": ("T", "T0"), "B": ("B",)}  # Klipper and RepRapFirmware name the only tool T0


@dataclass(frozen=True, slots=True)
class Temperatures:
    """Heaters by Marlin's letters: actual and target in °C; `waiting` marks the lines of M109 and M190 (`W:`)."""

    readings: tuple[tuple[str, float, float], ...]
    waiting: bool = False
    powers: tuple[tuple[str, float], ...] = ()

    def actual_c(self, heater: str = "T") -> float | None:
        """Return a heater's temperature in °C, or None when the line did not tell it."""
        return next((actual for name, actual, _ in self.readings if name in _SAME.get(heater, (heater,))), None)

    def target_c(self, heater: str = "T") -> float | None:
        """Return a heater's set point in °C, or None when the line did not tell it."""
        return next((target for name, _, target in self.readings if name in _SAME.get(heater, (heater,))), None)


@dataclass(frozen=True, slots=True)
class Position:
    """The planned position in mm (real after M400), and the steps counted per axis where told."""

    x_mm: float
    y_mm: float
    z_mm: float
    e_mm: float
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Firmware:
    """The identity line of M115, unparsed: a profile's pattern is compared with it."""

    text: str


@dataclass(frozen=True, slots=True)
class Capability:
    """One `Cap:` line of M115."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Boot:
    """The board has started: its position is unknown."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A NO_TIMEOUTS build has an empty queue."""


@dataclass(frozen=True, slots=True)
class Action:
    """A wish to the host (`//action:…`), never an acknowledgement."""

    text: str


@dataclass(frozen=True, slots=True)
class Fatal:
    """The printer has stopped itself; nothing will answer any more."""

    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A command was refused although its ok will come (devices.md §4.12)."""

    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The printer echoes a command it does not know; `command` is what it read."""

    command: str
    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Anything else, an ok too damaged to count included."""

    text: str


Reply = (
    Ok | Resend | LineError | Busy | Temperatures | Position | Firmware | Capability | Boot | Wait | Action | Fatal
    | Failed | Unknown | Remark
)  # fmt: skip

_NUMBER = r"-?\d{1,9}(?:\.\d{1,9})?"  # bounded: four thousand digits of noise would become infinity
_SLOTS = re.compile(r"ok(?: N(-?\d+))? P(\d+) B(\d+)")
_HEATER = re.compile(rf"\b(T\d?|B|C|P|R|L|M): ?({_NUMBER}) ?/ ?({_NUMBER})")
_POWER = re.compile(r"(?<!\S)(\w?@)(?:\d*):? ?(\d+)")
_TEMPERATURE_LINE = re.compile(r" ?(?:T\d?|B):")
_POSITION = re.compile(rf"(?:C: )?X: ?({_NUMBER}) Y: ?({_NUMBER}) Z: ?({_NUMBER}) E: ?({_NUMBER})(?=\s|$)")
_COUNT = re.compile(r"Count (?:X: ?)?(-?\d+) (?:Y: ?)?(-?\d+) (?:Z: ?)?(-?\d+)")
_LAST_LINE = re.compile(r"Error:(.*), Last Line: (-?\d+)")
_CAPABILITY = re.compile(r"Cap:([A-Z0-9_]+):(\S*)")
_UNKNOWN = re.compile(r'(?:echo:|// )Unknown command: ?"(.*)"')


class ReplyParser:
    """Classifies lines by the patterns of one profile; compiled once, for every line of a job passes here."""

    def __init__(self, settings: LinkSettings, halted: Iterable[str] = ()) -> None:
        self._boot = re.compile(settings.boot_pattern)
        self._resend = re.compile(settings.resend_pattern)
        self._busy = re.compile(settings.busy_pattern)
        self._fatal = _any_of((*settings.fatal_patterns, *halted))  # the profile's causes, the dialect's own stop
        self._failed = _any_of(settings.failed_patterns)

    def classify(self, line: bytes) -> Reply:
        """Return what a line says; raises nothing, whatever the bytes are."""
        text = line.decode("latin-1")
        if text.startswith("ok"):
            return _ok(text) or (Fatal(text) if self._fatal.search(text) else Remark(text))  # Smoothieware's M112
        return self._trouble(text) or _report(text) or Remark(text)

    def _trouble(self, text: str) -> Reply | None:
        resend = self._resend.match(text)
        if resend and text[resend.end() :].strip() == "":  # `Resend: 12x` is damaged: its number may be too (quirk 7)
            return Resend(int(resend[1]))
        busy = self._busy.match(text)
        if busy:
            return Busy(text[busy.end() :].strip())
        if self._boot.match(text):
            return Boot()
        if self._fatal.search(text):
            return Fatal(text)
        unknown = _UNKNOWN.fullmatch(text)
        if unknown:
            return Unknown(unknown[1], text)
        if self._failed.search(text):
            return Failed(text)
        return None


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    # Without any pattern nothing may match: `(?!)` never does, an empty alternative always would.
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)")


def _ok(text: str) -> Ok | None:
    """Return an undamaged ok. A garbled one is a lost one (quirk 8): the silence rules deal with it."""
    if text.rstrip() == "ok":
        return Ok()
    slots = _SLOTS.fullmatch(text)
    if slots:
        number, planner_free, queue_free = slots.groups()
        return Ok(None if number is None else int(number), int(planner_free), int(queue_free))
    rest = text[2:]
    if rest.startswith(" C: X:"):
        position = _position(rest[1:])
        return Ok(position=position) if position else None
    if rest.startswith(" FIRMWARE_NAME:"):
        return Ok(firmware=Firmware(rest[1:]))
    if rest == " T:0":  # Klipper before its first measurement
        return Ok()
    temperatures = _temperatures(rest)
    return Ok(temperatures=temperatures) if temperatures else None


def _report(text: str) -> Reply | None:
    if text == "wait":
        return Wait()
    if text.startswith("//action:"):
        return Action(text[len("//action:") :])
    if text.startswith("FIRMWARE_NAME:"):
        return Firmware(text)
    error = _LAST_LINE.fullmatch(text)
    if error:
        return LineError(error[1], int(error[2]))
    if text.startswith("Error:"):  # rule 1: an unexpected error is a failed command
        return Failed(text)
    capability = _CAPABILITY.fullmatch(text)
    if capability:
        return Capability(capability[1], capability[2])
    return _temperatures(text) or _position(text)


def _temperatures(text: str) -> Temperatures | None:
    if not _TEMPERATURE_LINE.match(text):
        return None
    readings = tuple((name, float(actual), float(target)) for name, actual, target in _HEATER.findall(text))
    if not readings:
        return None
    powers = tuple((name, float(power)) for name, power in _POWER.findall(text))
    return Temperatures(readings, " W:" in text, powers)


def _position(text: str) -> Position | None:
    found = _POSITION.match(text)
    if not found:
        return None
    count = _COUNT.search(text, found.end())
    steps = tuple(int(step) for step in count.groups()) if count else ()
    x_mm, y_mm, z_mm, e_mm = map(float, found.groups())
    return Position(x_mm, y_mm, z_mm, e_mm, steps)
