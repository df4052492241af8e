"""Uniformity verdicts against constructed vectors, and the traps the quality reference names."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from printcare.domain.uniformity import (
    acceptance_value,
    half_up,
    mass_limit_pct,
    mean,
    sample_sd,
    uniformity_of_dosage_units,
    uniformity_of_mass,
)

VECTORS = json.loads((Path(__file__).parents[1] / "data/uniformity-vectors.json").read_text("utf-8"))


def _decimals(texts: list[str]) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize("case", VECTORS["content_uniformity"], ids=lambda case: case["id"])
def test_the_acceptance_value_agrees_with_every_vector(case: dict[str, Any]) -> None:
    contents, expect = _decimals(case["contents_pct_of_label"]), case["expected"]
    value, reference, centre, spread = acceptance_value(contents, Decimal(case["T"]))
    assert half_up(value, "0.00001") == Decimal(expect["AV"])
    assert half_up(reference, "0.00001") == Decimal(expect["M"])
    assert half_up(centre, "0.00001") == Decimal(expect["mean"])
    assert half_up(spread, "0.00001") == Decimal(expect["sd"])


@pytest.mark.parametrize("case", VECTORS["content_uniformity"], ids=lambda case: case["id"])
def test_the_outcome_agrees_with_every_vector(case: dict[str, Any]) -> None:
    contents = _decimals(case["contents_pct_of_label"])
    verdict = uniformity_of_dosage_units(contents, is_mass_based=False, target_pct=Decimal(case["T"]))
    assert verdict.result == case["expected"]["AV_rounded"]
    assert verdict.outcome == case["expected"]["outcome"].replace("_", " ")


@pytest.mark.parametrize("case", VECTORS["mass_variation"], ids=lambda case: case["id"])
def test_mass_variation_agrees_with_every_vector(case: dict[str, Any]) -> None:
    masses = _decimals(case["masses_mg"])
    centre = mean(masses)
    contents = [mass * Decimal(case["assay_pct_of_label"]) / centre for mass in masses]
    value, *_ = acceptance_value(contents, Decimal(case["T"]))
    assert half_up(value, "0.00001") == Decimal(case["expected"]["AV"])


@pytest.mark.parametrize("case", VECTORS["uniformity_of_mass"], ids=lambda case: case["id"])
def test_uniformity_of_mass_agrees_with_every_vector(case: dict[str, Any]) -> None:
    expect = case["expected"]
    verdict = uniformity_of_mass(_decimals(case["masses_mg"]), case["form"])
    assert verdict.figures["limit_pct"].rstrip("0").rstrip(".") == expect["limit_pct"].rstrip("0").rstrip(".")
    assert verdict.figures["beyond_limit"] == str(expect["units_beyond_limit"])
    assert verdict.figures["beyond_twice"] == str(expect["units_beyond_twice_limit"])
    if len(case["masses_mg"]) == 20:
        assert verdict.outcome == expect["outcome"]


@pytest.mark.parametrize(
    ("mean_mg", "form", "limit_pct"),
    [
        ("80", "tablet", "10.0"),
        ("80.01", "tablet", "7.5"),
        ("249.99", "tablet", "7.5"),
        ("250", "tablet", "5.0"),
        ("299.9", "capsule", "10.0"),
        ("300", "capsule", "7.5"),
        ("2000", "suppository", "5.0"),
    ],
)
def test_the_class_follows_the_mean_at_its_edges(mean_mg: str, form: str, limit_pct: str) -> None:
    assert mass_limit_pct(Decimal(mean_mg), form) == Decimal(limit_pct)


def test_an_unknown_form_has_no_limit() -> None:
    with pytest.raises(KeyError):
        mass_limit_pct(Decimal(100), "film")


def test_ten_units_are_not_called_a_result_of_the_mass_chapter() -> None:
    verdict = uniformity_of_mass([Decimal(100)] * 10)
    assert "not a 2.9.5 result" in verdict.test
    assert verdict.outcome == "estimate only"


def test_a_single_unit_gives_no_uniformity_of_mass() -> None:
    assert uniformity_of_mass([Decimal(100)]).outcome == "not applicable"


def test_nine_units_give_no_acceptance_value() -> None:
    verdict = uniformity_of_dosage_units([Decimal(100)] * 9)
    assert (verdict.outcome, verdict.result) == ("not applicable", "")


def test_a_mass_based_estimate_never_passes_the_chapter() -> None:
    verdict = uniformity_of_dosage_units([Decimal(100)] * 10)
    assert verdict.outcome == "estimate only"
    assert "mass-based estimate" in verdict.test


def test_the_mean_and_spread_do_not_depend_on_the_callers_context() -> None:
    from decimal import localcontext

    values = _decimals(["1", "2", "4"])
    with localcontext() as context:
        context.prec = 3
        narrow = mean(values), sample_sd(values)
    assert narrow == (mean(values), sample_sd(values))


def test_a_form_without_a_class_has_no_verdict_of_the_chapter() -> None:
    verdict = uniformity_of_mass([Decimal(100)] * 20, "other")
    assert (verdict.outcome, "no class for the form other" in verdict.test) == ("not applicable", True)


def test_mass_bears_the_chapter_s_number_only_with_its_justification() -> None:
    contents = [Decimal(100)] * 10
    assert uniformity_of_dosage_units(contents).outcome == "estimate only"
    justified = uniformity_of_dosage_units(contents, justification="EV-9")
    assert (justified.test, justified.outcome) == ("Ph. Eur. 2.9.40, mass for content by EV-9", "passes")
    assert uniformity_of_dosage_units(contents, False).test == "Ph. Eur. 2.9.40"
    assert uniformity_of_dosage_units(contents[:9], False).test.startswith("contents of all units, n = 9")


def test_limits_a_monograph_changed_are_the_recipe_s() -> None:
    contents = [Decimal(90)] * 10  # AV 8.5
    assert uniformity_of_dosage_units(contents, False, l1=Decimal("8.4")).outcome == "go to stage 2"
