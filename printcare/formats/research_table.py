"""Any table of the workbench as CSV or Parquet, with its data dictionary: column, unit and meaning."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from printcare.domain.numbers import plain
from printcare.errors import PrintcareError

Value = str | int | bool | Decimal | None
Row = Mapping[str, Value]
Dictionary = Mapping[str, tuple[str, str]]  # column -> unit and meaning, in the order of the columns
PLACES = Decimal("0.000001")


def table_csv(rows: Sequence[Row], dictionary: Dictionary) -> bytes:
    """Return the rows as CSV (RFC 4180, UTF-8), decimals with a point; a column a row lacks is empty."""
    return _csv(list(dictionary), [[_text(row.get(name)) for name in dictionary] for row in rows])


def table_parquet(rows: Sequence[Row], dictionary: Dictionary) -> bytes:
    """Return the rows as Parquet, decimals exact, the dictionary in the fields' metadata.

    Raises PrintcareError PARQUET_MISSING where its library is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as fault:
        remedy = "Install printcare with the extra `research`, or export CSV."
        raise PrintcareError("PARQUET_MISSING", "Parquet needs a library that is not installed.", remedy) from fault
    kinds = {bool: pa.bool_(), int: pa.int64(), Decimal: pa.decimal128(24, 6), str: pa.string()}
    schema, columns = [], []
    for name, (unit, meaning) in dictionary.items():
        values = [row.get(name) for row in rows]
        found = {type(value) for value in values if value is not None}
        kind = found.pop() if len(found) == 1 else str
        if kind is Decimal:
            values = [None if not isinstance(value, Decimal) else value.quantize(PLACES) for value in values]
        elif kind is str:
            values = [None if value is None else _text(value) for value in values]
        schema.append(pa.field(name, kinds[kind], metadata={"unit": unit, "meaning": meaning}))
        columns.append(pa.array(values, type=kinds[kind]))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=pa.schema(schema)), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def table_dictionary(dictionary: Dictionary) -> bytes:
    """Return the data dictionary as CSV."""
    return _csv(["column", "unit", "meaning"], [[name, *told] for name, told in dictionary.items()])


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
