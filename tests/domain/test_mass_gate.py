"""The mass gate against the worked examples of the dosing and process references."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.gate import GateOutcome, MassGate, Weighing, mass_gate

BALANCE = Weighing(Decimal("0.5"), Decimal("0.1"), Decimal("0.3"), Decimal("0.1"))


def _gate(target: str = "300", limit: str = "5", u_assay: str = "1.0", u_homogeneity: str = "0.5") -> MassGate:
    return mass_gate(Decimal(target), Decimal(limit), Decimal(u_assay), Decimal(u_homogeneity), BALANCE)


def test_the_worked_example_has_its_published_limits() -> None:
    gate = _gate()
    low, high = gate.accepted_mg
    assert gate.gate_pct == Decimal("3.1")
    assert gate.gate_mg == Decimal("9.3")
    assert round(gate.expanded_mg, 2) == Decimal("1.55")
    assert (round(low, 2), round(high, 2)) == (Decimal("292.25"), Decimal("307.75"))


def test_the_gate_without_assay_terms_is_the_guard_band_vector() -> None:
    balance = Weighing(Decimal("0.5"), Decimal(0), Decimal(0), Decimal("0.1"))
    gate = mass_gate(Decimal(300), Decimal(5), Decimal(0), Decimal(0), balance)
    low, high = gate.accepted_mg
    assert round(low, 5) == Decimal("286.41421")
    assert round(high, 5) == Decimal("313.58579")


@pytest.mark.parametrize(
    ("limit", "u", "pct"),
    [("10", "1.0", "8.3"), ("10", "1.5", "7.5"), ("10", "2.0", "6.7"), ("5", "1.0", "3.3"), ("5", "1.5", "2.5")],
)
def test_gates_are_rounded_down_to_a_tenth_of_a_per_cent(limit: str, u: str, pct: str) -> None:
    assert _gate(limit=limit, u_assay=u, u_homogeneity="0").gate_pct == Decimal(pct)


@pytest.mark.hazard("HZ-06")
@pytest.mark.parametrize(
    ("mass", "outcome"),
    [
        ("300", GateOutcome.ACCEPT),
        ("307.75", GateOutcome.ACCEPT),
        ("308.5", GateOutcome.INDETERMINATE),
        ("310.84", GateOutcome.INDETERMINATE),
        ("310.86", GateOutcome.REJECT),
        ("289.14", GateOutcome.REJECT),
        ("292.25", GateOutcome.ACCEPT),
    ],
)
def test_a_unit_is_accepted_weighed_again_or_rejected(mass: str, outcome: GateOutcome) -> None:
    assert _gate().judge(Decimal(mass)) is outcome


def test_a_balance_as_coarse_as_the_gate_is_unfit() -> None:
    coarse = Weighing(Decimal(5), Decimal(0), Decimal(0), Decimal(1))
    assert not mass_gate(Decimal(100), Decimal(5), Decimal(1), Decimal(0), coarse).is_usable
    assert _gate().is_usable


@pytest.mark.parametrize(("s", "d", "least"), [("0.15", "0.1", "300"), ("0.03", "0.1", "82"), ("0.05", "0.1", "100")])
def test_the_minimum_weight_follows_the_repeatability_or_the_readability(s: str, d: str, least: str) -> None:
    assert Weighing(Decimal(s), Decimal(0), Decimal(0), Decimal(d)).minimum_weight_mg == Decimal(least)


@given(st.decimals("-20", "20", places=3))
def test_the_gate_is_symmetric(deviation: Decimal) -> None:
    gate = _gate()
    assert gate.judge(gate.target_mg + deviation) is gate.judge(gate.target_mg - deviation)


def test_a_balance_is_fit_only_where_the_limit_is_four_times_its_uncertainty():
    fit, unfit = (mass_gate(Decimal(m), Decimal(5), Decimal(0), Decimal(0), BALANCE) for m in ("124", "123"))
    assert fit.limit_mg >= 4 * fit.expanded_mg
    assert (fit.is_usable, unfit.is_usable) == (True, False)
    assert unfit.gate_mg > unfit.expanded_mg
