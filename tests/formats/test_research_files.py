"""Tables of the workbench lose no digit and no flag, and say what each column means; curves are drawn whole."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from printcare.formats.curve_figure import curves_svg
from printcare.formats.research_table import table_csv, table_dictionary, table_parquet

DICTIONARY = {
    "run": ("", "order"),
    "mass_mg": ("mg", "net, weighed"),
    "is_out": ("", "flag"),
    "batch": ("", "its name"),
}
ROWS = [{"run": 1, "mass_mg": Decimal("401.20"), "is_out": True, "batch": "B, 1"}, {"run": 2, "is_out": False}]


def test_a_csv_holds_every_column_of_the_dictionary_and_exact_decimals():
    read = list(csv.DictReader(io.StringIO(table_csv(ROWS, DICTIONARY).decode())))
    assert list(read[0]) == list(DICTIONARY)
    assert read[0] == {"run": "1", "mass_mg": "401.2", "is_out": "true", "batch": "B, 1"}
    assert read[1] == {"run": "2", "mass_mg": "", "is_out": "false", "batch": ""}


def test_the_dictionary_names_unit_and_meaning_of_every_column():
    read = list(csv.reader(io.StringIO(table_dictionary(DICTIONARY).decode())))
    assert read == [["column", "unit", "meaning"], *([name, *told] for name, told in DICTIONARY.items())]


def test_a_parquet_file_keeps_decimals_and_the_dictionary():
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(table_parquet(ROWS, DICTIONARY)))
    assert table.column("mass_mg").to_pylist() == [Decimal("401.200000"), None]
    assert table.column("is_out").to_pylist() == [True, False]
    assert table.schema.field("mass_mg").metadata == {b"unit": b"mg", b"meaning": b"net, weighed"}


def test_every_curve_is_drawn_inside_the_figure_and_named():
    drawn = ElementTree.fromstring(
        curves_svg({"B-1 <1>": [(0, 0), (2, 130)], "flat": [(0, 5), (1, 5)]}, "t", "s", "kPa")
    )
    space = "{http://www.w3.org/2000/svg}"
    ways = [line.get("points").split() for line in drawn.iter(f"{space}polyline")]
    assert [len(way) for way in ways] == [2, 2]
    for x, y in (point.split(",") for way in ways for point in way):
        assert 0 <= float(x) <= 720
        assert 0 <= float(y) <= 400
    assert "B-1 <1>" in [text.text for text in drawn.iter(f"{space}text")]


@pytest.mark.parametrize("curves", [{}, {"none": []}, {"point": [(1.0, 1.0)]}])
def test_a_figure_of_nothing_or_of_one_point_is_still_a_figure(curves):
    assert curves_svg(curves, "t", "s", "kPa").startswith(b"<svg")
