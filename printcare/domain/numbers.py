"""Text becomes a number once, here at the door, and what is not plainly a number is refused with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from printcare.domain.checks import Finding, error

# ASCII digits only: `\d` would also take Arabic-Indic and full-width digits.
_GRAMMAR = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NOT_FINITE = frozenset({"nan", "inf", "+inf", "-inf", "infinity", "-infinity"})
# No measurement or dose has more digits; a longer text is an accident or an attack on the arithmetic.
MAX_NUMBER_LENGTH = 40

WEIGHT_UNITS_KG: Mapping[str, Fraction] = {"kg": Fraction(1), "g": Fraction(1, 1000), "lb": Fraction("0.45359237")}
HEIGHT_UNITS_CM: Mapping[str, Fraction] = {
    "cm": Fraction(1),
    "m": Fraction(100),
    "mm": Fraction(1, 10),
    "in": Fraction("2.54"),
}
DOSE_UNITS_MG: Mapping[str, Fraction] = {
    "mg": Fraction(1),
    "g": Fraction(1000),
    "ug": Fraction(1, 1000),
    "mcg": Fraction(1, 1000),
    "ng": Fraction(1, 1_000_000),
}
# Both signs are in use for micro: U+00B5 on keyboards, U+03BC in Greek text. Nothing else of the unit is touched.
_MICROGRAM_SPELLINGS = frozenset({"\u00b5g", "\u03bcg"})


def decimal_context(digits: int) -> Context:
    """Return a context of its own with so many significant digits, whatever the caller's or the default one says."""
    return Context(digits, ROUND_HALF_EVEN, -999_999, 999_999, 1, 0, [], [])


# Division of a ratio into decimals: 40 digits where it does not end, exact where it does.
_DECIMALS = decimal_context(40)
_SHOWN = {digits: decimal_context(digits) for digits in (3, 12, 15)}


def normalised_unit(unit: str) -> str:
    """Return the unit with either micro sign of a microgram written `ug`; for the boundary, before the core sees it."""
    return "ug" if unit in _MICROGRAM_SPELLINGS else unit


def read_number(value: str | None, field: str) -> Fraction | Finding:
    """Return the exact number a text states, of either sign, or why it is none (dosing reference 3.1)."""
    if value is None:
        return error("E_MISSING", f"{field} is not stated.", "State it; nothing is assumed.", field)
    if value.lower() in _NOT_FINITE:
        return error("E_NOT_FINITE", f"{field} is “{value}”, which is no amount.", "Enter the measured number.", field)
    if len(value) > MAX_NUMBER_LENGTH or not _GRAMMAR.fullmatch(value):
        return error(
            "E_NUMBER_FORMAT",
            f"{field} is “{value[:MAX_NUMBER_LENGTH]}”; expected digits with at most one point, such as 12.5.",
            "Write the number with a point, without blanks, commas, signs or exponent.",
            field,
        )
    return Fraction(value)


def read_quantity(value: str | None, unit: str | None, units: Mapping[str, Fraction], field: str) -> Fraction | Finding:
    """Return a positive quantity in the base unit of `units`, or the first of the door's objections."""
    number = read_number(value, field)
    if isinstance(number, Finding):
        return number
    if not unit:
        return error("E_UNIT_MISSING", f"{field} has no unit.", f"State one of {', '.join(units)}.", field)
    if unit not in units:
        return error(
            "E_UNIT_UNKNOWN",
            f"{field} is given in “{unit[:MAX_NUMBER_LENGTH]}”.",
            f"Use one of {', '.join(units)}, spelt exactly so.",
            field,
        )
    return _positive(number, field) or number * units[unit]


def read_positive(value: str | None, field: str) -> Fraction | Finding:
    """Return the number above zero a text states, in the unit its field names."""
    number = read_number(value, field)
    if isinstance(number, Finding):
        return number
    return _positive(number, field) or number


def read_limit(value: str | None, field: str) -> Fraction | Finding | None:
    """Return the number above zero a text states, or None where no limit is stated."""
    return None if value is None else read_positive(value, field)


def read_count(value: str | None, least: int, most: int, code: str, field: str) -> int | Finding:
    """Return the whole number from `least` to `most` a text states; outside them, or broken, `code` objects."""
    number = read_number(value, field)
    whole = f"State a whole number from {least} to {most}."
    if isinstance(number, Finding):
        if number.code != "E_NUMBER_FORMAT":
            return number
        return error(number.code, f"{field} is “{value}”, which is no whole number.", whole, field)
    if number.denominator != 1 or not least <= number <= most:
        return error(code, f"{field} is {value}.", whole, field)
    return int(number)


def as_decimal(number: Fraction) -> Decimal:
    """Return a ratio as decimals: exact where it ends within 40 significant digits, else rounded to them."""
    return _DECIMALS.divide(Decimal(number.numerator), Decimal(number.denominator))


def plain(number: Decimal) -> str:
    """Return a number in figures, without exponent and without trailing zeros."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shown(number: Fraction | Decimal | int, digits: int = 15) -> str:
    """Return a number in figures with at most 15 (or 12, or 3) significant digits, as sheets and JSON carry it."""
    numerator, denominator = number.as_integer_ratio()
    return plain(_SHOWN[digits].divide(Decimal(numerator), Decimal(denominator)))


def rounded_half_up(number: Fraction, places: int) -> Fraction:
    """Return a non-negative number at so many decimal places, a tie going up."""
    scale = 10**places
    return Fraction((number * scale * 2 + 1) // 2, scale)


def _positive(number: Fraction, field: str) -> Finding | None:
    if number > 0:
        return None
    return error("E_NON_POSITIVE", f"{field} is {shown(number)}.", "Enter a value above zero.", field)
