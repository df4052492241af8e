"""A number as a person typed it on a form, exactly, with the decimal sign of the language or a point."""

from __future__ import annotations

from collections.abc import Mapping
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

    def decimal(self, name: str, where: str = "") -> Decimal:
        """Return a number, or 0 and an objection at the field (or the row) it was typed in."""
        text, place = self.text(name).replace("\u2212", "-"), where or name
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

    def object(self, found: Finding) -> None:
        """Keep an objection of the form's own."""
        self._found.append(found)

    def close(self) -> None:
        """Raise Refused with every objection there is."""
        if self._found:
            raise Refused(tuple(self._found))
