"""A number as it is said in the window's language, every decimal spoken: so a slip of the hand is seen."""

from __future__ import annotations

from printcare.domain.typed_number import in_words
from printcare.ui.words import language

_ONES = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
    *("treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
_TENS = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt")


def spoken(text: str) -> str:
    """Return a number the door has read, with a decimal point, in words; English where a language has no words yet."""
    return _in_french(text) if language() == "fr" else in_words(text)


def _in_french(text: str) -> str:
    whole, _, decimals = text.removeprefix("-").partition(".")
    said = _whole(int(whole))
    if decimals:
        said += " virgule " + " ".join(_ONES[int(digit)] for digit in decimals)
    return f"moins {said}" if text.startswith("-") else said


def _whole(number: int) -> str:
    if number < 100:
        return _below_hundred(number)
    if number < 1000:
        count, rest = divmod(number, 100)
        head = "cent" if count == 1 else f"{_ONES[count]} cent"
        return f"{head} {_below_hundred(rest)}" if rest else head + ("s" if count > 1 else "")
    if number < 1_000_000:
        count, rest = divmod(number, 1000)
        head = "mille" if count == 1 else f"{_singular(_whole(count))} mille"
        return f"{head} {_whole(rest)}" if rest else head
    return " ".join(_ONES[int(digit)] for digit in str(number))


def _below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    if tens in (7, 9):  # seventy-one is sixty and eleven
        ones += 10
    if not ones:
        return _TENS[tens] + ("s" if tens == 8 else "")
    return _TENS[tens] + (" et " if ones in (1, 11) and tens < 8 else "-") + _ONES[ones]


def _singular(count: str) -> str:
    """Return a count before "mille", where vingt and cent lose their s."""
    return count[:-1] if count.endswith(("vingts", "cents")) else count
