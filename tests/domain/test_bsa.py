"""Body surface area against independent vectors, and against the wrong formulas that circulate."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal
from fractions import Fraction

import pytest
from dosing_cases import DATA
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.bsa import FORMULAS, body_surface_area_m2, cross_check_key, objection_to, written
from printcare.domain.checks import Finding

VECTORS = [(vector, key) for vector in DATA["bsa_vectors"] for key in vector["bsa_m2"]]
WEIGHTS = st.fractions(min_value=Fraction(1), max_value=Fraction(150), max_denominator=1000)
HEIGHTS = st.fractions(min_value=Fraction(40), max_value=Fraction(200), max_denominator=1000)
MONOTONE = [key for key in FORMULAS if key != "livingston_lee"]  # it steps down at 10 kg


def area(key: str, weight: str, height: str | None, sex: str | None = None) -> Fraction:
    return body_surface_area_m2(key, Fraction(weight), None if height is None else Fraction(height), sex)


@pytest.mark.parametrize(("vector", "key"), VECTORS, ids=[f"{vector['id']}-{key}" for vector, key in VECTORS])
def test_every_formula_agrees_with_its_vector_to_fifteen_digits(vector, key):
    found = area(key, vector["weight_kg"], vector["height_cm"], vector["sex"])
    assert abs(found / Fraction(vector["bsa_m2"][key]) - 1) < Fraction(1, 10**15)


@pytest.mark.parametrize("row", DATA["boyd_weight_only_table"], ids=lambda row: row["weight_kg"])
def test_the_weight_only_table_is_computed_not_copied(row):
    found = area("boyd_weight_only", row["weight_kg"], None)
    assert abs(found / Fraction(row["bsa_m2"]) - 1) < Fraction(1, 10**13)


def test_the_table_of_formulas_is_the_references():
    for key, stated in DATA["bsa_formulas"].items():
        formula = FORMULAS[key]
        assert (formula.allowed_under_18y, formula.needs_height) == (
            stated["allowed_under_18y"],
            stated["needs_height"],
        )
    assert FORMULAS.keys() == DATA["bsa_formulas"].keys()


@pytest.mark.parametrize(("weight", "height", "expected"), [("36", "100", 1), ("80", "180", 2), ("4", "100", "1/3")])
def test_a_rational_mosteller_area_is_exact(weight, height, expected):
    # Kills 0.016667 for 1/60, which no tolerance would.
    assert area("mosteller", weight, height) == Fraction(expected)


def test_an_independent_package_agrees_for_an_adult():
    # clinPK (R, MIT): 80 kg, 180 cm, to three decimals.
    found = {key: round(area(key, "80", "180"), 3) for key in ("mosteller", "du_bois", "haycock", "gehan_george")}
    expected = {"mosteller": "2", "du_bois": "1.996", "haycock": "2.007", "gehan_george": "2.009"}
    assert found == {key: Fraction(text) for key, text in expected.items()}


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("du_bois", lambda w, h: 0.0087184 * w**0.425 * h**0.725),
        ("mosteller", lambda w, h: (h / 100 * w / 3600) ** 0.5),
        ("mosteller", lambda w, h: (h * w) ** 0.5 * 0.016667),
        ("boyd_kg", lambda w, h: 0.03330 * w ** (0.7285 - 0.0188 * math.log(w)) * h**0.3),
        ("boyd_g", lambda w, h: 0.0003207 * h**0.3 * w ** (0.7285 - 0.0188 * math.log10(w))),
    ],
    ids=["du-bois-coefficient", "height-in-metres", "rounded-sixtieth", "natural-log", "gram-form-fed-kg"],
)
def test_the_wrong_formulas_in_circulation_give_another_area(key, wrong):
    right = float(area(key, "16", "102"))
    assert abs(wrong(16, 102) / right - 1) > 1e-6
    vector = next(vector for vector in DATA["bsa_vectors"] if vector["id"] == "S03")
    assert right == pytest.approx(float(vector["bsa_m2"][key]), rel=1e-12)


def test_schlich_tells_the_sexes_apart():
    # Ernährungs Umschau 2010;57:178-83, worked with a desk calculator for 150 kg and 165 cm.
    assert float(area("schlich", "150", "165", "F")) == pytest.approx(0.000975482 * 150**0.46 * 165**1.08, rel=1e-12)
    assert float(area("schlich", "150", "165", "M")) == pytest.approx(0.000579479 * 150**0.38 * 165**1.24, rel=1e-12)


def test_livingston_lee_has_its_infant_branch_strictly_below_ten_kilograms():
    assert float(area("livingston_lee", "10", None)) == pytest.approx(0.1173 * 10**0.6466, rel=1e-12)
    assert float(area("livingston_lee", "9.999", None)) == pytest.approx(0.1037 * 9.999**0.6724, rel=1e-12)


@given(weight=WEIGHTS, height=HEIGHTS, more=st.fractions(min_value=Fraction(1, 100), max_value=20, max_denominator=100))
@pytest.mark.parametrize("key", MONOTONE)
def test_a_heavier_or_taller_patient_never_has_less_surface(key, weight, height, more):
    here = body_surface_area_m2(key, weight, height, "F")
    assert body_surface_area_m2(key, weight + more, height, "F") > here
    assert body_surface_area_m2(key, weight, height + more, "F") >= here


@pytest.mark.parametrize("key", FORMULAS)
def test_the_area_does_not_depend_on_a_decimal_context_set_elsewhere(key):
    calm = area(key, "16.3", "101.7", "F")
    hostile = decimal.Context(prec=3, rounding=decimal.ROUND_UP, Emax=10, Emin=-10, traps=[decimal.Inexact])
    with decimal.localcontext(hostile):
        assert area(key, "16.3", "101.7", "F") == calm


@pytest.mark.parametrize("key", FORMULAS)
def test_the_written_formula_is_redoable_by_hand(key):
    text = written(key, Fraction(16), Fraction(102), "F").replace("log10 16000", str(Decimal(16000).log10()))
    text = text.replace("log10 16", str(Decimal(16).log10())).replace("√", "").replace("−", "-")
    by_hand = eval(text.replace("×", "*").replace("÷", "/").replace("^", "**"), {"__builtins__": {}})
    if key == "mosteller":
        by_hand **= 0.5
    assert by_hand == pytest.approx(float(area(key, "16", "102", "F")), rel=1e-12)


def test_a_weight_only_formula_is_written_without_a_height():
    assert written("costeff", Fraction(16), None) == "(4 × 16 + 7) ÷ (16 + 90)"


@pytest.mark.parametrize("key", [key for key, formula in FORMULAS.items() if not formula.allowed_under_18y])
def test_adult_formulas_are_refused_below_eighteen(key):
    finding = objection_to(key, Fraction("17.999"), "F", "f")
    assert isinstance(finding, Finding)
    assert finding.code == "E_FORMULA_NOT_ALLOWED_FOR_AGE"
    assert objection_to(key, Fraction(18), "F", "f") is None


@pytest.mark.parametrize("sex", [None, "X", "f"])
def test_schlich_needs_the_sex(sex):
    finding = objection_to("schlich", Fraction(54), sex, "f")
    assert isinstance(finding, Finding)
    assert finding.code == "E_SEX_REQUIRED"


def test_the_cross_check_is_always_another_formula():
    assert all(cross_check_key(key, has_height) != key for key in FORMULAS for has_height in (True, False))


def test_the_cross_check_without_a_height_needs_none():
    assert {cross_check_key("costeff", False), cross_check_key("boyd_weight_only", False)} == {
        "boyd_weight_only",
        "costeff",
    }
