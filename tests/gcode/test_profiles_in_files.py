"""Every shipped profile: the file obeys its dialect, its limits and its words, and holds its dose."""

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from printcare.formats.find import data_file, ids
from printcare.formats.profile import load_profile
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header
from printcare.gcode.reader import read

HEADER = Header("test", "nominal", "0", for_patients=False)
PROFILES = ids("firmware_profiles")
BORE = "feedstock_diameter_mm = 12.06"


def fitted(recipe, profile):
    """Return the recipe for that profile's tool: a melt through 0.4 mm where it drives filament."""
    recipe = replace(recipe, printer_classes=(profile.printer_class,))
    if profile.tool.kind != "filament":
        return recipe
    parameters = recipe.parameters
    hot = Decimal(180)
    heat = replace(parameters.cartridge_c, target=hot, normal=(hot, hot), proven=(hot - 5, hot + 5))
    fine = Decimal("0.2")
    layer = replace(parameters.layer_height_mm, target=fine, normal=(fine, fine), proven=(fine, fine))
    return replace(
        recipe,
        parameters=replace(parameters, cartridge_c=heat, layer_height_mm=layer),
        nozzle=replace(recipe.nozzle, bore_mm=Decimal("0.4"), length_mm=Decimal(1)),
    )


def made(recipe, profile, volume=235.6, units=2):
    composed = compose(fitted(recipe, profile), profile, volume, units, HEADER)
    assert isinstance(composed, Composed)
    return composed.program


def test_there_is_a_profile_for_every_dialect_and_every_tool():
    every = [load_profile(name) for name in PROFILES]
    assert len(every) >= 6
    assert {profile.dialect for profile in every} == {"marlin", "reprapfirmware", "klipper", "smoothieware"}
    assert {profile.tool.kind for profile in every} == {"syringe", "filament", "pneumatic"}


@pytest.mark.parametrize("name", PROFILES)
def test_a_file_for_every_profile_passes_the_gate_with_its_dose(recipe, name):
    profile = load_profile(name)
    program = made(recipe, profile)
    report = check(program, profile, fitted(recipe, profile), 235.6, 2)
    assert report.findings == ()
    area = 1.0 if profile.volumetric_e else profile.tool.feedstock_area_mm2
    for unit in report.units:
        assert abs(unit.volume_mm3 - 235.6) <= max(1e-4 * 235.6, 1e-5 * area)


@pytest.mark.parametrize("name", PROFILES)
def test_no_line_is_longer_than_the_firmware_reads_and_no_word_unknown_to_it(recipe, name):
    profile = load_profile(name)
    program = made(recipe, profile)
    numbered = max(len(line) for line in program.lines if not line.startswith(";")) + len("N123456 *123")
    assert numbered <= profile.link.line_limit
    assert set(read(program.text, profile.dialect).words) <= set(profile.allowed_words)


@pytest.mark.parametrize("name", PROFILES)
def test_half_a_motor_step_is_far_below_the_smallest_unit(recipe, name):
    assert load_profile(name).tool.step_volume_mm3 / 2 <= 0.005 * 100


def test_volumetric_e_counts_cubic_millimetres_whatever_the_bore(recipe, profile):
    volumetric = replace(profile, volumetric_e=True, tool=replace(profile.tool, max_feed_mm_s=500.0))
    program = made(recipe, volumetric)
    assert program.feedstock_diameter_mm == pytest.approx(1.128379, abs=1e-6)
    assert program.units[0].volume_mm3 == pytest.approx(235.6, abs=1e-5)
    assert check(program, volumetric, recipe, 235.6, 2).findings == ()


def test_a_file_for_one_tool_is_refused_by_the_profile_of_another(recipe, profile):
    program = made(recipe, profile)
    other = load_profile("marlin-pneumatic")
    codes = {finding.code for finding in check(program, other, None, 235.6, 2).findings}
    assert "E_GATE_VOLUME" in codes


def test_every_key_of_a_profile_is_documented():
    told = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
    for name in PROFILES:
        values = tomllib.loads(data_file("firmware_profiles", name)[1].decode())
        values.pop("assert", None)  # its keys are the firmware's, not ours
        tables = {key for key, value in values.items() if isinstance(value, dict)}
        keys = {key for table in (values, *(values[key] for key in tables)) for key in table} - tables
        for further in values.get("further_tool", ()):
            keys |= set(further)
        assert {key for key in keys if f"`{key}`" not in told and f"`[[{key}]]`" not in told} == set()
        assert {table for table in tables if f"`[{table}]`" not in told} == set()
        assert f"`{name}`" in told


def test_the_settings_to_be_asserted_are_documented():
    told = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
    assert "`[assert]`" in told
    assert load_profile("marlin-syringe").asserted[3] == ("M92 E", "800.00")


def test_a_printer_of_a_lab_is_added_by_a_file_alone(recipe, tmp_path):
    shipped = data_file("firmware_profiles", "marlin-syringe")[1].decode()
    own = shipped.replace('id = "marlin-syringe"', 'id = "bench-3"').replace("feedstock_diameter_mm = 14.43", BORE)
    own = own.replace("columns = 4", "columns = 5").replace("sse-plunger-10ml", "lab-three")
    own += '\n[[further_tool]]\nkind = "syringe"\nfeedstock_diameter_mm = 8.66\nsteps_per_mm = 1600.0\n'
    own += "max_feed_mm_s = 5.0\ncapacity_mm3 = 3000.0\ncompliance_mm3_kpa = 0.1\nfriction_n = 4.0\n"
    own += "max_pressure_kpa = 400.0\nmin_extrude_c = 30.0\noffset_mm = [25.0, 0.0, 40.0]\n"
    own = own.replace('"M400"]', '"M400", "T0", "T1", "M107"]\nstart = ["M107"]\npark = ["G4 P0"]\nend = ["M107"]')
    file = tmp_path / "bench-3.toml"
    file.write_text(own, encoding="utf-8")
    profile = load_profile(str(file))
    assert (profile.id, profile.tray.size, len(profile.tools)) == ("bench-3", 15, 2)
    program = made(recipe, profile, units=2)
    assert check(program, profile, fitted(recipe, profile), 235.6, 2).findings == ()
    assert program.feedstock_diameter_mm == pytest.approx(12.06)
    assert program.lines.count("M107") == 2
    assert program.lines.count("G4 P0") == 2
