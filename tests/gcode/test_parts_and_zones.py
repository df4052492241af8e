"""Units of several inks and trays in zones: written, read back, corrected and judged part by part."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from printcare.domain.recipe import MasterRecipe
from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile
from printcare.gcode.check import check, check_unit
from printcare.gcode.compose import compose
from printcare.gcode.preview import preview
from printcare.gcode.program import Header
from printcare.gcode.writer import write, write_parts, write_unit, write_zones, zone_of

pytestmark = pytest.mark.hazard("HZ-04")

HEADER = Header("two inks", "nominal", "", for_patients=False)
VOLUMES = (200.0, 260.0)
BORE_MM2 = np.pi * 14.43**2 / 4


@pytest.fixture(scope="module")
def two():
    return load_profile("marlin-two-syringes")


@pytest.fixture(scope="module")
def paths(recipe, two):
    """Two cylinders side by side would do; here the second lies upon the first."""
    fitted = replace(recipe, printer_classes=(two.printer_class,))
    first, second = (compose(fitted, two, volume, 2, HEADER).toolpath for volume in VOLUMES)
    points = second.points_mm.copy()
    points[:, 2] += first.points_mm[:, 2].max()
    return first, replace(second, points_mm=points, temperature_c=40.0, prime_mm3=150.0)


@pytest.fixture(scope="module")
def made(paths, two):
    return write_parts(paths, two, HEADER)


@pytest.fixture(scope="module")
def both(recipe, two) -> MasterRecipe:
    fitted = replace(recipe, printer_classes=(two.printer_class,))
    return replace(fitted, further=(replace(fitted.parts[0], tool=1),))


def codes(report):
    return {finding.code for finding in report.findings}


def judged(lines, two, both=None, targets=VOLUMES, units=2):
    return check("\n".join(lines) + "\n", two, both, targets, units)


def test_each_ink_of_each_unit_is_one_segment_that_begins_with_its_tool_and_ends_parked(made, two):
    assert [(unit.index, unit.part) for unit in made.units] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    for unit in made.units:
        lines = unit.lines
        assert lines[:2] == (f"T{unit.part - 1}", "G92 E0")
        assert lines[-1] == "M400"
        assert unit.end_mm == two.park_mm
    edges = [(segment.first_line, segment.last_line) for segment in made.segments]
    assert edges[0][0] == 1
    assert edges[-1][1] == len(made.lines)
    assert all(after[0] == before[1] + 1 for before, after in pairwise(edges))


def test_each_tool_is_heated_primed_and_retracted_before_the_first_unit(made, two):
    kinds = [(segment.kind, segment.part) for segment in made.segments if segment.kind.startswith("prime")]
    assert kinds.index(("prime", 2)) == kinds.index(("prime_end", 1)) + 1
    for part, prime_mm3 in ((1, 120.0), (2, 150.0)):
        chunks = [segment for segment in made.of_kind("prime") if segment.part == part]
        less_mm3 = prime_mm3 - sum(chunk.volume_mm3 for chunk in chunks)
        assert -1e-6 <= less_mm3 < two.tools[part - 1].step_volume_mm3
    text = made.segments[0].lines
    assert [line for line in text if line.startswith("M109")] == ["M109 T0 S38", "M109 T1 S40"]
    assert made.lines[-3:] == ("M104 T0 S0", "M104 T1 S0", "M140 S0")


def test_after_a_change_of_tool_the_place_is_stated_before_anything_goes_down(made):
    for row, line in enumerate(made.lines):
        if line in ("T0", "T1"):
            after = [text for text in made.lines[row + 1 : row + 200] if text.startswith("G0")]
            first_down = next(text for text in after if " Z" in text and float(text.split("Z")[1].split()[0]) < 30)
            assert any(" X" in text and " Y" in text for text in after[: after.index(first_down)])


def test_the_gate_passes_what_was_written_and_finds_every_part_s_volume(made, two, both):
    report = check(made, two, both, VOLUMES, 2)
    assert report.findings == ()
    assert [(unit.index, unit.part, unit.tool) for unit in report.units] == [(1, 1, 0), (1, 2, 1), (2, 1, 0), (2, 2, 1)]
    for unit in report.units:
        assert abs(unit.volume_mm3 - VOLUMES[unit.part - 1]) <= 1e-5 * BORE_MM2
    assert report.part_volumes_mm3 == {part: pytest.approx(2 * VOLUMES[part - 1], abs=0.01) for part in (1, 2)}
    assert report.needed_mm3[1] > 2 * VOLUMES[1] + 100
    assert len(report.pressures_kpa) == 2
    assert [(unit.first_line, unit.last_line) for unit in report.units] == [
        (unit.first_line, unit.last_line) for unit in made.units
    ]


def test_parts_are_judged_without_a_recipe_too(made, two):
    assert check(made, two, None, VOLUMES, 2).findings == ()
    assert check(made, two, None, (*VOLUMES, *VOLUMES), 2).findings == ()
    assert codes(check(made, two, None, (*VOLUMES, 1.0), 2)) == {"E_GATE_TARGETS"}
    assert codes(check(made, two, None, VOLUMES[::-1], 2)) == {"E_GATE_VOLUME"}


@pytest.mark.parametrize(("index", "part"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_a_corrected_part_holds_its_volume_and_changes_nothing_else(made, paths, two, both, index, part):
    corrected = write_unit(paths[part - 1], two, made, index, 1.02, part)
    target = VOLUMES[part - 1] * 1.02
    assert corrected.unit(index, part).volume_mm3 == pytest.approx(target, abs=1e-5 * BORE_MM2)
    assert check_unit(corrected, index, two, both, target, part).findings == ()
    assert codes(check_unit(corrected, index, two, both, VOLUMES[part - 1], part)) == {"E_GATE_VOLUME"}
    unit = made.unit(index, part)
    assert corrected.lines[: unit.first_line - 1] == made.lines[: unit.first_line - 1]
    assert corrected.lines[unit.last_line :] == made.lines[unit.last_line :]
    assert write_unit(paths[part - 1], two, made, index, 1.0, part) == made


def segment(made, index, part):
    return list(made.unit(index, part).lines)


def rebuilt(made, order):
    head = list(made.lines[: made.units[0].first_line - 1])
    tail = list(made.lines[made.units[-1].last_line :])
    return [*head, *(line for key in order for line in segment(made, *key)), *tail]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ([(1, 2), (1, 1), (2, 1), (2, 2)], "E_GATE_PART_ORDER"),
        ([(1, 1), (1, 2), (2, 1)], "E_GATE_PART_MISSING"),
        ([(1, 1), (2, 1), (2, 2)], "E_GATE_PART_MISSING"),
        ([(1, 1), (1, 2), (1, 1), (2, 1), (2, 2)], "E_GATE_PART_TWICE"),
        ([(2, 1), (2, 2), (1, 1), (1, 2)], "E_GATE_POSITION"),
        ([(1, 1), (2, 1), (1, 2), (2, 2)], "E_GATE_UNITS"),
    ],
)
def test_parts_lost_doubled_or_out_of_order_are_refused(made, two, both, order, code):
    assert code in codes(judged(rebuilt(made, order), two, both, None))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("T1", "T0", "E_GATE_VOLUME"),
        ("T1", "T2", "E_GATE_TOOL"),
        ("M109 T1 S40", "M109 T1 S60", "E_GATE_TEMPERATURE"),
        ("M109 T1 S40", "M109 T0 S38", "E_GATE_COLD"),
        ("M104 T1 S40", "M104 T3 S40", "E_GATE_TOOL"),
    ],
)
def test_a_wrong_tool_or_a_wrong_heat_is_refused(made, two, both, old, new, code):
    lines = [new if line == old else line for line in made.lines]
    assert code in codes(judged(lines, two, both))


def test_a_tool_changed_low_over_the_tray_is_refused(made, two, both):
    lines = list(made.lines)
    spot = made.unit(1, 1).first_line + 200
    assert "E_GATE_TOOL_LOW" in codes(judged([*lines[:spot], "T1", "T0", *lines[spot:]], two, both))


def test_a_recipe_of_one_ink_does_not_know_the_second_tool(made, two, both):
    assert "E_GATE_TOOL" in codes(check(made, two, replace(both, further=()), VOLUMES, 2))


def test_a_recipe_whose_tool_the_printer_lacks_is_refused(recipe, profile):
    made = compose(recipe, profile, 235.6, 1, HEADER)
    both = replace(recipe, further=(replace(recipe.parts[0], tool=1),))
    assert {"E_GATE_TOOL", "E_GATE_PART_MISSING"} <= codes(check(made.program, profile, both, 235.6, 1))


def test_the_resting_nozzle_must_not_touch_anything_either(made, two, both):
    close = replace(two.further_tools[0], offset_mm=(25.0, 0.0, 0.0))
    near = replace(two, further_tools=(close,))
    assert "E_GATE_LOW_TRAVEL" in codes(check(made, near, both, VOLUMES, 2))
    lifted = replace(two, further_tools=(replace(close, offset_mm=(25.0, 0.0, 40.0)),))
    assert "E_GATE_LOW_TRAVEL" not in codes(check(made, lifted, both, VOLUMES, 2))


def test_the_carriage_must_reach_where_the_second_nozzle_prints(made, two, both):
    far = replace(two, further_tools=(replace(two.further_tools[0], offset_mm=(120.0, 0.0, 0.0)),))
    assert "E_GATE_BUILD" in codes(check(made, far, both, VOLUMES, 2))
    box = replace(two.tray.keep_outs[0], min_x_mm=130.0, max_x_mm=200.0, min_y_mm=0.0, max_y_mm=200.0, max_z_mm=25.0)
    walled = replace(two, tray=replace(two.tray, keep_outs=(box,)))
    assert "E_GATE_KEEP_OUT" in codes(check(made, walled, None, VOLUMES, 2))


def test_the_preview_shows_every_part_of_every_unit(made, two):
    views = preview(check(made, two), two)
    assert [(view.index, view.part) for view in views] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_the_preview_of_a_later_ink_begins_on_the_ink_below(made, two):
    first, second, again, _ = preview(check(made, two), two)
    top = first.layers[-1].z_mm
    assert second.layers[0].z_mm - second.layers[0].height_mm == pytest.approx(top)
    assert second.layers[0].width_mm == pytest.approx(second.layers[1].width_mm, rel=0.05)
    assert again.layers[0].height_mm == pytest.approx(again.layers[0].z_mm)  # the next unit stands on the tray


def test_inks_on_different_positions_or_without_a_tool_each_are_refused(paths, two, profile):
    moved = replace(paths[1], centres_mm=paths[1].centres_mm + 1.0)
    with pytest.raises(PrintcareError, match="WRITER_PARTS"):
        write_parts((paths[0], moved), two, HEADER)
    with pytest.raises(PrintcareError, match="WRITER_TOOL"):
        write_parts(paths, two, HEADER, (0, 0))
    with pytest.raises(PrintcareError, match="WRITER_TOOL"):
        write_parts(paths, profile, HEADER)


def test_one_ink_of_the_second_syringe_is_written_with_its_tool(paths, two, both):
    program = write_parts(paths[:1], two, HEADER, (1,))
    assert "M109 T1 S38" in program.lines
    report = check(program, two, None, VOLUMES[0], 2)
    assert report.findings == ()
    assert [unit.tool for unit in report.units] == [1, 1]


def test_a_printer_of_two_syringes_states_the_tool_of_a_single_ink(paths, two):
    program = write(paths[0], two, HEADER)
    assert program.unit(1).lines[0] == "T0"
    assert check(program, two, None, VOLUMES[0], 2).findings == ()


# ---- zones


@pytest.fixture(scope="module")
def zones(recipe, profile):
    first, second = (compose(recipe, profile, volume, 4, HEADER).toolpath for volume in (150.0, 300.0))
    return (
        replace(first, centres_mm=first.centres_mm[:2], positions=first.positions[:2]),
        replace(second, centres_mm=second.centres_mm[2:], positions=second.positions[2:]),
    )


@pytest.fixture(scope="module")
def zoned(zones, profile):
    return write_zones(zones, profile, HEADER)


def test_zones_are_units_in_one_row_each_with_its_own_dose(zoned, profile, recipe):
    assert [unit.index for unit in zoned.units] == [1, 2, 3, 4]
    assert zoned.targets_mm3 == (150.0, 150.0, 300.0, 300.0)
    assert check(zoned, profile, recipe, zoned.targets_mm3, 4).findings == ()
    assert codes(check(zoned, profile, recipe, 150.0, 4)) == {"E_GATE_VOLUME"}
    assert len({segment.part for segment in zoned.segments}) == 1


@pytest.mark.parametrize("index", [1, 2, 3, 4])
def test_a_unit_of_a_zone_is_corrected_on_its_own_path(zones, zoned, profile, recipe, index):
    path, place = zone_of(zones, index)
    corrected = write_unit(path, profile, zoned, index, 0.98, place=place)
    target = zoned.targets_mm3[index - 1] * 0.98
    assert check_unit(corrected, index, profile, recipe, target).findings == ()


def test_zones_that_share_a_place_or_want_another_heat_are_refused(zones, profile):
    with pytest.raises(PrintcareError, match="WRITER_ZONES"):
        write_zones((zones[0], zones[0]), profile, HEADER)
    with pytest.raises(PrintcareError, match="WRITER_ZONES"):
        write_zones((zones[0], replace(zones[1], temperature_c=40.0)), profile, HEADER)
    with pytest.raises(PrintcareError, match="PROGRAM_UNIT"):
        zone_of(zones, 5)
    with pytest.raises(PrintcareError, match="PROGRAM_UNIT"):
        zone_of(zones, 0)


def test_zones_one_upon_the_other_are_refused_by_the_gate(zoned, profile, recipe):
    lines = rebuilt(zoned, [(1, 1), (2, 1), (3, 1), (4, 1)])
    onto = [line for line in lines]
    third, first = segment(zoned, 3, 1), segment(zoned, 1, 1)
    at = next(row for row in range(len(onto)) if onto[row : row + len(third)] == third)
    onto[at : at + len(third)] = first
    assert "E_GATE_POSITION" in codes(judged(onto, profile, recipe, None, 4))


def test_a_position_a_keep_out_reaches_may_be_left_out_and_no_other(recipe, profile):
    tray = profile.tray
    x_mm, y_mm = tray.centre(1)
    box = replace(
        tray.keep_outs[0], min_x_mm=x_mm - 1, max_x_mm=x_mm + 1, min_y_mm=y_mm - 1, max_y_mm=y_mm + 1, max_z_mm=2
    )
    path = compose(recipe, profile, 200.0, 3, HEADER).toolpath
    chosen = replace(path, centres_mm=path.centres_mm[[0, 2]], positions=(0, 2))
    program = write(chosen, profile, HEADER)
    assert codes(check(program, profile, recipe, 200.0, 2)) == {"E_GATE_POSITION"}
    kept = replace(profile, tray=replace(tray, keep_outs=(box,)))
    assert check(program, kept, recipe, 200.0, 2).findings == ()


def test_the_smallest_unit_of_each_ink_decides_whether_its_syringe_is_fine_enough(made, two, both):
    coarse = replace(two, further_tools=(replace(two.further_tools[0], steps_per_mm=100.0),))
    assert codes(check(made, coarse, both, VOLUMES, 2)) == {"E_GATE_STEP"}
