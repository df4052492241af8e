"""A line lost from a bare text: E is absolute, so the dose is whole and only the bead's section tells."""

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.domain.recipe import Shape
from printcare.gcode.check import check
from printcare.gcode.compose import compose
from printcare.gcode.program import Header

VOLUME_MM3 = 150.0
HEADER = Header("t", "n", "", for_patients=False)
LIMITS = (Decimal("0.9"), Decimal("1.4"))
STAR = Shape("star", "concentric", (Decimal(5), Decimal(24)), (Decimal(2), Decimal(8)), Decimal("0.4"), LIMITS)


@pytest.fixture(scope="module")
def star(recipe, profile):
    shaped = replace(recipe, shape=STAR)
    return shaped, compose(shaped, profile, VOLUME_MM3, 1, HEADER).program


def corners(program):
    """Return the places in the text where a bead turns sharply."""
    unit = program.unit(1)
    found = []
    for place in range(unit.first_line, unit.last_line - 1):
        around = program.lines[place - 1 : place + 2]
        if all(line.startswith("G1 X") for line in around):
            a, b, c = ([float(word[1:]) for word in line.split()[1:3]] for line in around)
            if (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0:
                found.append(place)
    return found


def test_the_whole_file_passes(star, profile):
    recipe, program = star
    assert check(program.text, profile, recipe, VOLUME_MM3, 1).ok


def test_a_lost_corner_is_refused_although_the_dose_is_whole(star, profile):
    recipe, program = star
    places = corners(program)
    assert len(places) > 20
    for place in places[::3]:
        text = "\n".join([*program.lines[:place], *program.lines[place + 1 :]]) + "\n"
        report = check(text, profile, recipe, VOLUME_MM3, 1)
        assert {finding.code for finding in report.findings} == {"E_GATE_BEAD"}
        assert report.total_volume_mm3 == pytest.approx(VOLUME_MM3, rel=1e-4)


def test_layers_of_many_widths_are_not_judged_by_one(star, profile):
    recipe, program = star
    lines = list(program.lines)
    unit = program.unit(1)
    for place in range(unit.first_line, unit.last_line - 2, 2):  # every second bead takes from the one after it
        around = program.lines[place - 1 : place + 2]
        if all(line.startswith("G1 X") for line in around):
            before, e = (float(line.rpartition(" E")[2]) for line in around[:2])
            lines[place] = f"{around[1].rpartition(' E')[0]} E{e + 0.06 * (e - before):.5f}"
    report = check("\n".join(lines) + "\n", profile, recipe, VOLUME_MM3, 1)
    assert [finding for finding in report.findings if "another section" in finding.reason] == []
