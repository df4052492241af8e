"""The table of faults and how specs are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.emulator.effects import MODELLED
from printcare.emulator.faults import FAULTS, FOREVER, fault_table, parse_fault
from printcare.errors import PrintcareError


def test_the_example_specs_of_the_contract_are_read():
    fault = parse_fault("partial-clog@volume:220:0.7")
    assert (fault.kind.name, fault.trigger, fault.at, fault.value) == ("partial-clog", "volume", 220.0, 0.7)
    for spec in ("clog@unit:3", "air@unit:2", "corrupt@rate:0.01", "lost-ok@line:412", "reset@t:60"):
        assert parse_fault(spec).spec == spec
    assert parse_fault("balance-drift@unit:2:0.8").value == 0.8
    assert parse_fault("mute@t:5").value == FOREVER


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("clogg@unit:1", "FAULT_UNKNOWN"),
        ("clog", "FAULT_TRIGGER"),
        ("clog@rate:0.1", "FAULT_TRIGGER"),
        ("clog@unit:0", "FAULT_TRIGGER"),
        ("clog@unit:1.5", "FAULT_TRIGGER"),
        ("corrupt@rate:2", "FAULT_TRIGGER"),
        ("clog@unit:x", "FAULT_VALUE"),
        ("clog@unit:1:3", "FAULT_VALUE"),
        ("partial-clog@unit:1:3", "FAULT_VALUE"),
        ("leak@t:nan", "FAULT_VALUE"),
        ("replug@t:1", "FAULT_NOT_MODELLED"),
        ("clog@unit:1:1:1", "FAULT_TRIGGER"),
    ],
)
def test_a_wrong_spec_is_refused_with_the_legal_forms(spec, code):
    with pytest.raises(PrintcareError) as refusal:
        parse_fault(spec)
    assert refusal.value.code == code
    assert refusal.value.remedy


@given(st.text(max_size=30))
def test_any_text_is_a_fault_or_a_refusal(text):
    try:
        outcome = parse_fault(text).kind.name
    except PrintcareError as refusal:
        outcome = refusal.code
    assert outcome in FAULTS or outcome.startswith("FAULT_")


def test_every_listed_fault_is_modelled_or_says_that_it_is_not():
    assert {name for name, kind in FAULTS.items() if kind.is_modelled} == MODELLED
    assert "replug" in fault_table()
    assert "not modelled yet" in next(line for line in fault_table().splitlines() if line.startswith("replug"))


def test_the_table_is_the_reference_table():
    wanted = {}
    for line in (Path(__file__).parent / "fault_table.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            wanted[cells[0].strip("`")] = tuple(re.split(r",\s*", cells[1].split(" (")[0]))
    assert {name: kind.triggers for name, kind in FAULTS.items()} == wanted
