"""What the figures of a printed batch allow, and what no figure allows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from printcare.domain.batch import Unit, UnitState, Use
from printcare.domain.checks import error
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH, Policy
from printcare.domain.release import LabelledDrug, ReleaseDecision, assess, draw_sample


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
        [LabelledDrug("first", Decimal(40), Decimal(17))],
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
    drugs = [LabelledDrug("first", Decimal("38.56"), Decimal(17))]
    decision = assess(_units(10), 10, range(1, 11), drugs, LOCKED, 0, is_simulated=False, is_complete=True)
    assert decision.acceptance_value == "2.1"


def test_rejected_units_are_replaced_by_the_substitutes_drawn_beforehand() -> None:
    units = _units(12)
    drawn = draw_sample(12, seed=3)
    units[drawn[0] - 1] = replace(units[drawn[0] - 1], state=UnitState.REJECTED, use=Use.NONE)
    drugs = [LabelledDrug("first", Decimal(40), Decimal(17))]
    decision = assess(units, 12, drawn, drugs, LOCKED, 0, is_simulated=False, is_complete=True)
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
    assert decision.drugs[0].mass.outcome == "fails"
    assert decision.may_be == ("rejected",)


TWO = [LabelledDrug("first", Decimal(50), Decimal(10)), LabelledDrug("second", Decimal(50), Decimal(10))]


def _of_two(second_mg: list[str]) -> ReleaseDecision:
    units = [
        replace(unit, mass_mg=Decimal(200), further_mg=(Decimal(mass),))
        for unit, mass in zip(_units(len(second_mg)), second_mg, strict=True)
    ]
    return assess(units, len(units), range(1, 11), TWO, LOCKED, 0, is_simulated=False, is_complete=True)


def test_every_drug_of_a_unit_has_an_acceptance_value_of_its_own_and_the_worst_is_told() -> None:
    # 192 mg at 50 mg/g hold 9.6 mg of 10 mg, 96 %: AV = 98.5 − 96 = 2.5; the first drug is at 100 %, AV 0.
    decision = _of_two(["192"] * 10)
    assert [(verdict.drug, verdict.dosage_units.result) for verdict in decision.drugs] == [
        ("first", "0.0"),
        ("second", "2.5"),
    ]
    assert decision.acceptance_value == "2.5"
    assert decision.may_be == ("released", "rejected")


def test_one_drug_that_is_not_uniform_fails_the_batch_and_is_named() -> None:
    decision = _of_two([str(200 + 30 * (-1) ** place) for place in range(10)])
    assert decision.may_be == ("rejected",)
    assert {finding.reason.partition(":")[0] for finding in decision.findings} == {"second"}


def test_a_unit_that_was_weighed_of_one_drug_only_is_in_no_sample() -> None:
    units = [replace(unit, further_mg=(Decimal(200) if unit.index > 1 else None,)) for unit in _units(11)]
    decision = assess(units, 11, range(1, 12), TWO, LOCKED, 0, is_simulated=False, is_complete=True)
    assert decision.sample == tuple(range(2, 12))


ONE = LabelledDrug("first", Decimal(40), Decimal(17))


def _judged(units: list[Unit], drug: LabelledDrug = ONE, **more: object) -> ReleaseDecision:
    order = draw_sample(len(units), seed=7)
    flags = {"is_simulated": False, "is_complete": True} | more
    return assess(units, len(units), order, [drug], LOCKED, 0, **flags)  # type: ignore[arg-type]


def test_more_rejects_than_the_recipe_allows_reject_the_batch() -> None:
    units = [replace(unit, state=UnitState.REJECTED, use=Use.NONE) if unit.index < 4 else unit for unit in _units(14)]
    assert "released" in _judged(units, rejects_max=3).may_be
    decision = _judged(units, rejects_max=2)
    assert decision.may_be == ("rejected",)
    assert "E_REJECTS" in [finding.code for finding in decision.findings]


def test_what_the_laboratory_or_the_ledger_found_blocks() -> None:
    found = error("E_INVESTIGATION_OPEN", "one is open", "close it")
    assert _judged(_units(10), further=[found]).may_be == ("rejected",)


def test_the_figures_of_all_printed_units_stand_beside_the_accepted_ones() -> None:
    units = _units(11)
    units[0] = replace(units[0], state=UnitState.REJECTED, use=Use.NONE, mass_mg=Decimal(500))
    drug = _judged(units).drugs[0]
    assert drug.every_unit.test == "all printed units, n = 11, not a 2.9.5 result"
    assert (drug.every_unit.outcome, drug.mass.count) == ("estimate only", 10)
    assert drug.every_unit.figures["largest_pct"] != drug.mass.figures["largest_pct"]
    assert _judged([]).drugs[0].every_unit.outcome == "not applicable"


def test_uniformity_of_mass_is_judged_on_twenty_units_of_the_drawn_order() -> None:
    decision = _judged(_units(24))
    assert (decision.drugs[0].mass.test, decision.drugs[0].mass.outcome) == ("Ph. Eur. 2.9.5", "passes")


def test_thirty_weighed_units_answer_what_ten_left_open() -> None:
    spread = [Decimal(425) + (40 if index in draw_sample(30, seed=7)[:10] else 0) for index in range(1, 31)]
    units = [
        replace(unit, mass_mg=mass - (80 if unit.index % 2 and mass > 425 else 0))
        for unit, mass in zip(_units(30), spread, strict=True)
    ]
    verdict = _judged(units, replace(ONE, form="other")).drugs[0].dosage_units
    assert (verdict.count, verdict.outcome) == (30, "estimate only")


def test_content_results_are_judged_by_2_9_6() -> None:
    low = replace(ONE, contents=(Decimal(80), *[Decimal(100)] * 8, Decimal(120)))
    assert _judged(_units(10), low).may_be == ("rejected",)
    good = _judged(_units(10), replace(ONE, contents=(Decimal(100),) * 10))
    assert "released" in good.may_be
    assert good.drugs[0].content is not None
    assert good.drugs[0].content.test == "Ph. Eur. 2.9.6 test A"


def test_a_campaign_of_hundreds_is_judged_by_2_9_47() -> None:
    large = _judged(_units(385)).drugs[0].large
    assert large is not None
    assert large.test == "mass-based estimate after Ph. Eur. 2.9.47 alternative 1, parametric"
