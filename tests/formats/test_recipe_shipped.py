"""Every shipped recipe passes its checks, has its lot, rule and page, and composes at both ends of its dose."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from printcare.domain.numbers import as_decimal
from printcare.domain.ordered_case import ink_entry
from printcare.domain.recipe import recipe_fits, unit_volume_mm3
from printcare.domain.strength import EffectiveStrength, effective_strength
from printcare.formats.dosing_rule import load_rules
from printcare.formats.find import data_file, ids
from printcare.formats.ink_lot import load_ink_lot
from printcare.formats.kinds import check_recipe_file
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe
from printcare.gcode.check import check
from printcare.gcode.compose import Composed, compose, compose_parts
from printcare.gcode.program import Header

RECIPES = ids("recipes")
PROFILES = {
    "sse-plunger-10ml": "marlin-syringe",
    "fdm-175": "marlin-filament",
    "sse-pneumatic-10ml": "marlin-pneumatic",
    "sse-two-plungers-10ml": "marlin-two-syringes",
}
ENDS = [
    (name, doses_mg)
    for name in RECIPES
    for doses_mg in product(*(part.unit_range.dose_mg for part in load_recipe(name).parts))
]
LOTS = [load_ink_lot(name.removeprefix("lot-"))[0] for name in ids("recipes/demonstration") if name.startswith("lot-")]
PAGES = Path(__file__).parents[2] / "docs" / "recipes"


def test_there_is_a_recipe_of_every_kind():
    recipes = [load_recipe(name) for name in RECIPES]
    assert {"syringe", "filament", "pneumatic"} == {recipe.ink.drive for recipe in recipes}
    assert {len(recipe.parts) for recipe in recipes} == {1, 2}
    assert any(recipe.platform for recipe in recipes)


@pytest.mark.parametrize("name", RECIPES)
def test_a_shipped_recipe_passes_every_check_and_is_marked(name):
    file, data = data_file("recipes", name)
    assert check_recipe_file(data, file) == ()
    recipe = load_recipe(name)
    assert recipe.id == name
    assert recipe.demonstration
    assert not recipe.research_only


@pytest.mark.parametrize(("name", "doses_mg"), ENDS)
def test_a_shipped_recipe_composes_at_both_ends_of_every_dose(name, doses_mg):
    recipe = load_recipe(name)
    profile = load_profile(PROFILES[recipe.printer_classes[0]])
    volumes_mm3 = tuple(
        unit_volume_mm3(dose_mg / part.ink.nominal_strength_mg_per_g * 1000, part.ink)
        for dose_mg, part in zip(doses_mg, recipe.parts, strict=True)
    )
    header = Header(name, "nominal", " and ".join(map(str, doses_mg)), for_patients=False)
    if recipe.further:
        composed = compose_parts(recipe, profile, volumes_mm3, 1, header)
    else:
        composed = compose(recipe, profile, volumes_mm3[0], 1, header)
    assert isinstance(composed, Composed), composed
    report = check(composed.program, profile, recipe, volumes_mm3, 1)
    assert report.ok, report.findings
    assert [unit.volume_mm3 for unit in report.units] == pytest.approx(volumes_mm3, rel=1e-4)


@pytest.mark.parametrize("name", RECIPES)
def test_every_ink_of_a_recipe_has_a_lot_of_its_form_and_strength(name):
    recipe = load_recipe(name)
    for part in recipe.parts:
        (lot,) = (lot for lot in LOTS if lot.ink_id == part.ink.ink_id)
        assert lot.form == part.ink.form
        found = effective_strength(ink_entry(lot), part.product.strength_form, assay_correction=True)
        assert isinstance(found, EffectiveStrength), found
        assert as_decimal(found.mg_per_g) == part.ink.nominal_strength_mg_per_g
    assert recipe_fits(recipe, next(lot for lot in LOTS if lot.ink_id == recipe.ink.ink_id)) == ()


@pytest.mark.parametrize("name", RECIPES)
def test_every_drug_of_a_recipe_has_a_dosing_rule(name):
    drugs = {rule.drug: rule.ordered_form for rule in load_rules()}
    for part in load_recipe(name).parts:
        assert drugs[part.product.inn] == part.product.strength_form


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_a_page_that_says_how_to_run_it(name):
    page = (PAGES / f"{name}.md").read_text("utf-8")
    assert f"--recipe {name} " in page
    assert "not for clinical use" in page.lower()


def test_amiodarone_is_made_at_the_published_strengths_and_masses():
    """25, 140 and 200 mg from a filament of 20 % w/w, 125, 700 and 1000 mg: Cailleaux et al., GERPAC 2020."""
    recipe = load_recipe("amiodarone-fdm")
    masses_mg = [dose / recipe.ink.nominal_strength_mg_per_g * 1000 for dose in map(Decimal, (25, 140, 200))]
    assert masses_mg == [125, 700, 1000]
    low_mg, high_mg = (limit * 1000 for limit in recipe.unit_range.wet_mass_g)
    assert all(low_mg <= mass_mg <= high_mg for mass_mg in masses_mg)
    assert recipe.unit_range.dose_mg == (25, 200)


def test_minoxidil_capsules_hold_a_tenth_to_half_a_gram_from_both_inks():
    for name in ("minoxidil-capsule-low", "minoxidil-capsule-high"):
        recipe = load_recipe(name)
        assert [dose / recipe.ink.nominal_strength_mg_per_g for dose in recipe.unit_range.dose_mg] == [
            Decimal("0.1"),
            Decimal("0.5"),
        ]
