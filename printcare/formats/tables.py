"""A TOML table being read: every key named, every problem collected with its key path, unknown keys refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any  # tomllib's own value type is Any

from printcare.domain.checks import Finding, error
from printcare.errors import PrintcareError

MAX_BYTES = 256 * 1024  # far above any honest recipe


@lru_cache(maxsize=2)  # `recipe check` asks a file for its kind and then for its content
def parse(data: bytes, name: str) -> Mapping[str, Any]:
    """Return the parsed TOML with exact decimals; raises PrintcareError for a file that is not TOML at all."""
    if len(data) > MAX_BYTES:
        raise PrintcareError(
            "FILE_TOO_LARGE",
            f"{name} has {len(data)} bytes, at most {MAX_BYTES} are read.",
            "Check that it is the right file.",
        )
    try:
        return tomllib.loads(data.decode("utf-8"), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ArithmeticError) as fault:
        raise PrintcareError(
            "FILE_NOT_TOML", f"{name} is not valid TOML: {fault}.", "Correct the file at that place."
        ) from fault


class Table:
    """One table of the file; `problems` is shared by all tables of it.

    A key that is missing or wrong is reported and a neutral value returned, so that reading goes on and all
    problems are told at once.
    """

    def __init__(self, values: Mapping[str, Any], path: str, problems: list[Finding]) -> None:
        self._values = values
        self._path = path
        self._problems = problems
        self._asked: set[str] = set()

    def where(self, key: str) -> str:
        """Return the full path of a key."""
        return f"{self._path}.{key}" if self._path else key

    def object(self, key: str, code: str, reason: str, remedy: str) -> None:
        """Report a problem with a key."""
        self._problems.append(error(code, f"{self.where(key)}: {reason}", remedy, self.where(key)))

    def has(self, key: str) -> bool:
        """Whether the table holds the key; counts as asking for it."""
        self._asked.add(key)
        return key in self._values

    def _take(self, key: str, kinds: tuple[type, ...], expected: str) -> Any:
        if not self.has(key):
            self.object(key, "F_KEY_MISSING", "is missing", f"Add it: {expected} is expected.")
            return None
        value = self._values[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self.object(key, "F_KEY_TYPE", f"is {value!r}, {expected} was expected", "Correct the value.")
            return None
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a non-empty text."""
        if default is not None and not self.has(key):
            return default
        value = self._take(key, (str,), "a text")
        if value is not None and not value.strip() and default is None:
            self.object(key, "F_KEY_EMPTY", "is empty", "Write the text.")
        return value or ""

    def one_of(self, key: str, choices: tuple[str, ...]) -> str:
        """Return a text out of a closed list."""
        value = self.text(key)
        if value and value not in choices:
            self.object(key, "F_KEY_CHOICE", f"is {value!r}", f"Use one of: {', '.join(choices)}.")
        return value

    def boolean(self, key: str) -> bool:
        """Return a truth value."""
        return bool(self._take(key, (bool,), "true or false"))

    def integer(self, key: str, least: int = 0) -> int:
        """Return a whole number of at least `least`."""
        value = self._take(key, (int,), "a whole number")
        if value is not None and value < least:
            self.object(key, "F_KEY_RANGE", f"is {value}", f"Use at least {least}.")
        return value if value is not None else least

    def decimal(self, key: str, above: Decimal | None = None) -> Decimal:
        """Return an exact number; `above` is an open lower limit."""
        return self._exact(key, self._take(key, (int, Decimal), "a number"), above)

    def _exact(self, key: str, value: int | Decimal | None, above: Decimal | None = None) -> Decimal:
        if value is None:
            return Decimal(1)
        exact = Decimal(value)
        if not exact.is_finite():
            self.object(key, "F_KEY_RANGE", f"is {value}", "Use a finite number.")
            return Decimal(1)
        if above is not None and exact <= above:
            self.object(key, "F_KEY_RANGE", f"is {value}", f"Use a number above {above}.")
        return exact

    def number(self, key: str, above: float | None = None) -> float:
        """Return a number for physics, as a float."""
        return float(self.decimal(key, None if above is None else Decimal(str(above))))

    def decimals(self, key: str, count: int) -> tuple[Decimal, ...]:
        """Return exactly `count` exact numbers."""
        values = self._take(key, (list,), f"a list of {count} numbers")
        if values is None:
            return (Decimal(1),) * count
        if len(values) != count or any(
            isinstance(value, bool) or not isinstance(value, int | Decimal) for value in values
        ):
            self.object(
                key, "F_KEY_TYPE", f"is {values!r}, a list of {count} numbers was expected", "Correct the list."
            )
            return (Decimal(1),) * count
        return tuple(self._exact(key, value) for value in values)

    def interval(self, key: str) -> tuple[Decimal, Decimal]:
        """Return two exact numbers in ascending order."""
        low, high = self.decimals(key, 2)
        if low > high:
            self.object(
                key, "F_RANGE_ORDER", f"[{low}, {high}] is not in ascending order", "Write the lower limit first."
            )
        return low, high

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, which may be empty."""
        values = self._take(key, (list,), "a list of texts")
        if values is None:
            return ()
        if not all(isinstance(value, str) for value in values):
            self.object(key, "F_KEY_TYPE", f"is {values!r}, a list of texts was expected", "Correct the list.")
            return ()
        return tuple(values)

    def raw_list(self, key: str) -> list[Any]:
        """Return a list whose members the caller checks; empty where the key is missing."""
        value = self._values.get(key, [])
        self._asked.add(key)
        return value if isinstance(value, list) else []

    def day(self, key: str) -> date:
        """Return a calendar date."""
        value = self._take(key, (date,), "a date such as 2026-11-22")
        return value if value is not None else date(2000, 1, 1)

    def table(self, key: str) -> Table:
        """Return a table inside this one; an empty one, reported, where it is missing."""
        value = self._take(key, (dict,), "a table")
        return Table(value if value is not None else {}, self.where(key), self._problems if value is not None else [])

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables inside this one."""
        values = self._take(key, (list,), "a list of tables")
        if values is None:
            return []
        if not all(isinstance(value, dict) for value in values):
            self.object(key, "F_KEY_TYPE", f"is {values!r}, a list of tables was expected", "Correct the list.")
            return []
        return [Table(value, f"{self.where(key)}[{index}]", self._problems) for index, value in enumerate(values)]

    def numbers3(self, key: str) -> tuple[float, float, float]:
        """Return a point or a corner: three numbers."""
        x, y, z = self.decimals(key, 3)
        return float(x), float(y), float(z)

    def close(self) -> None:
        """Report every key nobody asked for: a misspelt limit must not pass as absent."""
        for key in self._values:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.object(key, "F_KEY_UNKNOWN", "is not known here", f"Remove or correct it; known keys: {known}.")


def refuse(problems: list[Finding], name: str) -> None:
    """Raise FileProblems when there are any."""
    if problems:
        raise FileProblems(name, tuple(problems))


class FileProblems(PrintcareError):  # noqa: N818 - it carries findings, and there is always more than the error
    """A file that was read to its end and found wrong; `findings` holds every problem with its key path."""

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        listed = "; ".join(finding.reason for finding in findings[:5]) + (" …" if len(findings) > 5 else "")
        super().__init__(
            "FILE_PROBLEMS", f"{name} has {len(findings)} problem(s): {listed}.", "Correct every one, then check again."
        )
        self.findings = findings
