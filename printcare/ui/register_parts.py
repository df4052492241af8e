"""What several registers show alike: who signed, who acted, and what a document states value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any  # a state is parsed JSON

from printcare.ui.figures import local, unit_words
from printcare.ui.models import Section
from printcare.ui.words import phrase, tr
from printcare.workflow.entry import Store, find, signatures_of

RANGE = frozenset({"target", "normal", "proven"})
NOT_SHOWN = frozenset({"id", "version", "digest"})
State = Mapping[str, Any]


def who(records: Store, content: State) -> str:
    """Return the name of who made an event, or the part of the program that did."""
    account = str(content["actor_id"])
    return find(records, account).name if account.startswith("u-") else account


def signed(records: Store, table: str, key: str) -> Section:
    """Return every signature of an object."""
    rows = tuple(
        (each.name, tr(each.role), each.meaning, each.signed_at[:19].replace("T", " "))
        for each in signatures_of(records, table, key)
    )
    heads = (tr("Who"), tr("Role"), tr("Meaning"), tr("When, UTC"))
    return Section(tr("Signatures"), heads, rows or ((tr("none yet"), "", "", ""),))


def content(state: State) -> tuple[Section, ...]:
    """Return what a document states: parameters with their ranges, then everything else by its path."""
    ranges, values = [], []
    for path, value in _leaves(state["content"], ""):
        if isinstance(value, Mapping):
            unit = unit_words(str(value.get("unit", "")))
            ranges.append(
                (parameter_words(path), *(value_text(value[name]) for name in ("target", "normal", "proven")), unit)
            )
        else:
            values.append((path, value_text(value)))
    heads = (tr("Parameter"), tr("Target"), tr("Normal"), tr("Proven"), tr("Unit"))
    tables = (Section(tr("Parameters with their ranges"), heads, tuple(ranges)),) if ranges else ()
    return (*tables, Section(tr("Everything else it states"), (tr("What"), tr("Value")), tuple(values)))


PARAMETERS = {  # of a recipe's file -> words; its unit stands in a column of its own
    "cartridge_c": phrase("Cartridge temperature"),
    "nozzle_c": phrase("Nozzle temperature"),
    "bed_c": phrase("Bed temperature"),
    "soak_min": phrase("Soak"),
    "print_speed_mm_s": phrase("Print speed"),
    "flow_mm3_s": phrase("Flow"),
    "layer_height_mm": phrase("Layer height"),
    "prime_mm3": phrase("Prime volume"),
    "prime_pressure_fraction": phrase("Prime pressure, share of the predicted"),
    "dwell_s": phrase("Dwell before weighing"),
    "retraction_mm3": phrase("Retraction"),
    "set_pressure_kpa": phrase("Set pressure"),
    "unit_multiplier": phrase("Correction of a unit, factor"),
}


def parameter_words(path: str) -> str:
    """Return a parameter's path in words; what has none keeps its path."""
    return tr(PARAMETERS.get(path.removeprefix("parameters."), path))


def value_text(value: object) -> str:
    """Return a stated value: a pair as its two ends, nothing as a dash."""
    if isinstance(value, list | tuple):
        return " – ".join(map(value_text, value)) if len(value) == 2 else ", ".join(map(value_text, value))
    return "–" if value is None or value == "" else local(str(value))


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and not set(value) >= RANGE:
        for name, member in value.items():
            if path or name not in NOT_SHOWN:
                yield from _leaves(member, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(member, Mapping) for member in value):
        for number, member in enumerate(value, start=1):
            yield from _leaves(member, f"{path}[{number}]")
    else:
        yield path, value
