"""When mass may stand for content, and what a figure derived from it may be called."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from printcare.domain.mass_for_content import ESTIMATE, mass_for_content
from printcare.domain.quality_plan import Evidence
from printcare.domain.recipe import MasterRecipe
from printcare.formats.recipe import load_recipe


def _recipe(reference: str = "", form: str = "tablet") -> MasterRecipe:
    recipe = load_recipe("cyclophosphamide-sse")
    acceptance = replace(recipe.acceptance, mass_for_content=reference, form=form)
    return replace(recipe, acceptance=acceptance, evidence=(Evidence("EV-9", "validation", "RSD 1.1 %"),))


def test_most_printed_units_are_below_the_threshold() -> None:
    found = mass_for_content(_recipe(), Decimal(5), Decimal(200))
    assert (found.is_allowed, found.wording) == (False, ESTIMATE)


def test_25_mg_and_25_percent_allow_it_but_only_evidence_names_the_chapter() -> None:
    assert mass_for_content(_recipe(), Decimal(25), Decimal(100)).is_allowed
    assert mass_for_content(_recipe(), Decimal(25), Decimal(100)).wording == ESTIMATE
    assert not mass_for_content(_recipe(), Decimal(25), Decimal(101)).is_allowed
    assert not mass_for_content(_recipe(), Decimal("24.9"), Decimal(50)).is_allowed
    assert not mass_for_content(_recipe(form="other"), Decimal(25), Decimal(100)).is_allowed


def test_the_recipe_s_evidence_allows_it_below_the_threshold() -> None:
    found = mass_for_content(_recipe("EV-9"), Decimal(5), Decimal(200))
    assert (found.is_allowed, found.wording) == (True, "mass for content by EV-9")


def test_evidence_the_recipe_does_not_hold_justifies_nothing() -> None:
    assert not mass_for_content(_recipe("EV-1"), Decimal(5), Decimal(200)).is_allowed
