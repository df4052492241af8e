"""Dose accuracy for publication: one row a unit that tells nothing of anybody, as CSV, JSON Lines or Parquet.

records.md Q13, interoperability.md §9. No patient, no batch number, no date finer than its month, no free text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from printcare.domain.numbers import plain
from printcare.errors import PrintcareError


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """One drug of one printed unit."""

    site: str
    batch: int
    month: str
    recipe_class: str
    ink_class: str
    printer_class: str
    drug: str
    unit: int
    state: str
    target_mass_mg: Decimal
    mass_mg: Decimal | None
    target_dose_mg: Decimal
    estimated_dose_mg: Decimal | None
    content_pct: Decimal | None
    acceptance_value: Decimal | None
    balance_d_mg: Decimal
    balance_s_mg: Decimal
    simulated: bool
    app_version: str


# Column -> unit and meaning: the data dictionary that goes with every file.
DICTIONARY: dict[str, tuple[str, str]] = {
    "site": ("", "pseudonym of the site, the same in every export of it"),
    "batch": ("", "running number within this file; units of one batch share it, and it leads nowhere else"),
    "month": ("YYYY-MM", "month of printing, UTC"),
    "recipe_class": ("", "how the unit is made and its form, as in syringe/chewable unit"),
    "ink_class": ("", "class of water activity and drive of the ink"),
    "printer_class": ("", "class of the printer"),
    "drug": ("", "international nonproprietary name"),
    "unit": ("", "order of printing within the batch"),
    "state": ("", "accepted or rejected; rejected units stay in the data"),
    "target_mass_mg": ("mg", "mass the drug's part of the unit shall have"),
    "mass_mg": ("mg", "net mass found by difference weighing; empty where it was not weighed"),
    "target_dose_mg": ("mg", "dose of the unit by the verified order"),
    "estimated_dose_mg": ("mg", "net mass times the assayed strength: an estimate, never called content"),
    "content_pct": ("% of label", "mean content of single units by the laboratory; empty where none was determined"),
    "acceptance_value": ("1", "acceptance value of the batch after Ph. Eur. 2.9.40, estimated from mass"),
    "balance_d_mg": ("mg", "readability of the balance"),
    "balance_s_mg": ("mg", "standard deviation of repeated weighings of the balance"),
    "simulated": ("", "true where devices were emulated; such rows prove nothing about a printer"),
    "app_version": ("", "version of the program"),
}
COLUMNS = tuple(field.name for field in fields(AccuracyRow))


def accuracy_csv(rows: Sequence[AccuracyRow]) -> bytes:
    """Return the rows as CSV (RFC 4180, UTF-8), decimals with a point."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    writer.writerows([_text(getattr(row, name)) for name in COLUMNS] for row in rows)
    return buffer.getvalue().encode("utf-8")


def accuracy_jsonl(rows: Sequence[AccuracyRow]) -> bytes:
    """Return the rows as JSON Lines; decimals are texts, so that no digit is lost."""
    lines = []
    for row in rows:
        values = {name: getattr(row, name) for name in COLUMNS}
        exact = {name: plain(value) if isinstance(value, Decimal) else value for name, value in values.items()}
        lines.append(json.dumps(exact, ensure_ascii=False, separators=(",", ":")))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def accuracy_parquet(rows: Sequence[AccuracyRow]) -> bytes:
    """Return the rows as Parquet with exact decimals and the dictionary in the fields' metadata.

    Raises PrintcareError PARQUET_MISSING where its library is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as fault:
        remedy = "Install printcare with the extra `research`, or export CSV."
        raise PrintcareError("PARQUET_MISSING", "Parquet needs a library that is not installed.", remedy) from fault
    exact = pa.decimal128(18, 6)
    kinds = {"int": pa.int64(), "bool": pa.bool_(), "str": pa.string()}
    schema, columns = [], []
    for field in fields(AccuracyRow):
        kind = kinds.get(str(field.type), exact)
        unit, meaning = DICTIONARY[field.name]
        schema.append(pa.field(field.name, kind, metadata={"unit": unit, "meaning": meaning}))
        values = [getattr(row, field.name) for row in rows]
        if kind == exact:
            values = [None if value is None else value.quantize(Decimal("0.000001")) for value in values]
        columns.append(pa.array(values, type=kind))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=pa.schema(schema)), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def dictionary_csv() -> bytes:
    """Return the data dictionary as CSV: column, unit, meaning."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(("column", "unit", "meaning"))
    writer.writerows((name, *DICTIONARY[name]) for name in COLUMNS)
    return buffer.getvalue().encode("utf-8")


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
