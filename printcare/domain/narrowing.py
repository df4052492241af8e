"""May a site's version of a supplier's recipe stand: it may narrow what was validated, and never widen it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from printcare.domain.checks import Finding, error
from printcare.domain.difference import Change, bounds, differences

# Pairs of limits that may come closer together.
RANGES = frozenset(
    {
        "unit_range.dose_mg",
        "unit_range.wet_mass_g",
        "shape.diameter_mm",
        "shape.height_mm",
        "shape.bead_width_ratio",
    }
)
OF_A_PARAMETER = re.compile(r"parameters\.\w+\.(normal|proven)")
TARGET = re.compile(r"parameters\.\w+\.target")
AT_MOST = frozenset(
    {
        "unit_range.max_units_per_dose",
        "limits.mass_pct",
        "limits.pressure_max_kpa",
        "limits.pressure_slope_kpa_s",
        "limits.pressure_window_pct",
        "limits.temperature_max_s",
        "limits.settle_max_s",
        "limits.rejects_consecutive",
        "limits.rejects_total",
        "limits.restarts_max",
        "hold_max_min",
        "beyond_use_days",
        "beyond_use.#.days",
    }
)
AT_LEAST = frozenset({"limits.pressure_min_kpa", "allocation.retain", "allocation.test", "allocation.spare"})
FEWER = frozenset({"printer_classes"})
FREE = re.compile(r"title|author|evidence(\..*)?")  # words about the recipe, and what speaks for it
_OF_A_FURTHER_PART = re.compile(r"^further\.\d+\.")
_PLACE = re.compile(r"\.\d+\.")  # in a list of tables without names


def widened(supplied: Mapping[str, object], ours: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return, by key path, everything in which our content is not the supplier's or narrower (both in plain form)."""
    return tuple(_finding(change) for change in differences(supplied, ours) if not _is_narrower(change, supplied))


def _is_narrower(change: Change, supplied: Mapping[str, object]) -> bool:
    path = _PLACE.sub(".#.", _OF_A_FURTHER_PART.sub("", change.path))
    if FREE.fullmatch(path):
        return True
    if path in RANGES or OF_A_PARAMETER.fullmatch(path):
        return change.effect == "narrower"
    if TARGET.fullmatch(path):
        return _is_normal(change, supplied)
    if path in FEWER:
        return isinstance(change.old, list) and isinstance(change.new, list) and set(change.new) < set(change.old)
    old, new = _number(change.old), _number(change.new)
    if old is None or new is None:
        return False
    return (path in AT_MOST and new < old) or (path in AT_LEAST and new > old)


def _is_normal(change: Change, supplied: Mapping[str, object]) -> bool:
    """Whether a new target lies in the supplier's normal range."""
    place: object = supplied
    for name in change.path.split(".")[:-1]:
        place = place[int(name)] if isinstance(place, list) else place[name] if isinstance(place, Mapping) else None
    normal = bounds(place.get("normal")) if isinstance(place, Mapping) else None
    target = _number(change.new)
    return normal is not None and target is not None and normal[0] <= target <= normal[1]


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None


def _told(value: object) -> str:
    if isinstance(value, list):
        return (" to " if bounds(value) is not None else ", ").join(str(member) for member in value)
    return "nothing" if value is None else str(value)


def _finding(change: Change) -> Finding:
    old, new = (_told(value) for value in (change.old, change.new))
    told = f"{change.path}: the supplier validated {old}, this version has {new} ({change.effect})."
    return error("E_WIDENED", told, "Stay inside what the supplier validated, or validate it here.", change.path)
