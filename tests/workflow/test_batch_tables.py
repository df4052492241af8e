"""What a batch record calls actual was measured."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from printcare.formats.recipe import load_recipe
from printcare.workflow.paper.batch_tables import parameters, soaked_min

PART = load_recipe("cyclophosphamide-sse").parts[0]
OF_DRUG = SimpleNamespace(part=PART, dose_per_unit_mg=17, lot=SimpleNamespace(id="L", excipients=()))
STATE = {"reference_kpa": "130", "predicted_kpa": "128.5", "primed_mm3": "89.0"}


@pytest.fixture
def lines():
    return {line.name: line for line in parameters(OF_DRUG, STATE, [{"temperature_mean_c": "38.1"}])}


@pytest.mark.parametrize("name", ["Soak", "Print speed", "Layer height", "Dwell before weighing"])
def test_a_target_nobody_measured_is_never_told_as_actual(lines, name):
    assert (lines[name].actual, lines[name].verdict) == ("", "not measured")


@pytest.mark.parametrize(("name", "actual"), [("Cartridge temperature", "38.1"), ("Prime volume", "89")])
def test_what_was_measured_is_told_with_its_verdict(lines, name, actual):
    assert lines[name].actual == actual
    assert lines[name].verdict.startswith(("in ", "outside "))


def test_a_soak_that_was_timed_is_told_and_judged():
    lines = {line.name: line for line in parameters(OF_DRUG, STATE, [], (), Decimal("6.2"))}
    assert (lines["Soak"].actual, lines["Soak"].verdict) == ("6.2", "in NOR")


@pytest.mark.parametrize(("state", "told"), [({"soaked_s": "372"}, Decimal("6.2")), ({}, None)])
def test_the_soak_is_what_the_job_timed_and_not_the_clock_of_the_record(state, told):
    assert soaked_min(state) == told


def test_the_multiplier_farthest_from_one_is_the_one_that_is_told():
    made = parameters(OF_DRUG, STATE, [], (Decimal("1.01"), Decimal("0.98"), Decimal("1.005")))
    assert {line.name: line.actual for line in made}["Unit multiplier"] == "0.98"
