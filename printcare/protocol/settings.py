"""What a firmware says of its own settings, under one name each: `M92 E` is the E axis' steps per mm, whoever tells it.

Marlin as recorded (tests/wire/marlin/25-nosave, 31-quiet-rest); Smoothieware lists the same words by M503.
RepRapFirmware answers each word by a sentence (`GCodes2.cpp`: "Steps/mm: ", "Max speeds (mm/min): ", "Accelerations
(mm/sec^2): ", "Maximum printing acceleration"). Klipper keeps its settings in a file and tells none. The texts of
RepRapFirmware and Smoothieware are from source, not tried on hardware.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal

# What is asked; nothing here changes anything.
QUESTIONS = {
    "marlin": ("M503", "M211"),
    "reprapfirmware": ("M92", "M203", "M201", "M204"),
    "smoothieware": ("M503",),
    "klipper": (),
}

_NUMBER = r"-?\d{1,9}(?:\.\d{1,9})?"
_WORDS = re.compile(rf"(?:echo:)?\s*(M\d{{1,4}})((?: [A-Z]{_NUMBER})+)\s*(?:;.*)?")
_WORD = re.compile(rf"([A-Z])({_NUMBER})")
_BY_TOOL = ("M92", "M200", "M201", "M203", "M301", "M900")  # where a leading T names the tool and is no value
_SENTENCES = (
    (re.compile(r"Steps/mm: "), "M92", Decimal(1)),
    (re.compile(r"Max (?:speeds|feedrates) \(mm/min\): "), "M203", Decimal(60)),
    (re.compile(r"Max (?:speeds|feedrates) \(mm/sec\): "), "M203", Decimal(1)),
    (re.compile(r"Accelerations \(mm/sec\^2\): "), "M201", Decimal(1)),
)
_AXIS = re.compile(rf"\b([XYZE]): ?({_NUMBER}(?::{_NUMBER})*)")
_ACCELERATION = re.compile(
    rf"Maximum printing acceleration ({_NUMBER}), maximum travel acceleration ({_NUMBER})(?: mm/sec\^2)?"
)


def settings_in(text: str) -> dict[str, Decimal]:
    """Return the settings one line tells, by name; feeds in mm/s, whatever unit the firmware tells them in.

    A further tool's stands under its number: `M92 T1 E`.
    """
    words = _WORDS.fullmatch(text)
    if words:
        return _words(words[1], words[2])
    acceleration = _ACCELERATION.fullmatch(text.strip())
    if acceleration:
        return {"M204 P": Decimal(acceleration[1]), "M204 T": Decimal(acceleration[2])}
    for begins, word, divisor in _SENTENCES:
        if begins.match(text):
            return _axes(word, text, divisor)
    return {}


def _words(word: str, rest: str) -> dict[str, Decimal]:
    told = [(letter, Decimal(digits)) for letter, digits in _WORD.findall(rest)]
    prefix = word
    if word in _BY_TOOL and told[0][0] == "T":
        tool = int(told.pop(0)[1])
        prefix = f"{word} T{tool}" if tool else word
    return {f"{prefix} {letter}": value for letter, value in told}


def _axes(word: str, text: str, divisor: Decimal) -> dict[str, Decimal]:
    found = {}
    for letter, digits in _AXIS.findall(text):
        for tool, each in enumerate(digits.split(":")):
            found[f"{word} T{tool} {letter}" if tool else f"{word} {letter}"] = Decimal(each) / divisor
    return found


def digest_of(settings: Mapping[str, Decimal]) -> str:
    """Return the SHA-256 of all settings told, in the order of their names; equal values give equal digests."""
    lines = (f"{name}={value.normalize():f}\n" for name, value in sorted(settings.items()))
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()
