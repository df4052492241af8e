"""The per-unit figures of a batch as CSV: a row for each drug of a unit, units in the head, decimals as plain text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

from printcare.formats.batch_content import UnitLine

COLUMNS = (
    "batch", "unit", "drug", "position", "state", "use", "target_mass_mg", "mass_mg", "deviation_pct",
    "dose_estimate_mg", "pressure_mean_kpa", "pressure_max_kpa", "balance_line", "reason", "simulated",
)  # fmt: skip
# A spreadsheet runs a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def unit_table_csv(batch_id: str, units: Iterable[tuple[str, UnitLine]], is_simulated: bool) -> bytes:
    """Return the table in UTF-8 with CRLF line ends (RFC 4180); an absent figure is an empty cell.

    `units` are drug and unit: a unit of several drugs has a row for each.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for drug, unit in units:
        writer.writerow(
            [
                batch_id,
                unit.index,
                _text(drug),
                _text(unit.position),
                unit.state,
                unit.use,
                *map(
                    _figure,
                    (
                        unit.target_mg,
                        unit.mass_mg,
                        unit.deviation_pct,
                        unit.dose_estimate_mg,
                        unit.pressure_mean_kpa,
                        unit.pressure_max_kpa,
                    ),
                ),
                _text(unit.balance_line),
                _text(unit.reason),
                "yes" if is_simulated else "no",
            ]
        )
    return buffer.getvalue().encode("utf-8")


def _figure(value: Decimal | None) -> str:
    """Return the digits as measured, without exponent: here a trailing zero tells the balance's resolution."""
    return "" if value is None else format(value, "f")


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
