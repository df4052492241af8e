"""A recipe's heated bed: written as the dialect says, waited for, held to its proven range; refused where none is."""

from dataclasses import replace
from decimal import Decimal

import pytest
from test_every_profile_in_firmware import Bare
from test_profiles_in_files import fitted

from printcare.domain.process import Range
from printcare.formats.find import ids
from printcare.formats.profile import load_profile
from printcare.gcode.check import check, check_unit
from printcare.gcode.compose import compose, compose_parts, compose_zones
from printcare.gcode.program import Header
from printcare.gcode.writer import write_unit

HEADER = Header("t", "n", "", for_patients=False)
VOLUME_MM3 = 120.0
BED = Range("degC", Decimal(40), (Decimal(38), Decimal(42)), (Decimal(35), Decimal(45)))
ONE_OF_EACH = ("marlin-filament", "rrf-syringe", "klipper-filament", "smoothie-syringe", "marlin-pneumatic")


def warm(recipe, bed=BED):
    return replace(recipe, parameters=replace(recipe.parameters, bed_c=bed))


def bedded(name, most_c=80.0):
    return replace(load_profile(name), bed_max_c=most_c)


def codes(report):
    return [finding.code for finding in report.findings]


@pytest.fixture(scope="module")
def written(recipe, profile):
    return warm(recipe), bedded("marlin-syringe"), compose(warm(recipe), profile, VOLUME_MM3, 2, HEADER)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_the_firmware_waits_for_the_bed_and_every_dialect_takes_it(recipe, name):
    profile = bedded(name)
    wanted = warm(fitted(recipe, profile))
    program = compose(wanted, profile, VOLUME_MM3, 1, HEADER).program
    assert codes(check(program, profile, wanted, VOLUME_MM3, 1)) == []
    lines = list(program.lines)
    assert lines.index("M140 S40") < lines.index("G28") < lines.index("M190 S40") < lines.index("G92 E0")
    host = Bare(profile)
    for line in lines[: lines.index("M190 S40") + 1]:
        if code := line.partition(";")[0].strip():
            host.say(code)
    assert host.bench.bed.block_c == pytest.approx(40, abs=2)
    assert [said for said in host.foreign if "Bed" not in said[1] and "M190" not in said[0]] == []


def test_every_dialect_is_among_them():
    assert {load_profile(name).dialect for name in ONE_OF_EACH} == {
        load_profile(n).dialect for n in ids("firmware_profiles")
    }


def test_a_file_without_a_bed_stays_as_it_was(recipe, profile):
    cold = compose(recipe, profile, VOLUME_MM3, 1, HEADER).program
    assert [line for line in cold.lines if line.startswith(("M140", "M190"))] == ["M140 S0"]


def test_a_printer_without_a_bed_is_refused(recipe, profile):
    wanted = warm(recipe)
    report = check(compose(wanted, profile, VOLUME_MM3, 1, HEADER).program, profile, wanted, VOLUME_MM3, 1)
    assert "E_GATE_BED" in codes(report)
    assert any("no heated bed" in finding.reason for finding in report.findings)


def test_a_file_may_not_heat_a_bed_that_is_not_there_whatever_the_recipe(recipe, profile, written):
    _, _, made = written
    assert "E_GATE_BED" in codes(check(made.program.text, profile))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("M190 S40", "M190 S50"),  # beyond the proven range
        ("M190 S40", "M190 S30"),
        ("M190 S40", "M140 S40"),  # not waited for
        ("M190 S40", "M190 S40\nM140 S0"),  # taken away again
        ("M190 S40", "M190 S90\nM190 S40"),  # beyond the printer
        ("M140 S40\n", ""),
    ],
)
def test_another_heat_of_the_bed_is_refused(written, old, new):
    wanted, profile, made = written
    text = made.program.text.replace(old, new)
    assert text != made.program.text
    found = codes(check(text, profile, wanted, VOLUME_MM3, 2))
    assert found == ([] if not new else ["E_GATE_BED"] * len(found))
    assert bool(found) == bool(new)


def test_a_recipe_without_a_bed_leaves_it_cold(written, recipe):
    _, profile, made = written
    assert codes(check(made.program.text, profile, recipe, VOLUME_MM3, 2)) == ["E_GATE_BED"]


def test_a_corrected_unit_is_judged_behind_the_bed_s_own_heat(written):
    wanted, profile, made = written
    changed = write_unit(made.toolpath, profile, made.program, 2, 1.01)
    assert codes(check_unit(changed, 2, profile, wanted, VOLUME_MM3 * 1.01)) == []


def test_zones_and_several_inks_share_one_bed(recipe):
    profile = bedded("marlin-syringe")
    zones = compose_zones(warm(recipe), profile, ((VOLUME_MM3, 1), (150.0, 1)), HEADER)
    assert codes(check(zones.program, profile, warm(recipe), (VOLUME_MM3, 150.0), 2)) == []
    two = bedded("marlin-two-syringes")
    layer = recipe.parameters.layer_height_mm
    parameters = replace(recipe.parameters, layer_height_mm=replace(layer, proven=(Decimal("0.3"), Decimal("0.5"))))
    shape = replace(recipe.shape, path="concentric", arrangement="layers")
    base = replace(recipe, parameters=parameters, shape=shape, printer_classes=(two.printer_class,))
    both = replace(base, further=(replace(warm(base).parts[0], tool=1),))
    program = compose_parts(both, two, (VOLUME_MM3, VOLUME_MM3), 1, HEADER).program
    assert codes(check(program, two, both, (VOLUME_MM3, VOLUME_MM3), 1)) == []
    assert [line for line in program.lines if line.startswith(("M140", "M190"))] == ["M140 S40", "M190 S40", "M140 S0"]


def test_a_nozzle_heated_apart_from_its_cartridge_is_refused(recipe, profile):
    wanted = replace(recipe, parameters=replace(recipe.parameters, nozzle_c=BED))
    report = check(compose(wanted, profile, VOLUME_MM3, 1, HEADER).program, profile, wanted, VOLUME_MM3, 1)
    assert codes(report) == ["E_GATE_HEATER"]
