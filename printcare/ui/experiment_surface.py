"""The values of a response surface: chances over two factors, the others where the best settings are."""

from __future__ import annotations

from dataclasses import dataclass

from printcare.ui.models import RegisterEntry

ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Surface:
    """Chances row by row from below; the names of both axes with their units, and their ends."""

    across: str
    upwards: str
    high_low: tuple[tuple[float, float], tuple[float, float]]
    chances: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ExperimentEntry(RegisterEntry):
    """An experiment, with its surface where enough is measured."""

    surface: Surface | None = None
