"""What the writer puts into a file, judged by a naive sum and by reading it back."""

import hashlib
import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.check import check, check_unit
from printcare.gcode.compose import Composed, compose
from printcare.gcode.program import Header, with_unit
from printcare.gcode.reader import read
from printcare.gcode.writer import write, write_unit

HEADER = Header("cyclophosphamide-sse version 1", "nominal strength 40 mg/g", "17", for_patients=False)
BORE_AREA = math.pi * 14.43**2 / 4


def composed(recipe, profile, dose_mg=17.0, units=3, header=HEADER):
    made = compose(recipe, profile, dose_mg / 40 * 1000 / 1.1, units, header)
    assert isinstance(made, Composed)
    return made


def naive_net_e(lines):
    """Sum E as a person with ten minutes would: absolute E, G92 sets it."""
    net = at = 0.0
    for line in lines:
        found = re.search(r"E(-?[\d.]+)", line.split(";")[0])
        if found and line.startswith("G92"):
            at = float(found[1])
        elif found:
            net += float(found[1]) - at
            at = float(found[1])
    return net


@settings(deadline=None, max_examples=30)  # shared machines are slow
@given(dose=st.floats(5, 40), units=st.integers(1, 4))
def test_an_independent_sum_of_e_times_area_is_the_dose(recipe, profile, dose, units):
    program = composed(recipe, profile, dose, units).program
    volume = dose / 40 * 1000 / 1.1
    assert len(program.units) == units
    for unit in program.units:
        summed = naive_net_e(unit.lines) * BORE_AREA
        assert abs(summed - volume) <= max(1e-4 * volume, 1e-5 * BORE_AREA)
        assert unit.volume_mm3 == pytest.approx(summed, abs=1e-9)


@settings(deadline=None, max_examples=30)  # shared machines are slow
@given(dose=st.floats(5, 40))
def test_the_reader_finds_the_path_that_was_written(recipe, profile, dose):
    made = composed(recipe, profile, dose, 2)
    moves = read(made.program.text).moves
    for index, unit in enumerate(made.program.units):
        inside = (moves.line >= unit.first_line) & (moves.line <= unit.last_line)
        lays = inside & (moves.e_mm > 0) & (moves.length_mm > 0)
        points = made.toolpath.points(index)
        bead = made.toolpath.volume_mm3 > 0
        firsts = np.flatnonzero(np.diff(moves.line[lays], prepend=0))  # an arc is read as several chords
        lasts = np.append(firsts[1:], np.count_nonzero(lays)) - 1
        assert np.allclose(moves.start_mm[lays][firsts], points[:-1][bead], atol=1e-9)
        assert np.allclose(moves.end_mm[lays][lasts], points[1:][bead], atol=1e-9)
        expected = made.toolpath.volume_mm3[bead] / BORE_AREA
        assert np.abs(np.add.reduceat(moves.e_mm[lays], firsts) - expected).max() <= 1.01e-5


def test_segments_tile_the_file_in_their_order(recipe, profile):
    program = composed(recipe, profile).program
    kinds = [segment.kind for segment in program.segments]
    primes = kinds.count("prime")
    assert kinds == ["prologue", *["prime"] * primes, "prime_end", "unit", "unit", "unit", "epilogue"]
    edges = [(segment.first_line, segment.last_line) for segment in program.segments]
    assert edges[0][0] == 1
    assert edges[-1][1] == len(program.lines)
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(edges))


def test_a_unit_begins_at_zero_e_and_presses_in_what_it_takes_back(recipe, profile):
    made = composed(recipe, profile)
    for unit in made.program.units:
        lines = unit.lines
        alone = [line for line in lines if line.startswith("G1 E")]
        first, last = (float(re.match(r"G1 E(-?[\d.]+)", line)[1]) for line in alone)
        bead_end = float(
            re.findall(r"E([\d.]+)", "\n".join(line for line in lines if " Y" in line and " E" in line))[-1]
        )
        assert lines[0] == "G92 E0"
        assert lines[-1] == "M400"
        assert first * BORE_AREA == pytest.approx(unit.compensation_mm3, abs=1e-3)
        assert bead_end - last == pytest.approx(first, abs=1e-9)


def test_the_prime_runs_at_the_signature_s_slow_speed_and_the_print_s_own_in_chunks_shorter_than_the_horizon(
    recipe, profile
):
    made = composed(recipe, profile)
    chunks = made.program.of_kind("prime")
    step_mm3 = profile.tool.step_volume_mm3
    assert 120.0 - step_mm3 < sum(chunk.volume_mm3 for chunk in chunks) <= 120.0 + 1e-6
    slow = [chunk for chunk in chunks if chunk.flow_mm3_s == float(recipe.limits.detectors.prime_flows_mm3_s[0])]
    assert sum(chunk.volume_mm3 for chunk in slow) == pytest.approx(60.0, abs=step_mm3)
    assert chunks[: len(slow)] == tuple(slow)
    assert {chunk.flow_mm3_s for chunk in chunks[len(slow) :]} == {made.toolpath.flow_mm3_s}
    for chunk in chunks:
        reset, push = chunk.lines
        feed = float(push.split("F")[1]) / 60 * BORE_AREA
        assert reset == "G92 E0"
        assert feed == pytest.approx(chunk.flow_mm3_s, rel=1e-3)
        assert chunk.volume_mm3 / feed <= profile.link.max_horizon_s


def test_priming_ends_retracted_by_the_compensation(recipe, profile):
    program = composed(recipe, profile).program
    (end,) = program.of_kind("prime_end")
    assert end.volume_mm3 == pytest.approx(-end.compensation_mm3, abs=1e-3)


def test_travel_between_units_stays_above_every_finished_unit(recipe, profile):
    program = composed(recipe, profile).program
    moves = read(program.text).moves
    across = (moves.e_mm == 0) & (np.abs(moves.end_mm - moves.start_mm)[:, :2].max(axis=1) > 0)
    assert moves.start_mm[across, 2].min() >= profile.travel_z_mm


def test_only_words_the_profile_allows_are_written_and_no_line_is_too_long(recipe, profile):
    program = composed(recipe, profile).program
    assert set(read(program.text).words) <= set(profile.allowed_words)
    assert max(map(len, program.lines)) <= profile.link.payload_limit


def test_the_digest_is_that_of_the_file(recipe, profile):
    program = composed(recipe, profile).program
    assert program.digest == hashlib.sha256(program.text.encode("ascii")).hexdigest()
    assert program.total_volume_mm3 == pytest.approx(3 * program.units[0].volume_mm3)


def test_the_same_job_gives_the_same_bytes(recipe, profile):
    assert composed(recipe, profile).program.digest == composed(recipe, profile).program.digest


def test_a_rehearsal_says_that_it_is_not_for_patients(recipe, profile):
    rehearsal = composed(recipe, profile, header=replace(HEADER, recipe="läger")).program
    assert rehearsal.lines[0] == "; NOT FOR PATIENTS"
    assert rehearsal.text.isascii()
    assert composed(recipe, profile, header=replace(HEADER, for_patients=True)).program.lines[0] == "; printcare"


@settings(deadline=None, max_examples=30)  # shared machines are slow
@given(multiplier=st.floats(0.95, 1.05), index=st.integers(1, 3))
def test_a_corrected_unit_holds_its_volume_and_changes_nothing_else(recipe, profile, multiplier, index):
    made = composed(recipe, profile)
    corrected = write_unit(made.toolpath, profile, made.program, index, multiplier)
    volume = 17 / 40 * 1000 / 1.1 * multiplier
    unit = corrected.unit(index)
    assert naive_net_e(unit.lines) * BORE_AREA == pytest.approx(volume, abs=1e-5 * BORE_AREA)
    assert unit.volume_mm3 == pytest.approx(volume, abs=1e-5 * BORE_AREA)
    assert corrected.lines[: unit.first_line - 1] == made.program.lines[: unit.first_line - 1]
    assert corrected.lines[unit.last_line :] == made.program.lines[unit.last_line :]


@pytest.mark.parametrize("multiplier", [0.95, 1.05])
def test_behind_a_regulator_a_corrected_unit_takes_as_much_more_time_as_it_shall_weigh_more(multiplier):
    """Q follows the pressure whatever E says (process.md §0.2): E over time stays the calibrated flow."""
    recipe, profile = load_recipe("melatonin-blister"), load_profile("marlin-pneumatic")
    made = composed(recipe, profile, 4.0, 2)
    corrected = write_unit(made.toolpath, profile, made.program, 2, multiplier)

    def told(program):
        moves = read(program.text).moves
        lays = (moves.e_mm > 0) & (moves.length_mm > 0)
        mine = lays & (moves.line >= program.unit(2).first_line) & (moves.line <= program.unit(2).last_line)
        return moves.e_mm[mine].sum(), (moves.length_mm[mine] / moves.feed_mm_s[mine]).sum()

    (e_mm, seconds), (more_e_mm, more_seconds) = told(made.program), told(corrected)
    assert more_e_mm / e_mm == pytest.approx(multiplier, rel=1e-5)
    assert more_seconds / seconds == pytest.approx(multiplier, rel=1e-3)  # F is whole mm/min
    assert check_unit(corrected, 2, profile, recipe, made.toolpath.form.volume_mm3 * multiplier).ok


def test_a_unit_corrected_by_nothing_is_the_unit(recipe, profile):
    made = composed(recipe, profile)
    assert write_unit(made.toolpath, profile, made.program, 2, 1.0) == made.program


def test_a_correction_that_changes_the_path_is_refused(recipe, profile):
    program = composed(recipe, profile).program
    with pytest.raises(PrintcareError, match="PROGRAM_SHAPE"):
        with_unit(program, replace(program.unit(1), lines=("G92 E0",)))


def test_a_unit_that_is_not_there_is_refused(recipe, profile):
    with pytest.raises(PrintcareError, match="PROGRAM_UNIT"):
        composed(recipe, profile).program.unit(4)


def test_without_compensation_no_plunger_move_is_written(recipe, profile):
    path = replace(composed(recipe, profile).toolpath, compensation_mm3=0.0)
    program = write(path, profile, HEADER)
    assert not [line for unit in program.units for line in unit.lines if line.startswith("G1 E")]
    corrected = write_unit(path, profile, program, 1, 0.99).unit(1)
    # What the printer will say it stands at, 1 % less: there is no last line of E alone to read it from.
    assert corrected.end_e_mm == pytest.approx(0.99 * program.unit(1).end_e_mm, abs=2e-5)


def test_volumetric_e_is_written_in_cubic_millimetres(recipe, profile):
    volumetric = replace(profile, volumetric_e=True, tool=replace(profile.tool, max_feed_mm_s=200.0))
    program = composed(recipe, volumetric).program
    volume = 17 / 40 * 1000 / 1.1
    assert naive_net_e(program.unit(1).lines) == pytest.approx(volume, abs=1e-4)
    assert program.feedstock_diameter_mm == pytest.approx(1.128379, abs=1e-6)


def test_a_flow_faster_than_the_drive_is_refused(recipe, profile):
    slow = replace(profile, tool=replace(profile.tool, max_feed_mm_s=0.001))
    with pytest.raises(PrintcareError, match="WRITER_FEED"):
        compose(recipe, slow, 386.0, 1, HEADER)


@pytest.mark.parametrize(("volume", "units", "code"), [(1.0, 1, "E_GEOMETRY_NO_LAYERS"), (386.0, 13, "E_TRAY_FULL")])
def test_what_cannot_be_made_is_refused_before_anything_is_written(recipe, profile, volume, units, code):
    findings = compose(recipe, profile, volume, units, HEADER)
    assert [finding.code for finding in findings] == [code]


def test_an_arc_is_written_with_its_centre_to_the_micrometre_and_keeps_its_radius(recipe, profile):
    made = composed(recipe, profile)
    bent = [line for line in made.program.unit(1).lines if line[:2] in ("G2", "G3")]
    assert len(bent) > 100
    form = r"G[23] X-?\d+\.\d{3} Y-?\d+\.\d{3} I-?\d+\.\d{3} J-?\d+\.\d{3} E\d+\.\d{5}"
    assert all(re.fullmatch(form, line) for line in bent)
    arcs = read(made.program.text).arcs
    assert arcs.mismatch_mm.max() < 0.002
    assert not arcs.is_full.any()


def test_a_file_with_arcs_is_shorter_and_lays_the_same(recipe, profile):
    bent, straight = composed(recipe, profile).program, composed(recipe, replace(profile, has_arcs=False)).program
    assert len(bent.lines) < 0.7 * len(straight.lines)
    assert bent.units[0].volume_mm3 == pytest.approx(straight.units[0].volume_mm3, abs=1e-5 * BORE_AREA)
    assert not read(straight.text).arcs.line.size


def test_start_park_and_end_code_stand_in_the_file_as_they_are(recipe, profile):
    words = (*profile.allowed_words, "M107", "M84")
    coded = replace(profile, start_code=("M107",), park_code=("G4 P5",), end_code=("M84",), allowed_words=words)
    program = composed(recipe, coded).program
    assert program.lines.index("M107") < program.lines.index("G28")
    assert [unit.lines[-2:] for unit in program.units] == [("G4 P5", "M400")] * 3
    assert program.lines[-1] == "M84"
    loud = composed(recipe, replace(coded, end_code=("M300 S440",))).program
    assert [finding.code for finding in check(loud, coded, recipe).findings] == ["E_GATE_WORD"]


def test_a_unit_or_a_part_that_is_not_there_is_named(recipe, profile):
    with pytest.raises(PrintcareError, match="no unit 1 with a part 2"):
        composed(recipe, profile).program.unit(1, 2)
