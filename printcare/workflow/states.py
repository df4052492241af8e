"""Domain objects as the record keeps them: the plain form of `domain.plain`, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints  # a state is parsed JSON

from printcare.domain.plain import as_state, state_of
from printcare.errors import PrintcareError

__all__ = ["as_state", "object_of", "state_of"]
Kind = TypeVar("Kind")


def object_of(kind: type[Kind], state: Mapping[str, Any]) -> Kind:
    """Return the dataclass a state was made from: of texts, whole numbers, decimals, tuples and other dataclasses.

    A member an older program did not write takes its default. Raises PrintcareError STATE_UNREADABLE.
    """
    try:
        found: Kind = _read(kind, state)
    except (TypeError, ValueError, KeyError, AttributeError, InvalidOperation) as fault:
        told = f"What is on record is no {kind.__name__} of this program: {fault}."
        raise PrintcareError("STATE_UNREADABLE", told, "Write it down again, as a new version.") from fault
    return found


def _read(kind: Any, value: Any) -> Any:
    if isinstance(kind, UnionType):  # only `something | None` stands in a domain object
        return None if value is None else _read(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        members = get_args(kind)
        each = [members[0]] * len(value) if members[-1] is Ellipsis else members
        return tuple(_read(one, member) for one, member in zip(each, value, strict=True))
    if is_dataclass(kind) or hasattr(kind, "_fields"):  # a named tuple is kept by its names too
        hints = get_type_hints(kind)
        if unknown := sorted(set(value) - set(hints)):
            raise ValueError(f"it has no {', '.join(unknown)}")
        return kind(**{name: _read(hints[name], member) for name, member in value.items()})
    return Decimal(value) if kind is Decimal else value
