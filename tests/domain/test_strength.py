"""Strength, assay, loss on drying, basis and form of an ink lot."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from dosing_cases import DATA

from printcare.domain.checks import Finding
from printcare.domain.dose_case import InkEntry
from printcare.domain.strength import CONVERSIONS, EffectiveStrength, effective_strength, molar_mass, salt_factor

INK = InkEntry("40", "generic", "100", ("95", "105"), "12", "as_printed", ())

# g/mol as the dosing reference prints them.
MOLAR_MASSES = {
    "sildenafil citrate": "666.703",
    "sildenafil": "474.58",
    "cyclophosphamide monohydrate": "279.098",
    "cyclophosphamide anhydrous": "261.083",
    "hydrocortisone": "362.466",
    "hydrocortisone acetate": "404.503",
    "hydrocortisone hydrogen succinate": "462.539",
    "hydrocortisone sodium succinate": "484.521",
    "hydrocortisone sodium phosphate": "486.409",
    "minoxidil sulfate": "289.31",
    "minoxidil": "209.253",
    "levothyroxine sodium anhydrous": "798.854",
    "levothyroxine": "776.872",
    "propranolol hydrochloride": "295.807",
    "propranolol": "259.349",
    "prednisolone sodium phosphate": "484.393",
    "prednisolone": "360.45",
    "ondansetron hydrochloride dihydrate": "365.858",
    "ondansetron": "293.37",
}


def strength(correction: bool = True, **changes: object) -> EffectiveStrength:
    outcome = effective_strength(replace(INK, **changes), "generic", assay_correction=correction)
    assert isinstance(outcome, EffectiveStrength), outcome
    return outcome


def code(ordered: str | None = "generic", **changes: object) -> str:
    outcome = effective_strength(replace(INK, **changes), ordered, assay_correction=True)
    assert isinstance(outcome, Finding), outcome
    return outcome.code


@pytest.mark.parametrize(("form", "mass"), MOLAR_MASSES.items())
def test_molar_masses_follow_from_composition_and_atomic_weights(form, mass):
    assert molar_mass(form) == Fraction(mass)


@pytest.mark.parametrize("row", DATA["salt_factors"], ids=lambda row: row["ink_form"])
def test_salt_factors_agree_with_the_printed_ones(row):
    factor = salt_factor(row["ink_form"], row["ordered_form"])
    assert factor is not None
    assert abs(factor / Fraction(row["factor_mg_ink_form_per_mg_ordered"]) - 1) < Fraction(1, 10**7)
    assert (row["ink_form"], row["ordered_form"]) in CONVERSIONS


def test_the_reverse_of_a_known_pair_is_unknown():
    assert salt_factor("sildenafil", "sildenafil citrate") is None


def test_as_printed_the_loss_on_drying_does_not_touch_the_strength():
    assert strength().mg_per_g == 40


def test_on_the_dried_basis_the_printed_gram_holds_less():
    assert strength(strength_basis="dried").mg_per_g == Fraction("35.2")


def test_a_found_assay_corrects_the_strength_and_is_flagged():
    outcome = strength(assay_pct_of_label="96.4")
    assert outcome.mg_per_g == Fraction("38.56")
    assert [flag.code for flag in outcome.flags] == ["W_ASSAY_CORRECTED"]


def test_without_the_recipes_choice_the_assay_is_left_out_and_not_flagged():
    outcome = strength(correction=False, assay_pct_of_label="96.4")
    assert (outcome.mg_per_g, outcome.flags) == (40, ())


def test_without_the_recipes_choice_the_assay_must_still_be_within_its_limits():
    outcome = effective_strength(replace(INK, assay_pct_of_label="94"), "generic", assay_correction=False)
    assert isinstance(outcome, Finding)
    assert outcome.code == "E_ASSAY_OUT_OF_LIMITS"


def test_another_form_is_converted_by_mass_and_flagged():
    outcome = effective_strength(replace(INK, form="sildenafil citrate"), "sildenafil", assay_correction=True)
    assert isinstance(outcome, EffectiveStrength)
    assert outcome.mg_per_g == 40 * Fraction("474.58") / Fraction("666.703")
    assert [flag.code for flag in outcome.flags] == ["W_SALT_CONVERTED"]
    assert outcome.steps[0].formula == "666.703 ÷ 474.58"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"strength_mg_per_g": None}, "E_MISSING"),
        ({"strength_mg_per_g": "0"}, "E_STRENGTH_RANGE"),
        ({"strength_mg_per_g": "-1"}, "E_STRENGTH_RANGE"),
        ({"strength_mg_per_g": "1000.1"}, "E_STRENGTH_RANGE"),
        ({"assay_pct_of_label": None}, "E_MISSING"),
        ({"assay_limits_pct": None}, "E_ASSAY_OUT_OF_LIMITS"),
        ({"assay_limits_pct": ("95", None)}, "E_ASSAY_OUT_OF_LIMITS"),
        ({"assay_limits_pct": ("x", "105")}, "E_NUMBER_FORMAT"),
        ({"assay_limits_pct": ("95", "x")}, "E_NUMBER_FORMAT"),
        ({"assay_pct_of_label": "94.99"}, "E_ASSAY_OUT_OF_LIMITS"),
        ({"assay_pct_of_label": "105.01"}, "E_ASSAY_OUT_OF_LIMITS"),
        ({"lod_pct": None}, "E_MISSING"),
        ({"lod_pct": "100"}, "E_LOD_RANGE"),
        ({"lod_pct": "-0.1"}, "E_LOD_RANGE"),
        ({"strength_basis": None}, "E_STRENGTH_BASIS_MISSING"),
        ({"strength_basis": "wet"}, "E_STRENGTH_BASIS_MISSING"),
        ({"form": None}, "E_FORM_UNSPECIFIED"),
        ({"form": " "}, "E_FORM_UNSPECIFIED"),
        ({"form": "sildenafil citrate"}, "E_FORM_UNSPECIFIED"),
    ],
)
def test_a_lot_is_refused_for_what_it_lacks(changes, expected):
    assert code(**changes) == expected


@pytest.mark.parametrize("ordered", [None, "", " "])
def test_an_order_without_a_form_is_refused(ordered):
    assert code(ordered) == "E_FORM_UNSPECIFIED"


def test_two_forms_left_empty_are_not_the_same_form():
    assert code("", form="") == "E_FORM_UNSPECIFIED"


@pytest.mark.parametrize("assay", ["95", "105"])
def test_assay_limits_are_inclusive(assay):
    assert strength(assay_pct_of_label=assay).mg_per_g == 40 * Fraction(assay) / 100


def test_the_strongest_and_the_driest_are_inclusive():
    assert strength(strength_mg_per_g="1000", lod_pct="0").mg_per_g == 1000
