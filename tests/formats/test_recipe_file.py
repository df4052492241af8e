"""Recipe files: read exactly, refused whole, every problem told with its key path."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.errors import PrintcareError
from printcare.formats.find import ids, shipped
from printcare.formats.recipe import load_recipe, read_recipe
from printcare.formats.tables import FileProblems

TEXT = (shipped("recipes") / "cyclophosphamide-sse.toml").read_text("utf-8")


def _problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(FileProblems) as caught:
        read_recipe(text.encode("utf-8"), "changed.toml")
    return [(finding.code, finding.where) for finding in caught.value.findings]


def test_the_reserved_recipe_reads_with_exact_numbers() -> None:
    recipe = load_recipe("cyclophosphamide-sse")
    assert recipe.unit_range.dose_mg == (Decimal(5), Decimal(40))
    assert recipe.nozzle.bore_mm == Decimal("0.603")
    assert recipe.parameters.layer_height_mm.proven == (Decimal("0.30"), Decimal("0.45"))


def test_every_shipped_recipe_reads() -> None:
    assert "cyclophosphamide-sse" in ids("recipes")
    for name in ids("recipes"):
        assert load_recipe(name).id == name


@pytest.mark.hazard("HZ-12")
@pytest.mark.parametrize(("old", "new"), [("mass_pct = 7.5", "mass_pct = 7.6"), ("version = 1", "version = 2")])
def test_a_changed_value_changes_the_digest(old: str, new: str) -> None:
    assert read_recipe(TEXT.replace(old, new).encode(), "x").digest != read_recipe(TEXT.encode(), "x").digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mass_pct = 7.5", "mass_pct = 7.50"),
        ("wet_mass_g = [0.100, 1.100]", "wet_mass_g = [0.1, 1.1]"),
        ("# Synthetic", "# A"),
    ],
)
def test_the_same_content_written_otherwise_keeps_the_digest(old: str, new: str) -> None:
    assert read_recipe(TEXT.replace(old, new).encode(), "x").digest == read_recipe(TEXT.encode(), "x").digest


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("mass_pct = 7.5", "mass_pct = nan", "F_KEY_RANGE", "limits.mass_pct"),
        ("mass_pct = 7.5", 'mass_pct = "7.5"', "F_KEY_TYPE", "limits.mass_pct"),
        ("mass_pct = 7.5", "", "F_KEY_MISSING", "limits.mass_pct"),
        ("mass_pct = 7.5", "mass_pct = 7.5\nmas_pct = 5", "F_KEY_UNKNOWN", "limits.mas_pct"),
        ("rejects_total = 3", "rejects_total = 0", "F_KEY_RANGE", "limits.rejects_total"),
        ("rejects_total = 3", "rejects_total = true", "F_KEY_TYPE", "limits.rejects_total"),
        ('kind = "cylinder"', 'kind = "teapot"', "F_KEY_CHOICE", "shape.kind"),
        ("dose_mg = [5, 40]", "dose_mg = [40, 5]", "F_RANGE_ORDER", "range.dose_mg"),
        ("dose_mg = [5, 40]", "dose_mg = [5]", "F_KEY_TYPE", "range.dose_mg"),
        ('inn = "cyclophosphamide"', 'inn = "cyclosporine"', "F_TALL_MAN", "product.tall_man"),
        ('author = "formulation.demo"', 'author = " "', "F_KEY_EMPTY", "author"),
        ("target = 38, normal", "target = 36, normal", "F_RANGE_NOR", "parameters.cartridge_c.target"),
        (
            "normal = [37, 39], proven",
            "normal = [34, 39], proven",
            "F_RANGE_PAR",
            "parameters.cartridge_c.normal",
        ),
        ('unit = "degC"', 'unit = "mm"', "F_UNIT", "parameters.cartridge_c.unit"),
        ("degrades_above_c = 60", "degrades_above_c = 40", "F_ABOVE_DEGRADATION", "parameters.cartridge_c.proven"),
        ("bore_mm = 0.603", "bore_mm = 0.45", "F_LAYER_ABOVE_BORE", "parameters.layer_height_mm.proven"),
        ("pressure_min_kpa = 20", "pressure_min_kpa = 260", "F_RANGE_ORDER", "limits.pressure_min_kpa"),
        (
            'method = "Mass-based estimate after Ph. Eur. 2.9.40"',
            'method = ""',
            "F_TEST_UNJUSTIFIED",
            "quality[2].omitted_because",
        ),
    ],
)
def test_a_wrong_recipe_is_refused_with_the_place(old: str, new: str, code: str, where: str) -> None:
    assert old in TEXT
    assert (code, where) in _problems(TEXT.replace(old, new, 1))


def test_all_problems_are_told_at_once() -> None:
    text = TEXT.replace("mass_pct = 7.5", "mass_pct = 0").replace("rejects_total = 3", "rejects_total = 0")
    wheres = [where for _, where in _problems(text)]
    assert {"limits.mass_pct", "limits.rejects_total"} <= set(wheres)


def test_a_unit_of_the_same_dimension_is_converted() -> None:
    text = TEXT.replace(
        'unit = "min", target = 6, normal = [6, 30], proven = [6, 60], studied = [4, 90]',
        'unit = "s", target = 360, normal = [360, 1800], proven = [360, 3600], studied = [240, 5400]',
    )
    soak = read_recipe(text.encode(), "x").parameters.soak_min
    assert (soak.unit, soak.target, soak.proven) == ("min", Decimal(6), (Decimal(6), Decimal(60)))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[", b"a = 1e999999999999999999999"])
def test_what_is_not_toml_is_refused(data: bytes) -> None:
    with pytest.raises(PrintcareError):
        read_recipe(data, "x")


def test_a_file_too_large_is_not_read() -> None:
    with pytest.raises(PrintcareError, match="FILE_TOO_LARGE"):
        read_recipe(b"#" * 300_000, "x")


@pytest.mark.parametrize("name", ["no-such-recipe", "../pyproject", "/etc/hostname.toml"])
def test_an_unknown_recipe_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(PrintcareError, match=r"DATA_UNKNOWN|FILE_UNREADABLE"):
        load_recipe(name)
