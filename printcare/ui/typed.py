"""A number as a person typed it on a form, exactly, with the decimal sign of the language or a point."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.numbers import read_number
from printcare.domain.typed_number import from_comma_locale
from printcare.ui.words import decimal_sign
from printcare.workflow.authority import Refused

LARGEST_COUNT = 10**6


class Reading:
    """Reads the fields of a form to the end; what is no number is objected to beside its field, all at once."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self._found: list[Finding] = []

    def text(self, name: str) -> str:
        """Return what was typed, empty where there is no such field."""
        return self._fields.get(name, "").strip()

    def required(self, name: str, where: str = "") -> str:
        """Return what was typed; nothing is objected to at the field (or the row) it belongs in."""
        text = self.text(name)
        if not text:
            told = f"Nothing stands in {where or name}."
            self._found.append(error("E_FIELD_EMPTY", told, "Type what is asked for there.", where or name))
        return text

    def decimal(self, name: str, where: str = "") -> Decimal:
        """Return a number, or 0 and an objection at the field (or the row) it was typed in."""
        return self._number(self.text(name), where or name)

    def decimals(self, name: str) -> tuple[Decimal, ...]:
        """Return the numbers of a field, with blanks or semicolons between them, or objections at it."""
        return tuple(self._number(each, name) for each in self.text(name).replace(";", " ").split())

    def readings(self, name: str) -> tuple[Decimal, ...]:
        """Return what an instrument showed, which may lie below zero, or objections at the field."""
        shown = self.text(name).replace("\u2212", "-").replace(";", " ").split()
        return tuple(
            -self._number(each[1:], name) if each.startswith("-") else self._number(each, name) for each in shown
        )

    def _number(self, typed: str, place: str) -> Decimal:
        text = typed.replace("\u2212", "-")
        if not text or decimal_sign() != ",":
            found = read_number(text or None, place)
            read = found if isinstance(found, Finding) else text
        else:
            read = from_comma_locale(text, place)
        if isinstance(read, Finding):
            self._found.append(read)
            return Decimal(0)
        return Decimal(read)

    def optional(self, name: str, where: str = "") -> Decimal | None:
        """Return a number, or None where nothing was typed."""
        return self.decimal(name, where) if self.text(name) else None

    def whole(self, name: str) -> int:
        """Return a count, or 0 and an objection at its field."""
        text = self.text(name)
        if text.isascii() and text.isdecimal() and int(text) <= LARGEST_COUNT:
            return int(text)
        told = f"{name} is “{text}”; a whole number is expected."
        self._found.append(error("E_NUMBER_FORMAT", told, "Type digits alone, as 12.", name))
        return 0

    def day(self, name: str, where: str = "") -> date:
        """Return a day, or the first there is and an objection at the field (or the row) it was typed in."""
        text = self.text(name)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._found.append(_no_date(text, where or name))
            return date.min

    def moment(self, name: str) -> datetime:
        """Return a moment in UTC, as 2026-01-05 09:30, or the first there is and an objection at its field."""
        text = self.text(name)
        try:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            self._found.append(_no_date(text, name))
            return datetime.min.replace(tzinfo=UTC)

    def object(self, found: Finding) -> None:
        """Keep an objection of the form's own."""
        self._found.append(found)

    def close(self) -> None:
        """Raise Refused with every objection there is."""
        if self._found:
            raise Refused(tuple(self._found))


def _no_date(text: str, where: str) -> Finding:
    told = f"{where} is “{text}”; a date is expected."
    return error("E_DATE_FORMAT", told, "Write it as 2026-12-31, a time behind it as 09:30.", where)
