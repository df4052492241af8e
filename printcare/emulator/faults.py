"""Every fault the bench knows, in one table for documents, command line and tests: kind, triggers, value, default."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from printcare.errors import PrintcareError

FOREVER = math.inf
_TRIGGER_FORMS = {
    "unit": "unit:N",
    "line": "line:N",
    "t": "t:SECONDS",
    "volume": "volume:MM3",
    "rate": "rate:P",
}


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row: `low` … `high` bound the value; without a `unit` the kind takes none."""

    name: str
    triggers: tuple[str, ...]
    unit: str
    default: float
    low: float
    high: float
    does: str
    drives: tuple[str, ...] = ("syringe", "pneumatic", "filament")  # where it means something

    def default_text(self) -> str:
        """Return the default as the table prints it."""
        if not self.unit:
            return "-"
        return "for ever" if self.default == FOREVER else f"{self.default:g}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to come: its kind, when it strikes and how hard."""

    kind: FaultKind
    trigger: str
    at: float
    value: float
    spec: str


_ULTV = ("unit", "line", "t", "volume")
_ULT = ("unit", "line", "t")
_UT = ("unit", "t")
_UTV = ("unit", "t", "volume")
_U = ("unit",)
_LTR = ("line", "t", "rate")
_LT = ("line", "t")
DRIVES = ("syringe", "pneumatic", "filament")
_INK = ("syringe", "pneumatic")
_STEPPED = ("syringe", "filament")
_SYRINGE, _AIR, _MELT = ("syringe",), ("pneumatic",), ("filament",)


def _plain(name: str, triggers: tuple[str, ...], does: str, drives: tuple[str, ...] = DRIVES) -> FaultKind:
    return FaultKind(name, triggers, "", 0.0, 0.0, 0.0, does, drives)


def _sized(
    name: str,
    triggers: tuple[str, ...],
    unit: str,
    default: float,
    bounds: tuple[float, float],
    does: str,
    drives: tuple[str, ...] = DRIVES,
) -> FaultKind:
    return FaultKind(name, triggers, unit, default, bounds[0], bounds[1], does, drives)


_ROWS = (
    _plain("clog", _ULTV, "nozzle closed"),
    _sized("partial-clog", _ULTV, "bore factor", 0.8, (0.2, 0.99), "bore reduced"),
    _sized("air", _ULTV, "mm3", 5.0, (0.01, 1000.0), "air slug through the nozzle"),
    _sized("trapped-air", _UT, "uL", 50.0, (0.1, 5000.0), "compliance rises", _INK),
    _plain("empty", _ULTV, "cartridge empty, plunger at its end"),
    _plain("plunger-parted", _ULTV, "no force on the ink"),
    _plain("plunger-bottomed", _ULTV, "plunger against its stop: ramp", _SYRINGE),
    _sized("leak", _ULTV, "% of flow", 10.0, (0.1, 95.0), "past the piston or the luer"),
    _sized("wrong-nozzle", _U, "bore mm", 0.413, (0.1, 2.0), "another bore from this unit on"),
    _sized("wrong-ink", _U, "K factor", 1.5, (0.1, 10.0), "another ink from this unit on, n + 0.1"),
    _sized("creep", _UTV, "% pressure per 100 mm3", 5.0, (0.1, 100.0), "liquid-phase migration", _INK),
    _sized("gelling", _UT, "s of dwell", 30.0, (1.0, 3600.0), "tip gels when idle longer", _INK),
    _sized("ink-cold", _UT, "degC", -5.0, (-30.0, -0.1), "ink colder, lag 120 s"),
    _sized("ink-hot", _UT, "degC", 5.0, (0.1, 30.0), "ink hotter, lag 120 s"),
    _plain("grinding", _ULTV, "the drive gear has ground a notch: filament stands still", _MELT),
    _sized("thin-filament", _UTV, "mm", 1.70, (0.5, 3.0), "filament of another diameter from here on", _MELT),
    _sized("moisture", _UTV, "% of the melt", 3.0, (0.1, 30.0), "wet filament: steam, light and uneven strand", _MELT),
    _sized("supply-low", _UT, "factor", 0.95, (0.1, 1.5), "regulator away from its set pressure", _AIR),
    _plain("heater-failed", _UT, "no heating power"),
    _sized("core-not-soaked", _UT, "degC below the jacket", 5.0, (0.1, 30.0), "decays with the soak time", _INK),
    _sized("skipped-steps", _ULT, "% of E steps", 10.0, (0.1, 100.0), "lost in the motor", _STEPPED),
    _sized("lost-xy-steps", _ULT, "mm", 1.0, (0.01, 50.0), "position off until homed"),
    _sized("wrong-esteps", _U, "factor", 1.05, (0.5, 2.0), "E steps per mm wrong", _STEPPED),
    _plain("endstop-missed", _U, "homing fails"),
    _sized("drip", _U, "mg", 5.0, (0.1, 100.0), "ink falls on the unit"),
    _sized("string", _U, "mg", 3.0, (0.1, 100.0), "ink hangs between unit and nozzle and leaves with it"),
    _plain("unit-taken", _U, "unit removed before weighing"),
    _plain("unit-stuck", _U, "unit sticks to the nozzle"),
    _sized("plate-touched", _UT, "mg", 50.0, (0.1, 10000.0), "pulse while weighing"),
    _sized("balance-drift", _UT, "mg/min", 0.3, (-100.0, 100.0), "linear"),
    _plain("balance-dead", _UT, "no answer"),
    _sized("balance-unstable", _UT, "s", 60.0, (0.1, FOREVER), "never stable for that long"),
    _plain("balance-overload", _UT, "S +"),
    _plain("balance-wrong-unit", _UT, "answers in mg instead of g"),
    _sized("balance-draft", _UT, "mg", 2.0, (0.01, 1000.0), "slow noise"),
    _plain("balance-tare-lost", _UT, "power cycle"),
    _plain("balance-garbled", _UT, "one damaged line"),
    _sized("balance-corner", _UT, "% at the corner", 1.0, (-10.0, 10.0), "reading depends on where the unit lies"),
    _sized("balance-shaken", _UT, "mg", 10.0, (0.1, 1000.0), "vibration of the table, at rest too"),
    _sized("evaporation", _UT, "mg/cm2/min", 0.25, (0.001, 10.0), "solvent leaves the finished units"),
    _plain("pressure-stuck", _UT, "last value repeated", _INK),
    _sized("pressure-offset", _UT, "kPa", 20.0, (-1000.0, 1000.0), "jump", _INK),
    _sized("pressure-drift", _UT, "kPa/min", 2.0, (-1000.0, 1000.0), "zero of the sensor drifts", _INK),
    _plain("pressure-saturated", _UT, "SAT at the range end", _INK),
    _plain("pressure-dead", _UT, "no line", _INK),
    _plain("sensor-open", _UT, "thermistor open (MINTEMP)"),
    _plain("sensor-short", _UT, "thermistor short (MAXTEMP)"),
    _plain("sensor-stuck", _UT, "temperature frozen"),
    _plain("runaway", _UT, "heater stays on"),
    _plain("corrupt", _LTR, "one bit of a host line damaged, N included"),
    _plain("lost-n", _LTR, "first byte (N) of a line lost"),
    _plain("truncate", _LTR, "rest of a line lost"),
    _plain("join-lines", _LTR, "two lines become one"),
    _plain("drop", _LTR, "host line lost"),
    _plain("lost-ok", _LTR, "reply lost"),
    _plain("double-ok", _LTR, "reply sent twice"),
    _sized("stale-resend", _LTR, "lines back", 3.0, (1.0, 1000.0), "Resend for an old number"),
    _plain("resend-no-ok", _LTR, "Resend without its ok"),
    _sized("rx-overflow", _LT, "bytes", 40.0, (1.0, 10000.0), "receive buffer loses bytes"),
    _sized("garbage", _LT, "bytes", 64.0, (1.0, 10000.0), "as at a wrong baud rate"),
    _plain("reset", _ULT, "board restarts, boot text"),
    _sized("unplug", _ULT, "s until back", FOREVER, (0.1, FOREVER), "port disappears"),
    _sized("replug", _ULT, "s", 3.0, (0.1, FOREVER), "port disappears and is back under another name"),
    _sized("latency", _ULT, "ms", 16.0, (1.0, 10000.0), "replies delayed and clumped"),
    _sized("mute", _ULT, "s", FOREVER, (0.1, FOREVER), "printer silent"),
)
FAULTS: dict[str, FaultKind] = {row.name: row for row in _ROWS}


def parse_fault(spec: str) -> Fault:
    """Read `kind@trigger[:value]`.

    Raises:
        PrintcareError: FAULT_UNKNOWN, FAULT_TRIGGER or FAULT_VALUE, with the legal forms.
    """
    name, _, rest = spec.strip().partition("@")
    kind = FAULTS.get(name)
    if kind is None:
        raise PrintcareError("FAULT_UNKNOWN", f"There is no fault kind {name!r}.", f"Legal kinds: {', '.join(FAULTS)}.")
    trigger, *numbers = rest.split(":")
    if trigger not in kind.triggers or not 1 <= len(numbers) <= 2:
        raise PrintcareError("FAULT_TRIGGER", f"{spec!r} has no trigger this fault knows.", _forms(kind))
    at = _number(numbers[0], spec, kind)
    if not _is_place(trigger, at):
        raise PrintcareError("FAULT_TRIGGER", f"{spec!r}: {trigger}:{numbers[0]} is out of range.", _forms(kind))
    if len(numbers) == 1:
        return Fault(kind, trigger, at, kind.default, spec)
    value = _number(numbers[1], spec, kind)
    if not kind.unit or not kind.low <= value <= kind.high:
        raise PrintcareError("FAULT_VALUE", f"{spec!r}: the value {numbers[1]} is not allowed.", _forms(kind))
    return Fault(kind, trigger, at, value, spec)


def _is_place(trigger: str, at: float) -> bool:
    if trigger == "rate":
        return 0.0 < at <= 1.0
    if trigger in ("unit", "line"):
        return at >= 1 and at == int(at)
    return at >= 0.0


def _number(text: str, spec: str, kind: FaultKind) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PrintcareError("FAULT_VALUE", f"{spec!r}: {text!r} is not a number.", _forms(kind))
    return value


def _forms(kind: FaultKind) -> str:
    places = ", ".join(f"{kind.name}@{_TRIGGER_FORMS[trigger]}" for trigger in kind.triggers)
    if not kind.unit:
        return f"Legal forms: {places}; no value."
    return f"Legal forms: {places}, each with an optional :VALUE in {kind.unit} from {kind.low:g} to {kind.high:g}."


def refuse_elsewhere(fault: Fault, drives: Collection[str]) -> None:
    """Raise PrintcareError FAULT_DRIVE where none of a printer's drives can have the fault."""
    if not set(fault.kind.drives) & set(drives):
        raise PrintcareError(
            "FAULT_DRIVE",
            f"{fault.spec!r} means nothing on a printer with a {' and a '.join(drives)} drive.",
            f"It is a fault of: {', '.join(fault.kind.drives)}. See --list-faults.",
        )


def fault_rows() -> list[tuple[str, ...]]:
    """Return the table for people: kind, triggers, value, default, drives, what happens; one for all its readers."""
    rows: list[tuple[str, ...]] = []
    for kind in FAULTS.values():
        drives = "all" if kind.drives == DRIVES else ",".join(kind.drives)
        rows.append((kind.name, ",".join(kind.triggers), kind.unit or "-", kind.default_text(), drives, kind.does))
    return rows


HEADINGS = ("kind", "triggers", "value", "default", "drives", "what happens")


def fault_table() -> str:
    """Return the table `--list-faults` prints, as aligned text."""
    rows = [HEADINGS, *fault_rows()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS) - 1)]
    return "\n".join("  ".join([*map(str.ljust, row[:-1], widths), row[-1]]) for row in rows)
