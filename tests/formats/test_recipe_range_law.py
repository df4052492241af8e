"""Ranges of a recipe nest: target in NOR in PAR in studied, and every break of it is told at its own key."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from printcare.domain.checks import Finding
from printcare.formats.recipe_process import EVERY_DRIVE, UNITS, read_parameters
from printcare.formats.tables import Table

NUMBERS = st.decimals(min_value=1, max_value=20, places=1)
PAIRS = st.tuples(NUMBERS, NUMBERS).map(lambda pair: [min(pair), max(pair)])
FINE = {"target": Decimal(1), "normal": [1, 1], "proven": [1, 1], "studied": [1, 1], "critical": False}
SYRINGE = (*EVERY_DRIVE, "cartridge_c", "prime_pressure_fraction", "retraction_mm3")


def problems(**changed):
    found: list[Finding] = []
    values = {name: FINE | {"unit": UNITS[name]} for name in SYRINGE}
    values["dwell_s"] |= changed
    read = read_parameters(Table(values, "parameters", found), "syringe", ("mass",))
    return read.dwell_s, {finding.where for finding in found}


@given(target=NUMBERS, normal=PAIRS, proven=PAIRS, studied=PAIRS)
def test_a_range_is_read_exactly_when_it_nests(target, normal, proven, studied):
    read, wheres = problems(target=target, normal=normal, proven=proven, studied=studied)
    broken = {
        "target": not normal[0] <= target <= normal[1],
        "normal": not proven[0] <= normal[0] <= normal[1] <= proven[1],
        "proven": not studied[0] <= proven[0] <= proven[1] <= studied[1],
    }
    assert wheres == {f"parameters.dwell_s.{key}" for key, is_broken in broken.items() if is_broken}
    assert (read.target, list(read.normal), list(read.proven), list(read.studied)) == (target, normal, proven, studied)


@settings(deadline=None)  # the first conversion loads pint
@given(seconds=PAIRS)
def test_another_unit_of_time_is_the_same_range(seconds):
    minutes = [Decimal(value) for value in seconds]
    ends = {"target": minutes[0], "normal": minutes, "proven": minutes, "studied": minutes}
    read, wheres = problems(unit="min", **ends)
    assert wheres == set()
    assert list(read.normal) == [value * 60 for value in minutes]
    assert read.unit == "s"


@given(is_critical=st.booleans(), affects=st.sampled_from([[], ["mass"], ["taste"]]), risk=st.sampled_from(["", "R-1"]))
def test_a_critical_parameter_is_tied_to_an_attribute_and_a_risk(is_critical, affects, risk):
    _, wheres = problems(critical=is_critical, affects=affects, risk=risk)
    is_tied = affects == ["mass"] and risk == "R-1"
    is_wrong = affects == ["taste"] or (is_critical and not is_tied)
    assert wheres == ({"parameters.dwell_s.affects"} if is_wrong else set())
