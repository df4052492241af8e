"""Sense checks: what reads well and cannot be made is refused with code, key path, reason and remedy."""

from __future__ import annotations

import re

import pytest

from printcare.domain.machine import FirmwareProfile
from printcare.formats.find import data_file
from printcare.formats.kinds import check_recipe_file
from printcare.formats.recipe import load_recipe, read_recipe
from printcare.formats.recipe_sense import make_sense, shipped_profiles

SYRINGE, FILAMENT, AIR = (
    data_file("recipes", name)[1].decode()
    for name in ("cyclophosphamide-sse", "hydrocortisone-fdm", "melatonin-blister")
)


def findings(text):
    found = make_sense(read_recipe(text.encode(), "x"), shipped_profiles())
    assert all(finding.blocks and finding.remedy and finding.reason.startswith(finding.where) for finding in found)
    return [(finding.code, finding.where) for finding in found]


def with_range(text, name, **changes):
    """Return the recipe with some numbers of one parameter changed."""
    (line,) = re.findall(rf"^{name} = .*$", text, flags=re.M)
    changed = line
    for key, value in changes.items():
        changed = re.sub(rf"{key} = (\[.*?\]|[\d.]+)", f"{key} = {value}", changed)
    assert changed != line
    return text.replace(line, changed)


def edited(text, *edits):
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text


BED = (
    'bed_c = { unit = "degC", target = 40, normal = [38, 42], proven = [35, 45], studied = [30, 50], critical = false }'
)
HOT_BED = BED.replace("[35, 45]", "[35, 200]").replace("[30, 50]", "[30, 200]")
MASSES = ("wet_mass_g = [0.100, 1.100]", "wet_mass_g = [0.010, 1.100]")


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        (edited(SYRINGE, ('["sse-plunger-10ml"]', '["sse-unknown"]')), "F_SENSE_CLASS", "printer_classes"),
        (edited(SYRINGE, ('["sse-plunger-10ml"]', '["fdm-175"]')), "F_SENSE_DRIVE", "ink.drive"),
        (edited(SYRINGE, ("bore_mm = 0.603", "bore_mm = 15")), "F_SENSE_NOZZLE", "nozzle.bore_mm"),
        (edited(SYRINGE, ("length_mm = 12.7", "length_mm = 180")), "F_SENSE_NOZZLE", "nozzle.length_mm"),
        (
            with_range(SYRINGE, "cartridge_c", proven="[29, 41]", studied="[25, 45]"),
            "F_SENSE_COLD",
            "parameters.cartridge_c.proven",
        ),
        (edited(SYRINGE, ("[0.100, 1.100]", "[0.100, 3.000]")), "F_SENSE_CAPACITY", "range.wet_mass_g"),
        (edited(SYRINGE, ("dose_mg = [5, 40]", "dose_mg = [0.8, 40]"), MASSES), "F_SENSE_STEP", "range.dose_mg"),
        (
            with_range(SYRINGE, "print_speed_mm_s", proven="[10, 130]", studied="[8, 140]"),
            "F_SENSE_SPEED",
            "parameters.print_speed_mm_s.proven",
        ),
        (edited(SYRINGE, ("diameter_mm = [6.0, 16.0]", "diameter_mm = [6.0, 8.0]")), "F_SENSE_GEOMETRY", "shape"),
        (edited(SYRINGE, ("[0.100, 1.100]", "[0.130, 1.100]")), "F_SENSE_MASS", "range.wet_mass_g"),
        (edited(SYRINGE, ("[0.100, 1.100]", "[0.100, 0.900]")), "F_SENSE_MASS", "range.wet_mass_g"),
        (
            edited(SYRINGE, ("pressure_max_kpa = 260", "pressure_max_kpa = 100")),
            "F_SENSE_PRESSURE_HIGH",
            "limits.pressure_max_kpa",
        ),
        (
            edited(SYRINGE, ("pressure_min_kpa = 20", "pressure_min_kpa = 200")),
            "F_SENSE_PRESSURE_LOW",
            "limits.pressure_min_kpa",
        ),
        (
            with_range(SYRINGE, "flow_mm3_s", normal="[3, 4.6]", proven="[2, 4.6]"),
            "F_SENSE_FLOW",
            "parameters.flow_mm3_s.proven",
        ),
        (
            with_range(SYRINGE, "flow_mm3_s", normal="[4, 5.6]", proven="[4, 7]"),
            "F_SENSE_FLOW",
            "parameters.flow_mm3_s.proven",
        ),
        (
            with_range(SYRINGE, "retraction_mm3", target="15", normal="[10, 18]", proven="[5, 20]"),
            "F_SENSE_RETRACTION",
            "parameters.retraction_mm3.proven",
        ),
        (
            edited(SYRINGE, ("flows_mm3_s = [2.0, 4.5]", "flows_mm3_s = [1.0, 4.5]")),
            "F_SENSE_SIGNATURE",
            "limits.detectors.prime_flows_mm3_s",
        ),
        (edited(FILAMENT, ("[1.70, 1.80]", "[2.80, 2.90]")), "F_SENSE_DIAMETER", "ink.filament.diameter_mm"),
        (
            edited(FILAMENT, ("melts_above_c = 145", "melts_above_c = 165")),
            "F_SENSE_MELT",
            "parameters.nozzle_c.proven",
        ),
        (
            edited(FILAMENT, ("flow_max_mm3_s = 6", "flow_max_mm3_s = 1")),
            "F_SENSE_FLOW",
            "ink.filament.flow_max_mm3_s",
        ),
        (
            edited(AIR, ("fill_share = 0.85", "fill_share = 0.85\nsoftens_above_c = 43")),
            "F_SENSE_SHELL",
            "parameters.cartridge_c.proven",
        ),
        (
            edited(SYRINGE, ("[parameters]", f"[parameters]\n{BED}")),
            "F_SENSE_HEATER",
            "parameters.bed_c",
        ),
        (
            edited(FILAMENT, ("[parameters]", f"[parameters]\n{HOT_BED}")),
            "F_SENSE_HEATER",
            "parameters.bed_c.proven",
        ),
        (
            edited(SYRINGE, ("[parameters]", f"[parameters]\n{BED.replace('bed_c', 'nozzle_c')}")),
            "F_SENSE_HEATER",
            "parameters.nozzle_c",
        ),
        (
            with_range(AIR, "set_pressure_kpa", target="85", normal="[80, 90]", proven="[75, 92]"),
            "F_SENSE_SET_PRESSURE",
            "parameters.set_pressure_kpa.proven",
        ),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_place(text, code, where):
    assert (code, where) in findings(text)


def test_a_dose_that_cannot_be_shaped_is_told_with_the_dose_and_the_printer():
    text = edited(SYRINGE, ("diameter_mm = [6.0, 16.0]", "diameter_mm = [6.0, 11.0]"))
    (found,) = make_sense(read_recipe(text.encode(), "x"), shipped_profiles())
    assert "at 40 mg on " in found.reason


CORNER = with_range(
    with_range(SYRINGE, "print_speed_mm_s", normal="[10, 20]"), "unit_multiplier", normal="[0.95, 1.02]"
)
SPACE = '[design_space]\nmodel = "quadratic, 15 runs"\ncovers = ["print_speed_mm_s"]\nevidence = "DEMO-EV-001"\n\n'


def test_one_parameter_may_work_at_the_edge_of_what_is_proven():
    one = with_range(SYRINGE, "unit_multiplier", normal="[0.95, 1.02]")
    assert findings(one) == []


def test_a_corner_of_several_is_proven_by_a_design_space_only():
    assert ("F_SENSE_CORNER", "parameters") in findings(CORNER)
    covered = [code for code, _ in findings(CORNER.replace("[cleaning]", SPACE + "[cleaning]"))]
    assert "F_SENSE_CORNER" not in covered


def test_an_objection_is_told_once_however_many_printers_share_it():
    text = edited(SYRINGE, ("bore_mm = 0.603", "bore_mm = 15"))
    told = make_sense(read_recipe(text.encode(), "x"), shipped_profiles())
    assert len(told) == len(set(told))


def test_a_load_asks_for_no_printer_and_a_check_does():
    """Reading stays quick, so a recipe whose only fault is the printer's reads, and `recipe check` refuses it."""
    text = edited(SYRINGE, ('["sse-plunger-10ml"]', '["sse-unknown"]')).encode()
    assert read_recipe(text, "x").printer_classes == ("sse-unknown",)
    assert [finding.code for finding in check_recipe_file(text, "x")] == ["F_SENSE_CLASS"]


def test_only_the_printers_given_are_asked():
    recipe = load_recipe("cyclophosphamide-sse")
    assert [finding.code for finding in make_sense(recipe, ())] == ["F_SENSE_CLASS"]
    assert all(isinstance(profile, FirmwareProfile) for profile in shipped_profiles())


@pytest.mark.parametrize(("data", "code"), [(b'kind = "poem"', "FILE_KIND"), (b"[", "FILE_NOT_TOML")])
def test_a_file_that_is_none_of_ours_is_a_finding_too(data, code):
    assert [finding.code for finding in check_recipe_file(data, "x")] == [code]


def test_a_bed_the_printers_have_is_no_objection():
    assert findings(edited(FILAMENT, ("[parameters]", f"[parameters]\n{BED}"))) == []
