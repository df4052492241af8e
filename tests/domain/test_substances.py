"""Substances by name: never by likeness, never left out without a word."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.substances import allergy_findings, substance_name, unweighed_excipients


def found(allergy: str) -> list[str]:
    order = SimpleNamespace(allergies=(allergy,))
    return [finding.code for finding in allergy_findings(order, ("sildenafil", ""), ("lactose",))]


@pytest.mark.parametrize(
    ("allergy", "codes"),
    [
        ("Sildenafil", ["E_DRUG_CONTRAINDICATED"]),
        ("LACTOSE", []),  # the calculation itself refuses it
        ("lactose-free milk", ["W_ALLERGY_STATED"]),
        ("", ["W_ALLERGY_STATED"]),
    ],
)
def test_every_stated_allergy_stops_or_is_told_unless_the_calculation_stops(allergy: str, codes: list[str]) -> None:
    assert found(allergy) == codes


@given(st.text())
def test_a_normalised_name_stays_as_it_is(name: str) -> None:
    once = substance_name(name)
    assert substance_name(f"  {once} ") == substance_name(once)


@pytest.mark.parametrize(
    ("held", "stated", "codes"),
    [(("Sorbitol",), {}, ["W_EXCIPIENT_UNKNOWN"]), (("Sorbitol",), {"sorbitol": 1}, []), (("water",), {}, [])],
)
def test_an_excipient_with_a_limit_and_no_amount_is_told(held, stated, codes) -> None:
    assert [finding.code for finding in unweighed_excipients(held, stated, {"sorbitol": 5})] == codes
