"""A platform: a parent recipe with proven ranges, whose children change only what it leaves open.

Contents here are nested mappings as a file holds them, numbers exact; a place in them is a key path with dots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding, error

# What every child states of itself. Its evidence is added to the parent's, never put in its place.
OWN = frozenset({"schema", "kind", "platform", "id", "version", "title", "demonstration", "author", "evidence"})


@dataclass(frozen=True, slots=True)
class Opening:
    """One key path a child may set, and between which numbers or to which texts; no bound leaves it free."""

    key: str
    within: tuple[Decimal, Decimal] | None = None
    one_of: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether the path is this one or lies under it."""
        return path == self.key or path.startswith(f"{self.key}.")

    def allows(self, value: object) -> bool:
        """Whether a child may write this value here; a list is allowed when each of its members is."""
        if isinstance(value, list | tuple):
            return all(self.allows(member) for member in value)
        if self.one_of:
            return value in self.one_of
        if self.within is None:
            return True
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return is_number and self.within[0] <= value <= self.within[1]  # type: ignore[operator]  # a number, just asked


@dataclass(frozen=True, slots=True)
class Platform:
    """A parent: what it proves and what it leaves open. `content` is a recipe's, complete but for what is open."""

    id: str
    version: int
    title: str
    author: str
    demonstration: bool
    openings: tuple[Opening, ...]
    content: Mapping[str, object]
    digest: str

    @property
    def reference(self) -> str:
        """Return how a child names it."""
        return f"{self.id}/{self.version}"


def child_objections(platform: Platform, child: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return every key the child sets and the platform does not leave open, or not to that value."""
    return tuple(
        found
        for path, value in leaves({key: value for key, value in child.items() if key not in OWN})
        if (found := _objection(platform, path, value)) is not None
    )


def _objection(platform: Platform, path: str, value: object) -> Finding | None:
    covering = [opening for opening in platform.openings if opening.covers(path)]
    if not covering:
        open_keys = ", ".join(opening.key for opening in platform.openings) or "nothing"
        told = f"{path}: {platform.reference} does not leave this open"
        return error("F_PLATFORM_CLOSED", told, f"Remove it; open are {open_keys}.", path)
    if any(not opening.allows(value) for opening in covering):
        bounds = "; ".join(
            f"{opening.within[0]} to {opening.within[1]}" if opening.within else ", ".join(opening.one_of)
            for opening in covering
        )
        told = f"{path}: {_shown(value)} is outside what {platform.reference} leaves open"
        return error("F_PLATFORM_LIMIT", told, f"Stay within {bounds}.", path)
    return None


def _shown(value: object) -> str:
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list | tuple) else str(value)


def leaves(content: Mapping[str, object], under: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value that is no table, with its key path; a list is one value."""
    for key, value in content.items():
        path = f"{under}.{key}" if under else key
        if isinstance(value, Mapping):
            yield from leaves(value, path)
        else:
            yield path, value


def completed(platform: Platform, child: Mapping[str, object]) -> dict[str, object]:
    """Return the child's content completed by the parent's: a whole recipe, evidence of both."""
    whole = _merged(platform.content, child)
    both = [listed for source in (platform.content, child) if isinstance(listed := source.get("evidence"), list)]
    return whole | {"evidence": [entry for listed in both for entry in listed]}


def _merged(parent: Mapping[str, object], child: Mapping[str, object]) -> dict[str, object]:
    whole = dict(parent)
    for key, value in child.items():
        below = whole.get(key)
        whole[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return whole
