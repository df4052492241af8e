"""Every string of a document in one language: the English text is the key, a table beside this module has the rest.

Sentences that the core makes with figures in them are looked up with their figures lifted out, as in "all units,
n = {}": so a table holds one line for all of them, and the figures come back with the language's decimal sign.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files

from printcare.domain.numbers import plain
from printcare.errors import PrintcareError

LANGUAGES = {"en": "English", "fr": "français", "es": "español"}
WITH_COMMA = frozenset({"fr", "es"})
# One figure: digits, with groups behind points where it is a chapter such as 2.9.40 or a version.
_FIGURE = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)*(?![\w])")
_DECIMAL = re.compile(r"(?<![\w.])([0-9]+)\.([0-9]+)(?!\.?\w)")


def phrase(text: str) -> str:
    """Mark a text that is translated where it is set, and return it as it is."""
    return text


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: its words and how it writes a decimal."""

    code: str
    words: Mapping[str, str] = field(repr=False, compare=False)

    def __call__(self, text: str, **values: object) -> str:
        """Return a text in this language, its named places filled."""
        found = self.words.get(text) or text
        return found.format(**values) if values else found

    def told(self, text: str) -> str:
        """Return a sentence of the core or the record in this language; what no table holds stays as recorded."""
        if text in self.words or self.code == "en":
            return self(text)
        lifted = self.words.get(_FIGURE.sub("{}", text))
        if lifted is None:
            return text
        return lifted.format(*(self.written(found) for found in _FIGURE.findall(text)))

    def written(self, text: str) -> str:
        """Return a text of figures with this language's decimal sign; chapters and versions keep their points."""
        return _DECIMAL.sub(r"\1,\2", text) if self.code in WITH_COMMA else text

    def figure(self, value: Decimal | None) -> str:
        """Return a figure for a column: a leading zero, no trailing zero, a dash where there is none."""
        return "–" if value is None else self.written(plain(value)).replace("-", "−")

    def amount(self, dose_mg: Decimal) -> str:
        """Return a dose as a label says it: "17 mg", "500 micrograms"; never "µg" (dosing.md §14)."""
        if dose_mg < 1:
            return self("{figure} micrograms", figure=self.figure(dose_mg * 1000))
        return f"{self.figure(dose_mg)} mg"


@cache
def tongue_of(code: str) -> Tongue:
    """Return a language; raises PrintcareError LANGUAGE_UNKNOWN for one no document is written in."""
    if code not in LANGUAGES:
        told = f"No document is written in the language {code}."
        raise PrintcareError("LANGUAGE_UNKNOWN", told, f"Use one of: {', '.join(LANGUAGES)}.")
    path = files("printcare.formats") / "languages" / f"{code}.toml"
    return Tongue(code, tomllib.loads(path.read_text("utf-8")) if code != "en" else {})


ENGLISH = tongue_of("en")
