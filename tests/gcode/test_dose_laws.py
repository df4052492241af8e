"""Laws over form, dose, nozzle, layer and profile together: a file is refused, or reader and firmware hold its dose."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from test_every_profile_in_firmware import Bare
from test_forms_in_files import NOT_HERE, WAYS, shaped
from test_profiles_in_files import fitted

from printcare.formats.find import ids
from printcare.formats.profile import load_profile
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header
from printcare.gcode.reader import read

HEADER = Header("t", "n", "", for_patients=False)
PROFILES = [replace(p, tray=replace(p.tray, unit_space_mm=25.0)) for p in map(load_profile, ids("firmware_profiles"))]
SOLID = [way for way in WAYS if way[0] != "fill"]


def asked(recipe, profile, way, bore, layer):
    """Return the recipe for a profile, a form, a nozzle and a layer; a melt keeps its own."""
    shape = shaped(recipe, *way).shape
    recipe = replace(fitted(recipe, profile), shape=shape)
    if profile.tool.kind == "filament":
        return recipe
    proven = (layer * Decimal("0.8"), layer * Decimal("1.2")) if way[0] == "fill" else (layer, layer)
    height = replace(recipe.parameters.layer_height_mm, target=layer, normal=(layer, layer), proven=proven)
    nozzle = replace(recipe.nozzle, bore_mm=bore, length_mm=Decimal(25))
    return replace(recipe, nozzle=nozzle, parameters=replace(recipe.parameters, layer_height_mm=height))


# A few examples in every run, many under `make search`, which is not derandomized.
FIRMWARES = 12 if settings.default.derandomize else 300
WITHIN_HALF_A_STEP = 0.5 + 1e-3  # of a motor step, and what the last digit of E leaves


@settings(max_examples=FIRMWARES, deadline=None, phases=[Phase.generate])  # shrinking takes minutes
@given(
    profile=st.sampled_from(PROFILES),
    way=st.sampled_from(WAYS),
    volume=st.floats(50, 600),
    bore=st.decimals("0.4", "0.84", places=3),
    share=st.decimals("0.4", "0.8", places=2),
)
def test_file_reader_and_firmware_hold_the_dose_whatever_is_asked_or_nothing_is_written(
    recipe, profile, way, volume, bore, share
):
    volume = volume / 20 if way[1] == "dot" else volume
    wanted = asked(recipe, profile, way, bore, round(bore * share, 2))
    made = compose(wanted, profile, volume, 1, HEADER)
    if not isinstance(made, Composed):
        assert all(finding.code.startswith("E_") and finding.remedy for finding in made)
        return
    report = check(made.program, profile, wanted, volume, 1)
    found = {finding.code for finding in report.findings}
    too_fine = "E_GATE_PRESSURE" in found
    if too_fine:  # what a needle too fine asks for is more than the tool can store, or its motor push
        found.discard("E_GATE_BLOB")
    assert found <= NOT_HERE
    digit_mm3 = 1e-5 * profile.feed_area_mm2()
    assert abs(report.total_volume_mm3 - volume) <= max(1e-4 * volume, digit_mm3)
    if not too_fine:
        in_firmware(made.program, profile, report, volume, float(wanted.ink.density_mg_mm3))


class ByMotor(Bare):
    """A host that counts the steps of the one motor in use.

    What a plunger gives is the ink's business too: ink colder or thinner than the recipe's stores another volume than
    is taken back, and a plunger pulled off its ink pushes nothing for a while.
    """

    def pushed(self):
        """Return what the motor was driven since power-up, mm³."""
        driven_mm = self.bench.printer.planner.position(self.bench.now_s)[3]
        tool = self.bench.profile.tool
        return [round(driven_mm * tool.steps_per_mm) * tool.step_volume_mm3]


def in_firmware(program, profile, report, volume_mm3, density_mg_mm3):
    """Send a program line by line to the emulated firmware: all of it taken, none clipped, the mass within a step."""
    low, high = report.bounds["min"], report.bounds["max"]
    assert profile.build.holds(*low)
    assert profile.build.holds(*high)
    assert max(len(line.partition(";")[0].strip()) for line in program.lines) <= profile.link.payload_limit
    host = ByMotor(profile)
    given, ended = host.print(program)
    assert host.foreign == []
    for (unit, part), pushed_mm3 in given.items():
        off_mg = (pushed_mm3[0] - volume_mm3) * density_mg_mm3
        assert abs(off_mg) <= WITHIN_HALF_A_STEP * profile.tool.step_volume_mm3 * density_mg_mm3
        assert ended[unit, part] == pytest.approx(program.unit(unit, part).end_mm, abs=1e-3)


@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(profile=st.sampled_from(PROFILES), way=st.sampled_from(SOLID), volume=st.floats(120, 600))
def test_what_is_read_back_is_the_path_that_was_written(recipe, profile, way, volume):
    made = compose(asked(recipe, profile, way, Decimal("0.603"), Decimal("0.4")), profile, volume, 1, HEADER)
    if not isinstance(made, Composed):
        return
    path, unit = made.toolpath, made.program.unit(1)
    moves = read(made.program.text, profile.dialect).moves
    lays = (moves.e_mm > 0) & (moves.length_mm > 0) & (moves.line >= unit.first_line) & (moves.line <= unit.last_line)
    lines, last = np.unique(moves.line[lays][::-1], return_index=True)  # an arc ends with its last chord
    ends = moves.end_mm[lays][::-1][last]
    wanted = path.points(0)[1:][path.volume_mm3 > 0]
    assert len(lines) == len(wanted)
    assert np.abs(ends - wanted).max() < 1e-9
    volumes = np.bincount(np.searchsorted(lines, moves.line[lays]), moves.e_mm[lays]) * profile.feed_area_mm2()
    assert np.abs(volumes - path.volume_mm3[path.volume_mm3 > 0]).max() <= 1.01e-5 * profile.feed_area_mm2()
