"""A number a person typed in a window with a declared decimal sign: converted, echoed in words, never guessed."""

from __future__ import annotations

import re

from printcare.domain.checks import Finding, error
from printcare.domain.numbers import read_number

# 1,000 and 1.000 mean one or a thousand, depending on who typed them.
_THOUSAND_OR_ONE = re.compile(r"-?[0-9]{1,3}([.,][0-9]{3})+")
_WITH_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def from_comma_locale(typed: str, field: str) -> str | Finding:
    """Return the core's text for what was typed where a comma is the decimal sign, or why it must be typed again."""
    if _THOUSAND_OR_ONE.fullmatch(typed):
        told = f"“{typed}” may mean a thousand or one."
        return error("E_NUMBER_AMBIGUOUS", told, "Type it without a thousands sign, or with other decimals.", field)
    text = typed.replace(",", ".") if _WITH_COMMA.fullmatch(typed) else typed
    number = read_number(text, field)
    return number if isinstance(number, Finding) else text


def in_words(text: str) -> str:
    """Return a text the door has read in English words, every decimal spoken: 12.5 is twelve point five."""
    whole, _, decimals = text.removeprefix("-").partition(".")
    spoken = _whole(int(whole))
    if decimals:
        spoken += " point " + " ".join(_ONES[int(digit)] for digit in decimals)
    return f"minus {spoken}" if text.startswith("-") else spoken


def _whole(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    for size, name in ((1000, "hundred"), (1_000_000, "thousand")):
        if number < size:
            scale = 100 if name == "hundred" else 1000
            count, rest = divmod(number, scale)
            return f"{_whole(count)} {name}" + (f" {_whole(rest)}" if rest else "")
    return " ".join(_ONES[int(digit)] for digit in str(number))
