"""A batch is judged by its own recipe, its laboratory results and its ink."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from ink_house import House, open_house

from printcare.control.plan import JobPlan
from printcare.domain.gate import MassGate, Weighing
from printcare.domain.people import SYSTEM
from printcare.domain.plain import state_of
from printcare.domain.policy import LOCKED, RESEARCH
from printcare.domain.quality_plan import Evidence
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.program import Header
from printcare.workflow.batch.judged import drugs_of, ink_stops, rejects_max_of, with_hopes
from printcare.workflow.batch.program import PartTarget, gate_for, plan_job

STATE = {
    "recipe": "R/1", "outcome": "completed", "cartridge": "K-1", "target_mass_mg": "425", "primed_mm3": "100",
    "lot": "L", "strength_mg_per_g": "40", "dose_per_unit_mg": "17",
    "parts": [{"number": 1, "drug": "drug", "tool": 0, "cartridge": "K-1"}],
}  # fmt: skip
HEADER = Header("R 1", "lot L", "17", True)
BALANCE = Weighing(Decimal("0.1"), Decimal("0.1"), Decimal("0.3"), Decimal("0.1"))
GATE = gate_for(load_recipe("cyclophosphamide-sse"), Decimal(425), BALANCE)
assert isinstance(GATE, MassGate)
TARGET = PartTarget(Decimal(425), GATE, "K-1", Decimal(10))
UNITS = [{"status": "accepted", "mass_mg": "425"}] * 9 + [{"status": "unprinted", "mass_mg": None}]


@pytest.fixture
def house(tmp_path: Any, cheap_passwords: None) -> Any:
    """Return a record that holds a recipe whose evidence lets mass stand for content."""
    made = open_house(tmp_path)
    recipe = load_recipe("cyclophosphamide-sse")
    acceptance = replace(recipe.acceptance, mass_for_content="EV-9", form="capsule")
    recipe = replace(recipe, acceptance=acceptance, evidence=(Evidence("EV-9", "validation", "RSD 1.1 %"),))
    with made.records.transaction(SYSTEM) as tx:
        row = {"recipe_id": "R", "status": "effective", "content": state_of(recipe)}
        tx.record("recipe.written", "recipe_version", "R/1", row)
    yield made
    made.records.close()


def _booked(house: House, grams: str, state: dict[str, Any] = STATE) -> list[str]:
    ledger = [{"mass_g": grams, "batch_id": "B-1"}, {"mass_g": "-9", "batch_id": "B-2"}]
    with house.records.transaction(SYSTEM) as tx:
        tx.record("cartridge.booked", "cartridge", "K-1", {"ink_lot": "L", "status": "used", "ledger": ledger})
    return [finding.code for finding in ink_stops(house.records, "B-1", state, UNITS)]


def test_ink_that_left_the_cartridge_is_found_again_or_blocks(house: House) -> None:
    density = Decimal(str(load_recipe("cyclophosphamide-sse").ink.density_mg_mm3))
    whole_g = (9 * Decimal(425) + 100 * density) / 1000
    assert _booked(house, f"-{whole_g}") == []
    assert _booked(house, f"-{whole_g * Decimal('1.3')}") == ["E_INK_RECONCILIATION"]
    assert _booked(house, f"-{whole_g * Decimal('0.8')}") == ["E_INK_RECONCILIATION"]


def test_what_was_purged_after_an_alarm_is_found_again_as_well(house: House) -> None:
    density = Decimal(str(load_recipe("cyclophosphamide-sse").ink.density_mg_mm3))
    with_purge_g = (9 * Decimal(425) + (100 + 900) * density) / 1000
    purged = STATE | {"parts": [{"number": 1, "drug": "drug", "tool": 0, "cartridge": "K-1", "purged_mm3": "900"}]}
    assert _booked(house, f"-{with_purge_g}", purged) == []
    assert _booked(house, f"-{with_purge_g}") == ["E_INK_RECONCILIATION"]


def test_of_a_batch_that_was_not_completed_or_has_no_recipe_the_ink_says_nothing(house: House) -> None:
    assert ink_stops(house.records, "B-1", STATE | {"outcome": "interrupted"}, UNITS) == ()
    assert ink_stops(house.records, "B-1", STATE | {"recipe": "none/1"}, UNITS) == ()


def test_the_recipe_says_how_its_units_are_judged(house: House) -> None:
    drug = drugs_of(house.records, "B-1", STATE)[0]
    assert (drug.form, drug.justification, str(drug.l1)) == ("capsule", "EV-9", "15.0")
    assert drugs_of(house.records, "B-1", STATE | {"recipe": "none/1"})[0].justification == ""


def test_rejects_count_only_where_the_mode_ends_a_batch_at_them(house: House) -> None:
    assert rejects_max_of(house.records, STATE, LOCKED) == 3
    assert rejects_max_of(house.records, STATE, RESEARCH) is None


@pytest.mark.parametrize("outcome", ["completed", "interrupted"])
def test_masses_below_the_minimum_weight_are_called_a_check_and_nothing_more(house: House, outcome: str) -> None:
    parts = [STATE["parts"][0] | {"weighing_is": "in-process check"}]
    state = STATE | {"parts": parts, "minimum_weight_mg": "500", "outcome": outcome}
    told = ink_stops(house.records, "B-1", state, [])
    assert told[0].code == "W_BELOW_MINIMUM_WEIGHT"
    assert "in-process check and nothing more" in told[0].reason
    assert not told[0].blocks


def test_a_job_is_told_by_what_its_batch_will_be_judged_and_in_research_nothing(house: House) -> None:
    made = plan_job(
        "B-1", load_recipe("cyclophosphamide-sse"), [TARGET], 2, load_profile("marlin-syringe"), LOCKED, HEADER
    )
    assert isinstance(made, JobPlan)
    with house.records.transaction(SYSTEM) as tx:
        tx.record("sample.drawn", "job", "B-1", {"seed": 1, "order": [2, 1]})
    told = with_hopes(house.records, STATE, made)
    (hopes,) = told.hopes
    assert (told.drawn, hopes.rejects_max, hopes.form) == ((2, 1), 3, "capsule")
    assert hopes.content_pct_per_mg * 425 == 100  # 425 mg of 40 mg/g hold the label's 17 mg
    assert with_hopes(house.records, STATE, replace(made, policy=RESEARCH)).hopes == ()
