"""Values as plain JSON: decimals as texts, no floats, so that the record and the endpoint write the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from printcare.domain.numbers import plain

FLOAT_DIGITS = 9  # of a figure of physics; doses and masses are decimals and never come here as floats


def as_state(value: object) -> object:
    """Return a value as canonical JSON can hold it; a float becomes a text of nine significant digits."""
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, float):
        return f"{value:.{FLOAT_DIGITS}g}"
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_state(member) for key, member in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):  # a named tuple has names to keep
        return as_state(value._asdict())
    if isinstance(value, list | tuple | frozenset | set):
        members = sorted(value) if isinstance(value, frozenset | set) else value
        return [as_state(member) for member in members]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_state(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no place in the record")


def state_of(value: object) -> dict[str, object]:
    """Return a dataclass or mapping as the state of one record row."""
    state = as_state(value)
    if not isinstance(state, dict):
        raise TypeError(f"{type(value).__name__} is not a row of the record")
    return state
