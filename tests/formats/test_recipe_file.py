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


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("min_n = 0.5", "min_n = 30", "F_RANGE_ORDER", "limits.force.min_n"),
        ("window_filled_pct = 40", "window_filled_pct = 100", "F_KEY_RANGE", "limits.force.window_filled_pct"),
        ("window_s = 1", "window_s = 0", "F_KEY_RANGE", "limits.force.window_s"),
        ("[limits.force]", "[limits.detectors]", "F_KEY_UNKNOWN", "limits.detectors"),
    ],
)
def test_a_filament_s_force_limits_are_the_recipe_s_and_make_sense(old: str, new: str, code: str, where: str) -> None:
    text = (shipped("recipes") / "hydrocortisone-fdm.toml").read_text("utf-8")
    force = read_recipe(text.encode(), "x").limits.force
    assert force is not None
    assert (force.max_n, force.window_pct) == (30, 30)
    assert (code, where) in _problems(text.replace(old, new, 1))


def test_a_recipe_without_the_detectors_further_numbers_has_the_proven_ones() -> None:
    begins, ends = TEXT.index("unit_rho"), TEXT.index("[allocation]")
    told = read_recipe((TEXT[:begins] + TEXT[ends:]).encode(), "x").limits.detectors
    assert told == load_recipe("cyclophosphamide-sse").limits.detectors


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
        ("schema = 2", "schema = 1", "F_SCHEMA", "schema"),
        ("studied = [30, 45]", "studied = [36, 45]", "F_RANGE_STUDIED", "parameters.cartridge_c.proven"),
        (', affects = ["mass", "content"], risk = "R-01"', "", "F_CPP_UNTIED", "parameters.cartridge_c.affects"),
        ('affects = ["mass", "content"]', 'affects = ["taste"]', "F_CPP_UNTIED", "parameters.cartridge_c.affects"),
        ("dose_mg = [5, 40]", "dose_mg = [0, 40]", "F_KEY_RANGE", "range.dose_mg"),
        ('drive = "syringe"', 'drive = "steam"', "F_KEY_CHOICE", "ink.drive"),
        ('drive = "syringe"', 'drive = "filament"', "F_KEY_UNKNOWN", "ink.consistency_pa_sn"),
        ('drive = "syringe"', 'drive = "pneumatic"', "F_KEY_MISSING", "parameters.set_pressure_kpa"),
        ("retraction_mm3 = {", "bed_heat = {", "F_KEY_UNKNOWN", "parameters.bed_heat"),
        ("ewma_lambda = 0.3", "ewma_lambda = 1.1", "F_KEY_RANGE", "limits.correction.ewma_lambda"),
        ('use = "none"', 'use = "fusion"', "F_SOFT_SENSOR", "limits.soft_sensor.evidence"),
        (
            'use = "none"',
            'use = "fusion"\nevidence = "X"',
            "F_EVIDENCE_UNKNOWN",
            "limits.soft_sensor.evidence",
        ),
        ("prime_alpha = 0.001", "prime_alpha = 1", "F_KEY_RANGE", "limits.detectors.prime_alpha"),
        ("adapt = 0.3", "adapt = 1", "F_KEY_RANGE", "limits.detectors.adapt"),
        ("window_filled_pct = 40", "window_filled_pct = 100", "F_KEY_RANGE", "limits.detectors.window_filled_pct"),
        ("prime_points = 3", "prime_points = 0", "F_KEY_RANGE", "limits.detectors.prime_points"),
        ("closed = 0.9", "closed = 0", "F_KEY_RANGE", "limits.detectors.cause.closed"),
        ("closed = 0.9", "shut = 0.9", "F_KEY_UNKNOWN", "limits.detectors.cause.shut"),
        ("flows_mm3_s = [2.0, 4.5]", "flows_mm3_s = [2, 2]", "F_KEY_RANGE", "limits.detectors.prime_flows_mm3_s"),
        ('test = "water"', 'test = "identity"', "F_TEST_TWICE", "quality"),
        ('test = "water"', 'test = "taste"', "F_TEST_MISSING", "quality"),
        ("units = 1", "units = 2", "F_TEST_UNITS", "allocation.test"),
        ('limit = "AV at most 15.0"\n\n[[q', "\n[[q", "F_TEST_LIMIT", "quality[2].limit"),
        ('step = "inspect"', 'step = "pack"', "F_FINISHING", "finishing"),
        ("humidity_pct = [30, 50]", "humidity = [30, 50]", "F_KEY_UNKNOWN", "finishing[0].humidity"),
        ("witnessed_waste = true", "witnessed_waste = false", "F_HAZARD_MEASURES", "handling.ppe"),
        ("dedicated_parts = true", "dedicated_parts = false", "F_DEDICATED_PARTS", "cleaning.dedicated_parts"),
        ("days = 14", "days = 36", "F_BEYOND_USE", "beyond_use[0].days"),
        ("days = 14", 'days = 36\nevidence = "S"', "F_EVIDENCE_UNKNOWN", "beyond_use[0].evidence"),
        ('strategy = "under-tray"', 'strategy = "none"', "F_RESEARCH_ONLY", "research_only"),
        ("weigh_after_each_ink = true", "weigh_after_each_ink = false", "F_RESEARCH_ONLY", "research_only"),
        ('printer_classes = ["sse-plunger-10ml"]', "printer_classes = []", "F_KEY_EMPTY", "printer_classes"),
        ('id = "content"', 'id = "mass"', "F_ID_TWICE", "attribute"),
        (
            "ppk_min = 1.33",
            'ppk_min = 1.33\nmass_for_content = "X"',
            "F_EVIDENCE_UNKNOWN",
            "acceptance.mass_for_content",
        ),
        (
            "[cleaning]",
            '[design_space]\nmodel = "m"\ncovers = ["taste"]\nevidence = "DEMO-EV-001"\n\n[cleaning]',
            "F_KEY_CHOICE",
            "design_space.covers",
        ),
        (
            "[cleaning]",
            '[design_space]\nmodel = "m"\ncovers = []\nevidence = "X"\n\n[cleaning]',
            "F_EVIDENCE_UNKNOWN",
            "design_space.evidence",
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


def test_a_list_of_tables_that_is_none_is_told_as_such() -> None:
    text = TEXT.split("[[evidence]]")[0]
    start = text.index("schema")
    assert ("F_KEY_TYPE", "evidence") in _problems(text[:start] + "evidence = [1]\n" + text[start:])


def test_a_product_that_keeps_longer_by_a_study_names_it() -> None:
    text = TEXT.replace("days = 14", 'days = 60\nevidence = "DEMO-EV-001"')
    assert read_recipe(text.encode(), "x").beyond_use_days == 60


def test_a_hormone_product_says_what_to_wear() -> None:
    text = TEXT.replace('"cytotoxic"', '"hormone"').replace(
        'ppe = ["two pairs of chemotherapy gloves", "gown", "FFP3 mask while weighing powder"]', "ppe = []"
    )
    assert _problems(text) == [("F_HAZARD_MEASURES", "handling.ppe")]


def test_a_product_without_storage_has_no_beyond_use_date() -> None:
    start, end = TEXT.index("[[beyond_use]]"), TEXT.index("[cleaning]")
    head = TEXT.index("[product]")
    text = TEXT[:head] + "beyond_use = []\n" + TEXT[head:start] + TEXT[end:]
    assert _problems(text) == [("F_KEY_EMPTY", "beyond_use")]


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


def test_a_recipe_says_how_often_a_batch_may_be_restarted_and_else_it_may_not():
    assert read_recipe(TEXT.encode(), "x").limits.restarts_max == 0
    allowed = TEXT.replace("rejects_total = 3", "rejects_total = 3\nrestarts_max = 1")
    assert read_recipe(allowed.encode(), "x").limits.restarts_max == 1
