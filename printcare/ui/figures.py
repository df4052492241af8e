"""The one place where numbers become text for the screen: units in every cell, no trailing zeros, thousands apart."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from printcare.domain.numbers import plain
from printcare.ui.words import decimal_sign, tr

NARROW_SPACE = "\u202f"
DASH = "–"
# A number by itself: neither part of a code (CP-2601.A), a date, nor a version (1.0.2).
_NUMBER = re.compile(r"(?<![\w.\-])[0-9]+\.[0-9]+(?![\w.\-])")
UNITS = {"degC": "°C", "mm3": "mm³", "years": "years", "1": ""}
SENSOR_UNITS = {"kpa": "kPa", "mg": "mg", "c": "°C", "degc": "°C", "pct": "%"}


def unit_words(unit: str) -> str:
    """Return a unit as a person writes it; of a share, a dash."""
    return {"1": DASH, "mm3/s": "mm³/s"}.get(unit) or UNITS.get(unit, unit)


def sensor_words(sensor: str) -> str:
    """Return a sensor of the record, as `pressure_kpa`, as its quantity and its unit."""
    name, _, unit = sensor.rpartition("_")
    return f"{name.replace('_', ' ')}, {SENSOR_UNITS[unit]}" if unit in SENSOR_UNITS else sensor


def figure(value: Decimal | float | None, places: int, unit: str = "", *, fixed: bool = False) -> str:
    """Return a number half up to so many decimals with its unit; `fixed` keeps the zeros of a live reading in place."""
    if value is None:
        return DASH
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{exact:f}" if fixed else plain(exact)
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, point, decimals = digits.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", NARROW_SPACE)
    return f"{sign}{whole}{decimal_sign() if point else ''}{decimals}" + (f" {UNITS.get(unit, unit)}" if unit else "")


def local(text: str) -> str:
    """Return a text of the core with the decimal sign of the language; a code, a date or a version stays as it is."""
    sign = decimal_sign()
    return text if sign == "." else _NUMBER.sub(lambda found: found[0].replace(".", sign), text)


def exact(value: Decimal | None) -> str:
    """Return a decimal of the core, every digit of it, with the decimal sign of the language."""
    return DASH if value is None else local(plain(value))


def short_figure(text: str, digits: int = 4) -> str:
    """Return an exact text of the core to so many significant digits for the eye; what is no number stays as it is."""
    try:
        value = Decimal(text)
    except ArithmeticError:
        return text
    if not value.is_finite() or value == 0 or len(value.as_tuple().digits) <= digits:
        return local(text.replace("-", "−"))
    return figure(value, max(digits - 1 - value.adjusted(), 0))


def clock_words(seconds: float) -> str:
    """Return a span of time as a person says it: 7 minutes 40 seconds."""
    whole = max(round(seconds), 0)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = (
        (hours, tr("1 hour"), tr("{} hours")),
        (minutes, tr("1 minute"), tr("{} minutes")),
        (rest if not hours else 0, tr("1 second"), tr("{} seconds")),
    )
    spoken = [one if count == 1 else many.format(count) for count, one, many in parts if count]
    return " ".join(spoken) or tr("less than a second")
