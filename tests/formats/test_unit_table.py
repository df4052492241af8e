"""The per-unit CSV: a row a unit, units in the head, decimals as text."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal

from sample_batch import sample

from printcare.formats.unit_table import unit_table_csv


def of_drug(units):
    return [("cyclophosphamide", unit) for unit in units]


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def test_every_unit_has_a_row_with_its_digits_as_measured() -> None:
    listed = rows(unit_table_csv("B-1", of_drug(sample().units), is_simulated=True))
    assert [row["unit"] for row in listed] == [str(number) for number in range(1, 13)]
    assert listed[4]["mass_mg"] == "381.4"
    assert listed[4]["state"] == "rejected"
    assert {row["simulated"] for row in listed} == {"yes"}


def test_an_absent_mass_is_an_empty_cell_and_no_figure_has_an_exponent() -> None:
    first = replace(sample().units[0], mass_mg=None, pressure_max_kpa=Decimal("1E+3"))
    row = rows(unit_table_csv("B-1", of_drug([first]), is_simulated=False))[0]
    assert (row["mass_mg"], row["pressure_max_kpa"]) == ("", "1000")


def test_a_text_that_a_spreadsheet_would_run_is_disarmed() -> None:
    first = replace(sample().units[0], reason="=cmd()")
    assert rows(unit_table_csv("B-1", of_drug([first]), is_simulated=True))[0]["reason"] == "'=cmd()"
