"""What a batch record calls actual was measured, and what a label counts was accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from printcare.domain.batch import Use
from printcare.formats.recipe import load_recipe
from printcare.workflow import documents
from printcare.workflow.batch_tables import parameters
from printcare.workflow.demonstration import PHARMACY

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


def test_a_label_counts_the_units_accepted_for_the_patient(monkeypatch):
    told = {}
    monkeypatch.setattr(documents, "LabelContent", lambda **fields: told.update(fields))
    recipe = SimpleNamespace(
        master=load_recipe("cyclophosphamide-sse"),
        parts=(OF_DRUG,),
        units_for_patient=7,
        verified=SimpleNamespace(units=SimpleNamespace(units_per_dose=1), doses_per_day=1),
    )
    units = [SimpleNamespace(use=use.value) for use in (*[Use.PATIENT] * 5, Use.RETAIN, Use.NONE)]
    content = SimpleNamespace(units=units, is_simulated=True, anchor=SimpleNamespace(size=1, paper="1 x"))
    planned, order = SimpleNamespace(id="B-1", recipe=recipe), SimpleNamespace(id="RX-1")
    documents._label(planned, order, replace(PHARMACY), content, datetime(2026, 3, 2, tzinfo=UTC))
    assert told["count"] == 5
