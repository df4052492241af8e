"""The table of faults and how specs are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from emulated_tables import DOCUMENT, between, tables
from emulated_work import hot
from hypothesis import given
from hypothesis import strategies as st

from printcare.emulator.bench import Bench
from printcare.emulator.effects import MODELLED
from printcare.emulator.faults import FAULTS, FOREVER, fault_table, parse_fault
from printcare.emulator.link import KINDS
from printcare.errors import PrintcareError
from printcare.formats.profile import load_profile


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


def test_every_listed_fault_is_modelled():
    assert set(FAULTS) == MODELLED


def test_every_fault_of_the_reference_table_is_there_with_its_triggers():
    wanted = {}
    for line in (Path(__file__).parent / "fault_table.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            wanted[cells[0].strip("`")] = tuple(re.split(r",\s*", cells[1].split(" (")[0]))
    assert {name: FAULTS[name].triggers for name in wanted} == wanted


def test_documents_and_command_line_show_the_one_table():
    text = DOCUMENT.read_text(encoding="utf-8")
    for place, table in tables().items():
        first, last = between(text, place)
        assert text[first:last] == table, "run tests/emulator/emulated_tables.py"
    assert all(name in fault_table() for name in FAULTS)


@pytest.mark.parametrize("profile_id", ["marlin-syringe", "marlin-pneumatic", "marlin-filament"])
def test_each_fault_strikes_early_in_the_middle_and_late_or_is_refused_for_the_drive(profile_id):
    profile = load_profile(profile_id)
    for kind in FAULTS.values():
        spec = f"{kind.name}@{kind.triggers[0]}:1"
        if profile.tool.kind not in kind.drives:
            with pytest.raises(PrintcareError, match="means nothing"):
                Bench(profile, faults=[spec])
            continue
        if kind.name in KINDS:
            continue  # serial faults strike lines; test_emulated_wire_faults
        for share in (0.1, 0.5, 0.9):
            trigger = f"t:{share * 3:g}" if "t" in kind.triggers else f"unit:{1 + int(share * 3)}"
            bench = struck(profile, f"{kind.name}@{trigger}")
            assert [noted for _, noted, _ in bench.noted if noted == kind.name], (kind.name, trigger)


def struck(profile, spec: str) -> Bench:
    """Return a bench after three units of a second each, with one fault."""
    bench = hot(Bench(profile, faults=[spec]), 180.0 if profile.tool.kind == "filament" else 38.0)
    bench.advance(2.0)
    for unit in range(3):
        bench._aim.begin(unit)
        bench.advance(3.0 + unit)
    bench.advance(bench.now_s + 1.0)
    return bench
