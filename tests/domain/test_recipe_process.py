"""What a recipe says of its process, by itself: ranges, parts, finishing, and what may not be released."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.domain.finishing import FinishingStep, finishing_told
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH
from printcare.domain.process import Range
from printcare.domain.recipe import only_for_research
from printcare.formats.recipe import load_recipe

SYRINGE, FILAMENT, TWO = (
    load_recipe(name)
    for name in ("cyclophosphamide-sse", "hydrocortisone-fdm", "spironolactone-hydrochlorothiazide-sse")
)
FOUR, SIX, TEN, TWELVE = map(Decimal, (4, 6, 10, 12))


@pytest.mark.parametrize(
    ("normal", "reaches"),
    [((SIX, TEN), False), ((FOUR, TEN), True), ((SIX, TWELVE), True), ((FOUR, TWELVE), True)],
)
def test_a_range_knows_whether_its_nor_leaves_room_to_its_par(normal, reaches):
    assert Range("mm/s", Decimal(8), normal, (FOUR, TWELVE)).reaches_its_edge is reaches


def test_a_process_tells_only_the_parameters_it_has():
    syringe, filament = (dict(recipe.parameters.every()) for recipe in (SYRINGE, FILAMENT))
    assert "nozzle_c" not in syringe
    assert filament["nozzle_c"].unit == "degC"
    assert "set_pressure_kpa" not in syringe | filament


def test_a_filament_is_heated_in_its_nozzle_and_has_no_pressure():
    assert FILAMENT.parameters.cartridge_c is FILAMENT.parameters.nozzle_c
    assert not FILAMENT.ink.predicts_pressure
    assert not FILAMENT.limits.watches_pressure
    assert SYRINGE.ink.predicts_pressure
    assert SYRINGE.limits.watches_pressure


def test_the_parts_of_a_unit_come_in_the_order_they_are_printed():
    assert [(part.tool, part.product.inn) for part in TWO.parts] == [(0, "spironolactone"), (1, "hydrochlorothiazide")]
    assert [part.ink for part in SYRINGE.parts] == [SYRINGE.ink]


def test_finishing_is_told_in_its_order():
    steps = (FinishingStep("dry", "Dry 12 h."), FinishingStep("pack", "Pack."))
    assert finishing_told(steps) == "Dry 12 h. Pack."


@pytest.mark.parametrize(("policy", "codes"), [(LOCKED, ["E_RESEARCH_ONLY"]), (REHEARSAL, []), (RESEARCH, [])])
def test_a_recipe_for_research_is_never_printed_where_it_could_be_released(policy, codes):
    assert [finding.code for finding in only_for_research(replace(TWO, research_only=True), policy)] == codes
    assert only_for_research(TWO, policy) == ()
