"""What differs between two versions of one document: path by path, with unit, and whether a range grew or shrank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

OWN_NAMES = frozenset({"id", "version", "digest"})  # what two versions differ in by being two


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the key path, what stood there and what stands there now (None: nothing), in which unit.

    `effect` is `narrower`, `wider` or `moved` for a pair of limits, `added`, `removed` or `changed` otherwise.
    """

    path: str
    old: object
    new: object
    unit: str
    effect: str


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Change, ...]:
    """Return every difference between two contents in plain form (`domain.plain`), in the order of their paths."""
    return tuple(_between(old, new, "", ""))


def bounds(value: object) -> tuple[Decimal, Decimal] | None:
    """Return a pair of limits as numbers, or None for anything else."""
    if not (isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(end, str) for end in value)):
        return None
    try:
        low, high = (Decimal(end) for end in value)
    except InvalidOperation:
        return None
    return low, high


def _between(old: object, new: object, path: str, unit: str) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _between_members(old, new, path, unit)
    elif _is_listed(old) and _is_listed(new):
        yield from _between_members(_numbered(old), _numbered(new), path, unit)
    else:
        yield Change(path, old, new, unit, _effect(old, new))


def _between_members(old: Mapping[str, object], new: Mapping[str, object], path: str, unit: str) -> Iterator[Change]:
    own = str(new.get("unit") or old.get("unit") or unit)
    for name in sorted(old.keys() | new.keys()):
        if not (path == "" and name in OWN_NAMES):
            yield from _between(old.get(name), new.get(name), f"{path}.{name}".lstrip("."), own)


def _is_listed(value: object) -> bool:
    """Whether a value is a list of tables, compared one by one; a list of plain values is compared as a whole."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _numbered(value: object) -> dict[str, object]:
    """Return a list of tables by name where each has its own, else by place: an insertion moves no name."""
    listed = value if isinstance(value, list) else []
    names = [each.get("name") or each.get("id") for each in listed]
    if all(names) and len(set(names)) == len(names):
        return {str(name): each for name, each in zip(names, listed, strict=True)}
    return {str(place): each for place, each in enumerate(listed)}


def _effect(old: object, new: object) -> str:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    before, after = bounds(old), bounds(new)
    if before is None or after is None:
        return "changed"
    if before[0] <= after[0] and after[1] <= before[1]:
        return "narrower"
    if after[0] <= before[0] and before[1] <= after[1]:
        return "wider"
    return "moved"
