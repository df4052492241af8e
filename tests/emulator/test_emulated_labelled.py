"""The bench holds a recipe's inks: what is on the label, and no more uneven than their qualification says."""

from __future__ import annotations

import pytest

from printcare.emulator.labelled import truths_of
from printcare.formats.profile import load_profile
from printcare.formats.recipe import load_recipe


def held(recipe: str, profile: str):
    return truths_of(load_recipe(recipe), load_profile(profile))[0]


def test_an_ink_behind_air_scatters_in_mass_by_what_its_recipe_is_qualified_for():
    recipe, truth = load_recipe("melatonin-blister"), held("melatonin-blister", "marlin-pneumatic")
    mass_sd_pct = 100 * truth.inhomogeneity / truth.n  # Q ~ K^(-1/n), process.md §0.2
    assert mass_sd_pct == pytest.approx(float(recipe.limits.detectors.unit_mass_sd_pct))


def test_a_plunger_s_ink_wanders_as_the_reference_says():
    assert held("cyclophosphamide-sse", "marlin-syringe").inhomogeneity == 0.02


def test_the_hub_above_the_needle_is_the_recipe_s():
    nozzle, channel = load_recipe("cyclophosphamide-sse").nozzle, held("cyclophosphamide-sse", "marlin-syringe").channel
    assert (channel.cone_top_mm, channel.cone_half_deg) == (float(nozzle.cone.wide_mm), 20.0)
