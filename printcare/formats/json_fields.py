"""One object of a JSON file in our own schema: every key asked for is known, all that is wrong is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from fractions import Fraction

from printcare.domain.checks import Finding
from printcare.domain.numbers import read_count, read_number, read_positive
from printcare.formats.imported import Notes
from printcare.formats.strict_json import Number

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_TEXT = 4000


class Fields:
    """One object of the file; every key asked for is known, the rest is refused by `close`."""

    def __init__(self, values: Mapping[str, object], path: str, notes: Notes) -> None:
        self._values, self._path, self._notes = values, path, notes
        self._asked: set[str] = set()

    def where(self, key: str) -> str:
        """Return the full path of a key."""
        return f"{self._path}.{key}" if self._path else key

    def has(self, key: str) -> bool:
        """Whether the object holds the key; counts as asking for it."""
        self._asked.add(key)
        return key in self._values

    def wrong(self, key: str, expected: str) -> None:
        """Report a key that is missing or is not what was expected."""
        where = self.where(key)
        missing = key not in self._values
        reason = f"{where} is missing." if missing else f"{where} is not {expected}."
        self._notes.stop("PJSON_MISSING" if missing else "PJSON_VALUE", reason, f"State {expected}.", where)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that says something."""
        if not self.has(key) and default is not None:
            return default
        value = self._values.get(key)
        if isinstance(value, str) and not isinstance(value, Number) and value.strip() and len(value) <= MAX_TEXT:
            return value
        self.wrong(key, "a text")
        return ""

    def one_of(self, key: str, choices: Collection[str]) -> str:
        """Return a text out of a closed list."""
        value = self.text(key)
        if value and value not in choices:
            self.wrong(key, f"one of {', '.join(choices)}")
        return value

    def amount(self, key: str) -> str:
        """Return the digits of a positive amount, as they stand in the file."""
        return self._digits(key, read_positive)

    def share(self, key: str) -> str:
        """Return the digits of an amount that may be zero."""
        return self._digits(key, read_number)

    def _digits(self, key: str, read: Callable[[str | None, str], Fraction | Finding]) -> str:
        value = self._values.get(key) if self.has(key) else None
        digits = str(value) if isinstance(value, str) else None
        exact = read(digits, self.where(key))
        if isinstance(exact, Finding):
            self._notes.findings.append(exact)
            return "1"
        if exact < 0:
            self.wrong(key, "zero or more")
        return digits or "1"

    def count(self, key: str, most: int) -> int:
        """Return a whole number from 1 to `most`, written as a number."""
        value = self._values.get(key) if self.has(key) else None
        number = read_count(value if isinstance(value, Number) else None, 1, most, "PJSON_VALUE", self.where(key))
        if isinstance(number, Finding):
            self._notes.findings.append(number)
            return 1
        return number

    def day(self, key: str) -> date:
        """Return a calendar date."""
        value = self.text(key)
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass  # 30 February: told below, as any other text that is no day
        if value:
            self.wrong(key, "a day such as 2026-01-05")
        return date(2000, 1, 1)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where the key is absent."""
        value = self._values.get(key, []) if self.has(key) else []
        if isinstance(value, list) and all(isinstance(each, str) and not isinstance(each, Number) for each in value):
            return tuple(str(each) for each in value)
        self.wrong(key, "a list of texts")
        return ()

    def objects(self, key: str) -> list[Fields]:
        """Return a list of objects, empty where the key is absent."""
        value = self._values.get(key, []) if self.has(key) else []
        if isinstance(value, list) and all(isinstance(each, dict) for each in value):
            return [Fields(each, f"{self.where(key)}[{place}]", self._notes) for place, each in enumerate(value)]
        self.wrong(key, "a list of objects")
        return []

    def object(self, key: str) -> Fields:
        """Return an object; an empty one, reported, where it is missing."""
        value = self._values.get(key) if self.has(key) else None
        if isinstance(value, dict):
            return Fields(value, self.where(key), self._notes)
        self.wrong(key, "an object")
        return Fields({}, self.where(key), Notes())

    def close(self) -> None:
        """Refuse every key nobody asked for: a misspelt limit must not pass as absent."""
        for key in self._values:
            if key not in self._asked:
                remedy = f"Known here: {', '.join(sorted(self._asked))}."
                self._notes.stop("PJSON_UNKNOWN", f"{self.where(key)} is not known.", remedy, self.where(key))
