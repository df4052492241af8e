"""A case file read as a hostile one: shape first, all problems at once, numbers as the texts they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.dose_case import DoseCase, InfantRuleEntry, Quantity
from printcare.formats.dose_case import MAX_CASE_BYTES, read_dose_case

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "data" / "dosing-cases.json").read_text("utf-8"))["e2e"]
}


def text(case_id: str = "V01", **parts: object) -> str:
    case = CASES[case_id]
    return json.dumps({name: case[name] | parts.get(name, {}) for name in ("patient", "order", "ink", "recipe")})


def case(source: str) -> DoseCase:
    found = read_dose_case(source.encode())
    assert isinstance(found, DoseCase), found
    return found


def objections(source: str | bytes) -> list[tuple[str, str]]:
    found = read_dose_case(source if isinstance(source, bytes) else source.encode())
    assert isinstance(found, tuple), found
    assert all(finding.blocks and finding.reason and finding.remedy for finding in found)
    return sorted((finding.code, finding.where) for finding in found)


@pytest.mark.parametrize("case_id", CASES)
def test_every_worked_case_is_read(case_id):
    assert isinstance(read_dose_case(json.dumps(CASES[case_id]).encode()), DoseCase)


def test_entries_arrive_as_written():
    found = case(text())
    assert found.patient.weight == Quantity("16.0", "kg")
    assert found.order.infant_rule == InfantRuleEntry("10", None, "30")
    assert found.ink.assay_limits_pct == ("95", "105")
    assert found.recipe.max_units_per_dose == "4"


def test_a_json_number_keeps_its_digits():
    found = case(text().replace('"16.0"', "16.00").replace('"102"', "1.02e2"))
    assert found.patient.weight == Quantity("16.00", "kg")
    assert found.patient.height == Quantity("1.02e2", "cm")  # the door refuses the exponent


def test_a_micro_sign_is_evened_out_at_the_boundary():
    for sign in ("\u00b5g", "\u03bcg"):
        assert case(text(order={"amount": {"value": "25", "unit": sign}})).order.amount == Quantity("25", "ug")


def test_excipient_names_are_evened_out():
    found = case(text(patient={"contraindicated_excipients": [" Lactose  Monohydrate "]}))
    assert found.patient.contraindicated_excipients == ("lactose monohydrate",)


def test_the_assay_is_corrected_unless_the_recipe_chose_otherwise():
    assert case(text()).recipe.assay_correction is True
    assert case(text(recipe={"assay_correction": False})).recipe.assay_correction is False


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_refuses_the_file(constant):
    assert objections(text().replace('"16.0"', constant)) == [("E_NOT_FINITE", "")]


@pytest.mark.parametrize(
    "source",
    [b"", b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"[1]", b'"x"', b"null", b"[" * 100_000, b"{'a': 1}"],
    ids=["empty", "cut", "utf-16", "mark", "list", "text", "null", "deep", "quotes"],
)
def test_what_is_no_json_object_is_refused(source):
    assert objections(source) == [("E_CASE_JSON", "")]


def test_a_key_that_stands_twice_is_refused():
    doubled = text().replace('"value": "16.0"', '"value": "16.0", "value": "61.0"')
    assert objections(doubled) == [("E_CASE_DUPLICATE_KEY", "value")]


def test_a_file_too_large_is_refused():
    assert objections(b" " * (MAX_CASE_BYTES + 1)) == [("E_CASE_SIZE", "")]


def test_missing_parts_are_all_told():
    assert [pair for pair in objections("{}") if pair[0] == "E_MISSING"] == [
        ("E_MISSING", "ink"),
        ("E_MISSING", "order"),
        ("E_MISSING", "patient"),
        ("E_MISSING", "recipe"),
    ]


def test_all_wrong_types_are_told_with_their_paths():
    wrong = text(
        patient={"weight": "16 kg", "age_years": True, "contraindicated_excipients": "lactose"},
        order={"bands": [7], "rounding": []},
        ink={"assay_limits_pct": ["95"], "excipients": [{}]},
        recipe={"assay_correction": "yes", "unit_wet_mass_g": 1},
    )
    assert objections(wrong) == [
        ("E_CASE_TYPE", "ink.assay_limits_pct"),
        ("E_CASE_TYPE", "ink.excipients[0]"),
        ("E_CASE_TYPE", "order.bands[0]"),
        ("E_CASE_TYPE", "order.rounding"),
        ("E_CASE_TYPE", "patient.age_years"),
        ("E_CASE_TYPE", "patient.contraindicated_excipients"),
        ("E_CASE_TYPE", "patient.weight"),
        ("E_CASE_TYPE", "recipe.assay_correction"),
        ("E_CASE_TYPE", "recipe.unit_wet_mass_g"),
    ]


def test_a_misspelt_key_is_not_taken_for_absent():
    assert objections(text(order={"reduction_pc": "25"})) == [("E_CASE_KEY", "order.reduction_pc")]


def test_other_keys_beside_the_four_parts_are_ignored():
    assert read_dose_case(json.dumps(CASES["V01"] | {"site": {"anything": 1}}).encode()) == case(text())


@pytest.mark.parametrize("rule", ["None", 30, ["none"]])
def test_an_infant_rule_is_an_object_or_exactly_none(rule):
    assert objections(text(order={"infant_rule": rule})) == [("E_CASE_TYPE", "order.infant_rule")]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(received):
    assert isinstance(read_dose_case(received), DoseCase | tuple)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["patient", "order", "ink", "recipe"]), st.data())
def test_no_value_in_any_place_breaks_the_reader(part, data):
    parts = json.loads(text())
    key = data.draw(st.sampled_from(sorted(parts[part])))
    parts[part][key] = data.draw(JSON)
    assert isinstance(read_dose_case(json.dumps(parts).encode()), DoseCase | tuple)
