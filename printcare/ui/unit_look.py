"""How a unit looks in each state: a colour, a mark and a word, never a colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from printcare.domain.batch import UnitState
from printcare.ui.words import phrase


@dataclass(frozen=True, slots=True)
class UnitLook:
    """The token of its colour, the mark drawn inside the circle, and the word below it."""

    token: str
    mark: str  # tick | cross | triangle | empty
    sign: str  # the same mark as text, for tables
    word: str


LOOKS: Mapping[str, UnitLook] = MappingProxyType(
    {
        UnitState.UNPRINTED.value: UnitLook("muted", "empty", "○", phrase("waiting")),
        UnitState.PRINTING.value: UnitLook("running", "triangle", "▶", phrase("printing")),
        UnitState.ACCEPTED.value: UnitLook("accepted", "tick", "✓", phrase("accepted")),
        UnitState.REJECTED.value: UnitLook("rejected", "cross", "✕", phrase("rejected")),
    }
)
