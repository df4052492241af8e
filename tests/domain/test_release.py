"""What the figures of a printed batch allow, and what no figure allows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.domain.batch import Unit, UnitState, Use
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH, Policy
from printcare.domain.release import ReleaseDecision, assess, draw_sample


def _units(count: int, mass_mg: str = "425") -> list[Unit]:
    return [Unit(k, f"A{k}", UnitState.ACCEPTED, Use.PATIENT, Decimal(mass_mg)) for k in range(1, count + 1)]


def _assess(
    units: list[Unit],
    policy: Policy = LOCKED,
    *,
    is_simulated: bool = False,
    is_complete: bool = True,
    deviations: int = 0,
) -> ReleaseDecision:
    return assess(
        units,
        len(units),
        draw_sample(len(units), seed=7),
        Decimal(40),
        Decimal(17),
        policy,
        deviations,
        is_simulated=is_simulated,
        is_complete=is_complete,
    )


def test_a_sound_batch_of_locked_mode_may_be_released() -> None:
    assert _assess(_units(10)).may_be == ("released", "rejected")


@pytest.mark.hazard("HZ-09")
@pytest.mark.parametrize("policy", [LOCKED, REHEARSAL, RESEARCH])
def test_a_simulated_batch_is_never_released(policy: Policy) -> None:
    assert "released" not in _assess(_units(10), policy, is_simulated=True).may_be
    assert "rehearsed" in _assess(_units(10), policy, is_simulated=True).may_be


@pytest.mark.hazard("HZ-09")
def test_research_output_is_never_released() -> None:
    assert _assess(_units(10), RESEARCH).may_be == ("rehearsed", "rejected")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_complete": False}, "E_BATCH_INCOMPLETE"),
        ({"deviations": 1}, "E_DEVIATION_OPEN"),
    ],
)
def test_what_stands_open_blocks_everything_but_rejection(change: dict[str, object], code: str) -> None:
    decision = _assess(_units(10), **change)  # type: ignore[arg-type]
    assert decision.may_be == ("rejected",)
    assert code in [finding.code for finding in decision.findings]


def test_an_acceptance_value_beyond_the_limit_blocks() -> None:
    units = [replace(unit, mass_mg=Decimal(425 + 40 * (-1) ** unit.index)) for unit in _units(10)]
    decision = _assess(units)
    assert decision.may_be == ("rejected",)
    assert decision.findings[0].code == "E_UNIFORMITY"


def test_contents_are_reckoned_with_the_assayed_strength() -> None:
    # 425 mg at 40 mg/g hold 17 mg: 100 % of label, no spread, AV 0.
    assert _assess(_units(10)).acceptance_value == "0.0"
    # at 38.56 mg/g the same masses hold 96.4 %: AV = 98.5 − 96.4 = 2.1
    decision = assess(
        _units(10), 10, range(1, 11), Decimal("38.56"), Decimal(17), LOCKED, 0, is_simulated=False, is_complete=True
    )
    assert decision.acceptance_value == "2.1"


def test_rejected_units_are_replaced_by_the_substitutes_drawn_beforehand() -> None:
    units = _units(12)
    drawn = draw_sample(12, seed=3)
    units[drawn[0] - 1] = replace(units[drawn[0] - 1], state=UnitState.REJECTED, use=Use.NONE)
    decision = assess(units, 12, drawn, Decimal(40), Decimal(17), LOCKED, 0, is_simulated=False, is_complete=True)
    assert decision.sample == drawn[1:11]


def test_too_few_accepted_units_give_a_warning_and_no_value() -> None:
    decision = _assess(_units(8))
    assert decision.acceptance_value is None
    assert [finding.code for finding in decision.findings] == ["W_NO_ACCEPTANCE_VALUE"]
    assert "released" in decision.may_be


def test_the_same_seed_draws_the_same_sample_of_every_unit_once() -> None:
    assert draw_sample(30, seed=5) == draw_sample(30, seed=5)
    assert sorted(draw_sample(30, seed=5)) == list(range(1, 31))


def test_twenty_units_that_fail_uniformity_of_mass_are_not_released() -> None:
    # Three of twenty lie 8 % from the mean of 425 mg, where the class allows 5 % for at most two.
    masses = [Decimal(425)] * 17 + [Decimal(459), Decimal(459), Decimal(391)]
    units = [replace(unit, mass_mg=mass) for unit, mass in zip(_units(20), masses, strict=True)]
    decision = _assess(units)
    assert decision.mass.outcome == "fails"
    assert decision.may_be == ("rejected",)
