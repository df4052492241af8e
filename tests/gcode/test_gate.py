"""The gate: it passes what the writer writes and refuses each seeded fault by name."""

import binascii
import math
import re
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from operator import xor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.extrusion.rheology import predicted_pressure_kpa
from printcare.gcode import check as gate
from printcare.gcode.check import check, check_unit, duration_s
from printcare.gcode.compose import compose
from printcare.gcode.program import Header
from printcare.gcode.writer import write_unit

pytestmark = pytest.mark.hazard("HZ-04")

VOLUME = 17 / 40 * 1000 / 1.1
HEADER = Header("cyclophosphamide-sse version 1", "nominal strength 40 mg/g", "17", for_patients=False)


@pytest.fixture(scope="module")
def made(recipe, profile):
    return compose(recipe, profile, VOLUME, 3, HEADER)


def codes(report):
    return {finding.code for finding in report.findings}


def test_what_the_writer_writes_passes(recipe, profile, made):
    report = check(made.program, profile, recipe, VOLUME, 3)
    assert report.ok
    assert report.findings == ()
    assert [(u.first_line, u.last_line) for u in report.units] == [
        (u.first_line, u.last_line) for u in made.program.units
    ]
    assert report.total_volume_mm3 == pytest.approx(3 * VOLUME, rel=1e-4)
    assert report.bounds["min"] == [0.0, 0.0, 0.0]
    assert report.bounds["max"][2] == 60.0


@settings(deadline=None, max_examples=30)  # shared machines are slow
@given(dose=st.floats(5, 40), units=st.integers(1, 4))
def test_every_dose_of_the_range_passes_and_holds_its_dose(recipe, profile, dose, units):
    volume = dose / 40 * 1000 / 1.1
    report = check(compose(recipe, profile, volume, units, HEADER).program, profile, recipe, volume, units)
    assert report.findings == ()
    for unit in report.units:
        assert unit.volume_mm3 == pytest.approx(volume, rel=1e-4)


def rrf_sum(text):
    return binascii.crc_hqx(text.encode(), 0)  # the standard library's own CRC-16/CCITT


def inserted(lines, where, *new):
    return [*lines[:where], *new, *lines[where:]]


def in_unit(lines, *new):
    """Put lines into the middle of the second unit's bead."""
    starts = [i for i, line in enumerate(lines) if line == "G92 E0"]
    return inserted(lines, starts[-3] + 900, *new)


def before_units(lines, *new):
    """Put lines between the prologue and the first prime chunk."""
    return inserted(lines, lines.index("G92 E0"), *new)


def between_units(lines, *new):
    first_end = lines.index("M400") + 1
    return inserted(lines, first_end, *new)


def without(lines, line):
    return [kept for kept in lines if kept != line]


def swapped(lines, old, new):
    assert old in lines
    return [new if line == old else line for line in lines]


def cut(lines, share):
    return lines[: int(len(lines) * share)]


def scaled_e(lines, factor):
    """Scale what the last unit lays down, start and stop compensation left as they are."""
    start = max(i for i, line in enumerate(lines[:-10]) if line == "G92 E0")
    stored = float(next(line for line in lines[start:] if line.startswith("G1 E"))[4:].split()[0])
    out = lines[:start]
    for line in lines[start:]:
        if " Y" in line and " E" in line:
            head, e = line.split(" E")
            at = (float(e) - stored) * factor + stored
            line = f"{head} E{at:.5f}"
        elif line.startswith("G1 E") and " Y" in out[-1]:
            line = f"G1 E{at - stored:.5f} F60.000"
        out.append(line)
    return out


def last_bead(lines):
    return max(i for i, line in enumerate(lines) if " Y" in line and " E" in line)


def all_lines(lines, old, new):
    return [line.replace(old, new) for line in lines]


def first_unit(lines):
    end = lines.index("M400")
    return lines[max(i for i in range(end) if lines[i] == "G92 E0") : end + 1]


def cut_line(lines, at):
    """Cut a bead in the middle of the last unit at a column."""
    spot = last_bead(lines) - 200
    return [*lines[:spot], lines[spot][:at], *lines[spot + 1 :]]


FAULTS = {
    "a command nobody allowed": (lambda x: before_units(x, "M107"), "E_GATE_WORD"),
    "a firmware retract": (lambda x: in_unit(x, "G10"), "E_GATE_WORD"),
    "cold extrusion switched on": (lambda x: before_units(x, "M302 P1"), "E_GATE_WORD"),
    "a pause for filament": (lambda x: in_unit(x, "M600"), "E_GATE_WORD"),
    "a second tool": (lambda x: before_units(x, "T1"), "E_GATE_WORD"),
    "a line beyond the buffer": (lambda x: in_unit(x, "G4 P0" + "0" * 90), "E_GATE_LINE_LENGTH"),
    "a truncated number": (lambda x: in_unit(x, "G1 X"), "E_GATE_MALFORMED"),
    "a doubled letter": (lambda x: in_unit(x, "G1 X60 X61"), "E_GATE_MALFORMED"),
    "not a number": (lambda x: in_unit(x, "G1 Xnan Y60.000 E1.00000"), "E_GATE_MALFORMED"),
    "two points in a number": (lambda x: in_unit(x, "G1 X60.0.0 Y60.000 E1.00000"), "E_GATE_MALFORMED"),
    "no digits at all": (lambda x: in_unit(x, "G1 X. Y60.000 E1.00000"), "E_GATE_MALFORMED"),
    "a digit before the command": (lambda x: in_unit(x, "5G1 X60.000 Y60.000 E1.00000"), "E_GATE_MALFORMED"),
    "decimal commas": (lambda x: in_unit(x, "G1 X60,000 Y60,000 E1,00000"), "E_GATE_MALFORMED"),
    "an exponent": (lambda x: in_unit(x, "G1 X6e1 F9"), "E_GATE_MALFORMED"),
    "two commands on a line": (lambda x: in_unit(x, "G1 X60 G1 X61"), "E_GATE_MALFORMED"),
    "a rotary axis": (lambda x: in_unit(x, "G1 A5"), "E_GATE_MALFORMED"),
    "a macro of another firmware": (lambda x: before_units(x, "SET_PRESSURE_ADVANCE ADVANCE=0.1"), "E_GATE_MALFORMED"),
    "letters of another alphabet": (lambda x: in_unit(x, "G1 Х60"), "E_GATE_MALFORMED"),
    "digits of another alphabet": (lambda x: in_unit(x, "G1 X٦٠.٠٠٠ Y60.000 E1.00000"), "E_GATE_MALFORMED"),
    "millimetres unstated": (lambda x: without(x, "G21"), "E_GATE_MODAL"),
    "absolute E unstated": (lambda x: without(x, "M82"), "E_GATE_MODAL"),
    "absolute positions unstated": (lambda x: without(x, "G90"), "E_GATE_MODAL"),
    "speed factor unstated": (lambda x: without(x, "M220 S100"), "E_GATE_MODAL"),
    "flow factor unstated": (lambda x: without(x, "M221 S100"), "E_GATE_MODAL"),
    "inches": (lambda x: swapped(x, "G21", "G20"), "E_GATE_INCHES"),
    "volumetric E": (lambda x: before_units(x, "M200 D1.75"), "E_GATE_VOLUMETRIC"),
    "a flow factor of 95": (lambda x: swapped(x, "M221 S100", "M221 S95"), "E_GATE_FLOW_FACTOR"),
    "a flow factor within a unit": (lambda x: in_unit(x, "M221 S101"), "E_GATE_FLOW_FACTOR"),
    "a speed factor of 150": (lambda x: in_unit(x, "M220 S150"), "E_GATE_SPEED_FACTOR"),
    "relative E": (lambda x: in_unit(x, "M83"), "E_GATE_E_RELATIVE"),
    "relative positions": (lambda x: in_unit(x, "G91"), "E_GATE_RELATIVE"),
    "an axis set anew": (lambda x: in_unit(x, "G92 X0"), "E_GATE_ORIGIN"),
    "all origins set anew": (lambda x: between_units(x, "G92"), "E_GATE_ORIGIN"),
    "moves before homing": (lambda x: without(x, "G28"), "E_GATE_UNHOMED"),
    "homing of two axes only": (lambda x: swapped(x, "G28", "G28 X Y"), "E_GATE_UNHOMED"),
    "homing among the units": (lambda x: between_units(x, "G28"), "E_GATE_HOMING_LATE"),
    "an acceleration too high": (lambda x: before_units(x, "M204 S5000"), "E_GATE_ACCEL"),
    "ink too hot": (lambda x: swapped(x, "M109 S38", "M109 S55"), "E_GATE_TEMPERATURE"),
    "a heated bed": (lambda x: before_units(x, "M140 S50"), "E_GATE_BED"),
    "no wait for heat": (lambda x: without(x, "M109 S38"), "E_GATE_COLD"),
    "heat taken away": (lambda x: in_unit(x, "M104 S0"), "E_GATE_COLD"),
    "heat below the least": (lambda x: swapped(x, "M109 S38", "M109 S20"), "E_GATE_COLD"),
    "out of the build volume": (lambda x: between_units(x, "G0 X250 Y60"), "E_GATE_BUILD"),
    "below the tray": (lambda x: between_units(x, "G0 Z-1"), "E_GATE_BUILD"),
    "into the keep-out": (lambda x: between_units(x, "G0 X180 Y20", "G0 Z10", "G0 Z60"), "E_GATE_KEEP_OUT"),
    "through the keep-out": (lambda x: between_units(x, "G0 Z20", "G0 X140 Y20", "G0 X200 Y50"), "E_GATE_KEEP_OUT"),
    "no speed": (lambda x: before_units(x, "G1 F0", "G1 X21"), "E_GATE_NO_FEED"),
    "too fast across": (lambda x: between_units(x, "G0 X50 F9000"), "E_GATE_SPEED_XY"),
    "too fast up": (lambda x: between_units(x, "G0 Z59 F4000"), "E_GATE_SPEED_Z"),
    "too fast a plunger": (lambda x: all_lines(x, "F60.000", "F600.000"), "E_GATE_SPEED_E"),
    "printing too fast": (lambda x: swapped(x, "G1 F1080", "G1 F1800"), "E_GATE_PRINT_SPEED"),
    "printing too slowly": (lambda x: swapped(x, "G1 F1080", "G1 F300"), "E_GATE_PRINT_SPEED"),
    "too much motion in flight": (lambda x: swapped(x, "G1 F1080", "G1 F300"), "E_GATE_HORIZON"),
    "a low travel over the first unit": (
        lambda x: between_units(x, "G0 X60 Y50", "G0 Z2", "G0 X60 Y70", "G0 Z60"),
        "E_GATE_LOW_TRAVEL",
    ),
    "a unit missing": (lambda x: cut(x, 0.6), "E_GATE_UNITS"),
    "a file cut short": (lambda x: cut(x, 0.9), "E_GATE_VOLUME"),
    "a unit cut before its lift": (lambda x: x[: last_bead(x) + 1], "E_GATE_LIFT"),
    "nothing deposited": (lambda x: x[: x.index("G92 E0")], "E_GATE_EMPTY"),
    "only a prime": (lambda x: cut(x, 0.012), "E_GATE_EMPTY"),
    "a dose a thousandth too large": (lambda x: scaled_e(x, 1.001), "E_GATE_VOLUME"),
    "a dose a thousandth too small": (lambda x: scaled_e(x, 0.999), "E_GATE_VOLUME"),
    "E set anew within a unit": (lambda x: in_unit(x, "G92 E0"), "E_GATE_VOLUME"),
    "a unit printed twice": (lambda x: between_units(x, *first_unit(x)), "E_GATE_VOLUME"),
    "a bead started anew from the park": (
        lambda x: between_units(x, *x[next(i for i, s in enumerate(x) if s == "G1 F1080") : x.index("M400")]),
        "E_GATE_MALFORMED",
    ),
    "a doubled arc": (lambda x: inserted(x, last_bead(x), x[last_bead(x)]), "E_GATE_ARC_FULL"),
    "a lost origin of E": (lambda x: [*x[: x.index("M400") + 1], *x[x.index("M400") + 2 :]], "E_GATE_BLOB"),
    "a lost end of a bead": (lambda x: [s for i, s in enumerate(x) if i != last_bead(x)], "E_GATE_COMPENSATION"),
    "a truncated line": (lambda x: cut_line(x, 10), "E_GATE_MALFORMED"),
    "a line cut within its E": (lambda x: cut_line(x, -4), "E_GATE_BEAD"),
    "small letters": (lambda x: in_unit(x, "g4 p0"), "E_GATE_CASE"),
    "a small letter among great ones": (lambda x: before_units(x, "M104 s38"), "E_GATE_CASE"),
    "a garbled checksum": (lambda x: in_unit(x, "N7 G4 P0*1"), "E_GATE_MALFORMED"),
    "a checksum of no figures": (lambda x: in_unit(x, "N7 G4 P0*x"), "E_GATE_MALFORMED"),
    "a wrong long checksum": (lambda x: in_unit(x, "N3 T0*06938"), "E_GATE_MALFORMED"),
    "letters that only look great": (lambda x: in_unit(x, "M221 \u017f100"), "E_GATE_MALFORMED"),
    "a zero byte": (lambda x: in_unit(x, "G4 P0\0"), "E_GATE_MALFORMED"),
    "an endless line": (lambda x: in_unit(x, "G4 P0" + " " * 50_000 + "0" * 50_000), "E_GATE_LINE_LENGTH"),
    "an endless number": (lambda x: in_unit(x, "G1 X" + "9" * 400), "E_GATE_MALFORMED"),
    "a number beyond sense": (lambda x: in_unit(x, "G1 X99999999999"), "E_GATE_MALFORMED"),
    "infinity": (lambda x: in_unit(x, "G1 Xinf"), "E_GATE_MALFORMED"),
    "another plane": (lambda x: in_unit(x, "G18"), "E_GATE_PLANE"),
    "an arc in another plane": (lambda x: in_unit(x, "G19", "G2 X60 Y60 I1 J1"), "E_GATE_MALFORMED"),
    "an arc without a centre": (lambda x: in_unit(x, "G2 X60 Y60"), "E_GATE_MALFORMED"),
    "an arc with a centre and a radius": (lambda x: in_unit(x, "G2 X60 Y60 I1 J1 R2"), "E_GATE_MALFORMED"),
    "an arc too small for its ends": (lambda x: between_units(x, "G2 X30 Y190 R5"), "E_GATE_MALFORMED"),
    "an arc of two radii": (lambda x: between_units(x, "G2 X30.02 Y190 I10 J0"), "E_GATE_ARC_RADIUS"),
    "an arc by its radius": (lambda x: between_units(x, "G2 X30 Y190 R10"), "E_GATE_ARC_FORM"),
    "a whole circle": (lambda x: between_units(x, "G2 X10 Y190 I3 J0"), "E_GATE_ARC_FULL"),
    "an arc out of the build volume": (lambda x: between_units(x, "G2 X50 Y190 I20 J0"), "E_GATE_BUILD"),
    "a tool the printer has not": (lambda x: between_units(x, "T1"), "E_GATE_TOOL"),
    "the heat of a tool nobody uses": (lambda x: before_units(x, "M104 T1 S38"), "E_GATE_TOOL"),
    "relative E before a unit": (lambda x: between_units(x, "M83"), "E_GATE_E_RELATIVE"),
    "relative positions before a unit": (lambda x: between_units(x, "G91"), "E_GATE_RELATIVE"),
    "an acceleration of one axis": (lambda x: before_units(x, "M201 X9000"), "E_GATE_ACCEL"),
    "a retraction left out": (
        lambda x: [s for i, s in enumerate(x) if i != max(j for j, t in enumerate(x) if t.startswith("G1 E"))],
        "E_GATE_COMPENSATION",
    ),
    "a blob": (lambda x: in_unit(x, "G1 E9 F60", "G1 E0 F60"), "E_GATE_BLOB"),
    "ink between the units": (lambda x: between_units(x, "G92 E0", "G1 E0.1 F60"), "E_GATE_OUTSIDE_UNIT"),
    "ink laid from one place to the next": (
        lambda x: between_units(x, "G92 E0", "G1 X60 Y60 E0.1"),
        "E_GATE_OUTSIDE_UNIT",
    ),
    "a bead too thick": (lambda x: scaled_e(x, 1.6), "E_GATE_BEAD"),
    "a bead too thin": (lambda x: scaled_e(x, 0.5), "E_GATE_BEAD"),
    "a flow beyond the pressure limit": (lambda x: scaled_e(x, 12.0), "E_GATE_PRESSURE"),
    "a layer too high": (lambda x: swapped(x, "G1 Z4.400", "G1 Z4.300"), "E_GATE_LAYER"),
    "more prime than proven": (lambda x: before_units(x, "G92 E0", "G1 E2.5 F0.9"), "E_GATE_PRIME"),
    "a prime faster than the ink flows": (lambda x: before_units(x, "G92 E0", "G1 E0.1 F30"), "E_GATE_PRESSURE"),
    "more ink than the syringe holds": (lambda x: before_units(x, "G92 E0", "G1 E70 F0.9"), "E_GATE_CAPACITY"),
    "a unit heavier than validated": (lambda x: scaled_e(x, 4.0), "E_GATE_UNIT_MASS"),
    "a unit lighter than validated": (lambda x: scaled_e(x, 0.1), "E_GATE_UNIT_MASS"),
    "units on the wrong places": (lambda x: all_lines(x, " Y", " Y1"), "E_GATE_BUILD"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_gate_refuses(recipe, profile, made, fault):
    change, code = FAULTS[fault]
    lines = change(list(made.program.lines))
    assert lines != list(made.program.lines)
    report = check("\n".join(lines) + "\n", profile, recipe, VOLUME, 3)
    assert not report.ok
    assert code in codes(report)


def test_a_finding_names_its_line(recipe, profile, made):
    lines = before_units(list(made.program.lines), "M107")
    (finding,) = check("\n".join(lines) + "\n", profile, recipe, VOLUME, 3).findings
    assert finding.where == f"line {lines.index('M107') + 1}"
    assert lines.index("M107") + 1 == int(finding.reason.split(":")[0].removeprefix("Line "))


def test_line_numbers_checksums_and_comments_change_nothing(recipe, profile, made):
    plain = [f"N{i} {line}" for i, line in enumerate(made.program.lines) if line[0] != ";"]
    plain[3] = "(a remark) " + plain[3]
    dressed = [f"{line}*{reduce(xor, line.encode())} ; said" for line in plain]
    dressed[4] = f"{plain[4]} *{rrf_sum(plain[4] + ' '):05d}"
    text = "\r\n".join([*dressed[:3], "", "(nothing here)", *dressed[3:]])
    wide = replace(profile, link=replace(profile.link, payload_limit=200))
    report = check(text, wide, recipe, VOLUME, 3)
    assert report.findings == ()


def test_arcs_are_refused_where_the_firmware_has_none(recipe, profile, made):
    lines = between_units(list(made.program.lines), "G2 X30 Y190 I10 J0")
    allowed = replace(profile, allowed_words=(*profile.allowed_words, "G2"))
    text = "\n".join(lines)
    assert check(text, allowed, recipe, VOLUME, 3).ok
    assert codes(check(text, replace(allowed, has_arcs=False), recipe, VOLUME, 3)) == {"E_GATE_ARC"}


def test_units_out_of_order_are_refused(recipe, profile, made):
    swapped_units = made.program
    first, second = (list(swapped_units.unit(k).lines) for k in (1, 2))
    head = list(swapped_units.lines[: swapped_units.unit(1).first_line - 1])
    tail = list(swapped_units.lines[swapped_units.unit(2).last_line :])
    report = check("\n".join(head + second + first + tail) + "\n", profile, recipe, VOLUME, 3)
    assert "E_GATE_POSITION" in codes(report)


def test_a_unit_wider_than_its_place_is_refused(recipe, profile, made):
    tight = replace(profile, tray=replace(profile.tray, unit_space_mm=9.0))
    assert "E_GATE_UNIT_SPACE" in codes(check(made.program, tight, recipe, VOLUME, 3))


def test_a_bead_that_rises_while_it_is_laid_is_refused(recipe, profile, made):
    lines = list(made.program.lines)
    lines[last_bead(lines)] += ""
    spot = last_bead(lines) - 50
    lines[spot] = lines[spot].replace(" E", " Z4.805 E")
    assert "E_GATE_LAYER" in codes(check("\n".join(lines), profile, recipe, VOLUME, 3))


@pytest.mark.parametrize("target", [0.0, -5.0, math.nan, math.inf])
def test_a_target_that_is_no_volume_is_refused(profile, made, target):
    assert codes(check(made.program, profile, None, target)) == {"E_GATE_TARGET"}


def test_each_unit_can_have_a_target_of_its_own(recipe, profile, made):
    corrected = write_unit(made.toolpath, profile, made.program, 2, 1.02)
    assert check(corrected.text, profile, recipe, (VOLUME, VOLUME * 1.02, VOLUME), 3).ok
    assert codes(check(corrected.text, profile, recipe, VOLUME, 3)) == {"E_GATE_VOLUME"}
    assert codes(check(corrected.text, profile, recipe, (VOLUME, VOLUME), 3)) == {"E_GATE_TARGETS"}


@pytest.mark.parametrize("index", [1, 2, 3])
def test_a_corrected_unit_is_judged_alone(recipe, profile, made, index):
    corrected = write_unit(made.toolpath, profile, made.program, index, 0.98)
    assert check_unit(corrected, index, profile, recipe, VOLUME * 0.98).findings == ()
    assert codes(check_unit(corrected, index, profile, recipe, VOLUME)) == {"E_GATE_VOLUME"}


def test_a_printer_the_recipe_does_not_know_is_refused(recipe, profile, made):
    other = replace(profile, printer_class="fdm")
    assert codes(check(made.program, other, recipe, VOLUME, 3)) == {"E_GATE_PRINTER_CLASS"}


def test_a_plunger_too_coarse_for_the_smallest_unit_is_refused(recipe, profile, made):
    coarse = replace(profile, tool=replace(profile.tool, steps_per_mm=100.0))  # half a step is 0.72 % of 113.6 mm³
    assert codes(check(made.program, coarse, recipe, VOLUME, 3)) == {"E_GATE_STEP"}


def test_the_colder_end_of_the_proven_range_decides_the_pressure(recipe, profile, made):
    # 250 kPa at the target of 38 °C, below the limit of 260; 272 kPa at 35 °C
    stiff = replace(recipe, ink=replace(recipe.ink, consistency_pa_sn=Decimal(280)))
    assert codes(check(made.program, profile, stiff, VOLUME, 3)) == {"E_GATE_PRESSURE"}


def test_anybodys_file_is_judged_as_one_unit_with_a_warning(profile):
    area = profile.tool.feedstock_area_mm2
    text = "\n".join(
        [
            "G21",
            "G90",
            "M82",
            "M220 S100",
            "M221 S100",
            "G28",
            "M109 S40",
            "G92 E0",
            "G1 Z0.4 F600",
            "G1 X150 Y150 F600",
        ]
        + [f"G1 X{150 + i * 0.4:.2f} Y150 E{i * 0.001:.3f}" for i in range(1, 51)]
        + ["G92 E0", "G1 X160 Y160"]
        + [f"G1 X{160 + i * 0.4:.2f} Y160 E{i * 0.001:.3f}" for i in range(1, 51)]
    )
    report = check(text, profile, None, 0.1 * area, 1)
    assert report.ok
    assert codes(report) == {"W_GATE_NO_UNITS"}
    assert (report.units[0].first_line, report.units[0].last_line) == (1, 112)
    assert report.units[0].volume_mm3 == pytest.approx(0.1 * area)


def test_a_file_of_drops_has_units_without_beads(recipe, profile):
    drops = [
        "G21",
        "G90",
        "M82",
        "M220 S100",
        "M221 S100",
        "G28",
        "M109 S38",
        "G0 Z30 F1200",
        "G0 X60 Y60 F4000",
        "G0 Z2 F900",
    ]
    drops += ["G92 E0", "G1 E1.5 F10", "G0 Z30 F1200", "G92 E0"]
    report = check("\n".join(drops), profile, recipe, None, 1)
    assert codes(report) == {"E_GATE_COMPENSATION", "E_GATE_BLOB"}  # judged without beads, and refused as a blob
    assert report.units[0].volume_mm3 == pytest.approx(1.5 * profile.tool.feedstock_area_mm2)


def test_an_empty_file_is_refused_and_has_no_extent(profile):
    report = check("", profile)
    assert codes(report) == {"E_GATE_EMPTY"} | ({"E_GATE_MODAL"} & codes(report))
    assert report.bounds == {"min": [0.0, 0.0, 0.0], "max": [0.0, 0.0, 0.0]}
    assert duration_s(report, profile) == 0


def test_the_duration_counts_moves_and_dwells(profile):
    text = "G28\nG1 X10 F1200\nG4 P500\nG4 S2\n"
    report = check(text, profile)
    ramp = 20 / 1000  # 20 mm/s at 1000 mm/s²
    assert duration_s(report, profile) == pytest.approx(10 / 20 + ramp + 2.5, rel=1e-6)


def test_a_move_without_speed_takes_no_made_up_time(profile):
    assert duration_s(check("G28\nG1 X10\n", profile), profile) == 0


def test_slicer_files_that_reset_e_in_a_unit_keep_it_one_unit(profile):
    base = ["G21", "G90", "M82", "M220 S100", "M221 S100", "G28", "M109 S40", "G0 Z0.4 F600", "G0 X58 Y60"]
    layer = [f"G1 X{58 + i * 0.4:.1f} Y60 E{i * 0.001:.3f}" for i in range(1, 11)]
    text = "\n".join([*base, "G92 E0", *layer, "G0 Z0.8", "G0 X58", "G92 E0", *layer, "G0 Z30", "G92 E0"])
    report = check(text, profile, None, 0.02 * profile.tool.feedstock_area_mm2, 1)
    assert [(u.first_line, u.last_line) for u in report.units] == [(10, 34)]
    assert report.ok


@settings(deadline=None, max_examples=30)  # shared machines are slow
@given(st.text(alphabet="GMTXYZEFSIJRN0123456789.-+ ;*()\n", max_size=200))
def test_no_text_breaks_the_gate(profile, text):
    report = check(text, profile, None, 1.0)
    assert isinstance(report.ok, bool)
    assert np.isfinite(report.total_volume_mm3)


def test_a_remark_in_small_letters_is_no_small_letter(recipe, profile, made):
    allowed = replace(profile, allowed_words=(*profile.allowed_words, "M117"))
    lines = between_units(list(made.program.lines), "M117 unit 1 done", "M400 ; quiet")
    assert check("\n".join(lines), allowed, recipe, VOLUME, 3).findings == ()


def test_a_hundred_unreadable_lines_are_told_one_by_one_and_the_rest_together(profile):
    report = check("HELLO\n" * 250, profile)
    told = [finding for finding in report.findings if finding.code == "E_GATE_MALFORMED"]
    assert len(told) == 101
    assert told[-1].reason == "150 more lines cannot be read."


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda x: (*x[:900], *x[901:]), "E_GATE_DIGEST"),
        (lambda x: (*x[:900], x[900], x[900], *x[901:]), "E_GATE_DIGEST"),
        (lambda x: (*x, "; more"), "E_GATE_DIGEST"),
    ],
    ids=["a lost line", "a doubled line", "a line added"],
)
def test_a_program_that_is_not_what_its_digest_says_is_refused(recipe, profile, made, change, code):
    *before, last = made.program.segments
    unit = before[-1]
    changed = replace(made.program, segments=(*before[:-1], replace(unit, lines=change(unit.lines)), last))
    assert code in codes(check(changed, profile, recipe, VOLUME, 3))


def test_segments_that_are_not_what_the_reader_finds_are_refused(recipe, profile, made):
    unit = made.program.units[1]
    moved = replace(unit, first_line=unit.first_line + 1)
    segments = tuple(moved if segment is unit else segment for segment in made.program.segments)
    changed = replace(made.program, segments=segments)
    assert codes(check(changed, profile, recipe, VOLUME, 3)) == {"E_GATE_SEGMENTS"}


def test_a_flow_the_head_was_not_calibrated_at_is_refused(recipe, profile, made):
    head = replace(profile, tool=replace(profile.tool, flow_mm3_s=(1.0, 3.0)))
    assert codes(check(made.program, head, recipe, VOLUME, 3)) == {"E_GATE_FLOW"}
    wide = replace(profile, tool=replace(profile.tool, flow_mm3_s=(1.0, 12.0)))
    assert check(made.program, wide, recipe, VOLUME, 3).ok


def test_a_line_executed_twice_is_seen_in_straight_beads_too(recipe, profile):
    straight = replace(profile, has_arcs=False)
    lines = list(compose(recipe, straight, VOLUME, 3, HEADER).program.lines)
    doubled = inserted(lines, last_bead(lines), lines[last_bead(lines)])
    assert codes(check("\n".join(doubled), straight, recipe, VOLUME, 3)) == {"E_GATE_DOUBLED"}


def test_a_truncated_straight_line_leaves_its_unit(recipe, profile):
    straight = replace(profile, has_arcs=False)
    lines = cut_line(list(compose(recipe, straight, VOLUME, 3, HEADER).program.lines), 14)
    assert "E_GATE_OUTSIDE_UNIT" in codes(check("\n".join(lines), straight, recipe, VOLUME, 3))


def test_what_the_ink_needs_is_told_for_pressure_and_amount(recipe, profile, made):
    report = check(made.program, profile, recipe, VOLUME, 3)
    ((least, most),) = report.pressures_kpa
    flow = made.toolpath.flow_mm3_s
    expected = predicted_pressure_kpa(recipe.ink, recipe.nozzle, flow, 38.0)
    assert least <= expected * 1.001
    assert most == pytest.approx(expected, rel=0.02)  # E's last digit counts on short beads
    assert report.needed_mm3[0] == pytest.approx(3 * VOLUME + 120 - made.toolpath.compensation_mm3, rel=1e-3)
    assert report.part_volumes_mm3 == {1: pytest.approx(3 * VOLUME, rel=1e-4)}
    assert check(made.program, profile).pressures_kpa == ()


def test_a_recipe_s_file_that_lays_no_bead_needs_no_pressure(recipe, profile):
    assert check("G28\n", profile, recipe).pressures_kpa == ((0.0, 0.0),)


def test_every_objection_of_the_gate_is_seeded_by_its_own_code():
    rooms = Path(gate.__file__).parent, Path(__file__).parent
    given, seeded = (
        {code for file in room.glob("*.py") for code in re.findall(r"\bE_GATE_[A-Z_]+\b", file.read_text("utf-8"))}
        for room in rooms
    )
    assert given == seeded
    assert len(FAULTS) >= 40
    assert len({code for _, code in FAULTS.values()}) >= 40
