"""Step modes, bands, the cap after rounding, the tolerance."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from dosing_cases import DATA
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.checks import Finding
from printcare.domain.dose_case import RoundingEntry
from printcare.domain.rounding import (
    BAND_TABLES,
    STEP_MODES,
    BandTable,
    RoundedDose,
    Rounding,
    read_rounding,
    round_dose,
)

BANDS = BAND_TABLES["band_5_40"]
DOSES = st.fractions(min_value=Fraction(5), max_value=Fraction(44), max_denominator=10_000)


def rounded(
    dose: str, mode: str, step: str | None = None, tolerance: str | None = None, limit: str | None = None
) -> RoundedDose:
    rule = read_rounding(RoundingEntry(mode, step, tolerance))
    assert isinstance(rule, Rounding)
    outcome = round_dose(Fraction(dose), rule, None if limit is None else Fraction(limit))
    assert isinstance(outcome, RoundedDose), outcome
    return outcome


def code(outcome: object) -> str:
    assert isinstance(outcome, Finding), outcome
    return outcome.code


@pytest.mark.parametrize(
    ("mode", "dose", "step", "expected"),
    [
        # 0.35 mg/kg × 7.0 kg and 0.29 × 25.0 kg: in binary floats both fall to the lower step.
        ("nearest_half_up", "2.45", "0.1", "2.5"),
        ("nearest_half_up", "7.25", "0.5", "7.5"),
        ("nearest_half_even", "7.25", "0.5", "7"),
        ("nearest_half_even", "7.75", "0.5", "8"),
        ("nearest_half_even", "7.3", "0.5", "7.5"),
        ("down", "7.49", "0.5", "7"),
        ("up", "7.01", "0.5", "7.5"),
        ("up", "7.5", "0.5", "7.5"),
        ("none", "7.013", None, "7.013"),
    ],
)
def test_each_mode_rounds_decimally(mode, dose, step, expected):
    assert rounded(dose, mode, step).dose_mg == Fraction(expected)


@pytest.mark.parametrize(("mode", "expected"), [("nearest_half_up", 7), ("down", 7), ("nearest_half_even", 7)])
def test_a_dose_a_hair_below_a_tie_or_a_step_is_below_it(mode, expected):
    # The hair is lost in a binary float.
    hair = Fraction(1, 10**20)
    dose_mg = Fraction(8) - hair if mode == "down" else Fraction("7.5") - hair
    outcome = round_dose(dose_mg, Rounding(mode, Fraction(1), None), None)
    assert isinstance(outcome, RoundedDose)
    assert outcome.dose_mg == expected


def test_edges_follow_the_geometric_mean_of_their_neighbours():
    # Second source for the stored edges: √(a·b), half-up to two decimals.
    bands = [float(band) for band in BANDS.bands_mg]
    rule = [int((low * high) ** 0.5 * 100 + 0.5) / 100 for low, high in itertools.pairwise(bands)]
    assert [float(edge) for edge in BANDS.from_mg] == rule
    assert [str(band) for band in DATA["bands_5_40_mg"]] == [
        str(float(band)).removesuffix(".0") for band in BANDS.bands_mg
    ]


@pytest.mark.parametrize("edge", range(len(BANDS.from_mg)))
def test_an_exact_edge_goes_up_and_just_below_stays_down(edge):
    at, band, below = BANDS.from_mg[edge], BANDS.bands_mg[edge + 1], BANDS.bands_mg[edge]
    assert (BANDS.band_for(at), BANDS.band_for(at - Fraction(1, 10**9))) == (band, below)


def test_beyond_the_table_the_outer_bands_apply():
    assert (BANDS.band_for(Fraction(1)), BANDS.band_for(Fraction(100))) == (Fraction("4.8"), Fraction(44))


def test_a_published_table_is_carried_with_its_irregular_edge():
    published = DATA["dose_banding_nhs_1mgml"]
    rows = published["rows"]
    table = BandTable(
        "nhs",
        published["source"],
        tuple(Fraction(row["band_mg"]) for row in rows),
        tuple(Fraction(row["from_ge"]) for row in rows[1:]),
    )
    assert [table.band_for(Fraction(probe["calc_mg"])) for probe in published["probes"]] == [
        Fraction(probe["band_mg"]) for probe in published["probes"]
    ]
    assert table.band_for(Fraction("3.79")) == Fraction("3.6")


def test_a_banded_dose_is_flagged():
    assert [flag.code for flag in rounded("16.8", "band_5_40").flags] == ["W_BANDED"]


def test_rounding_past_the_limit_goes_down_to_the_highest_step_below_it():
    outcome = rounded("14.8", "nearest_half_up", "1", limit="14.9")
    assert outcome.dose_mg == 14
    assert [flag.code for flag in outcome.flags] == ["W_ROUNDED_DOWN_TO_CAP"]


def test_rounding_onto_the_limit_is_no_cap_event():
    assert rounded("14.8", "nearest_half_up", "1", limit="15").flags == ()


def test_banding_past_the_limit_takes_the_next_lower_band():
    outcome = rounded("15.6", "band_5_40", limit="15.7")
    assert outcome.dose_mg == 15
    assert [flag.code for flag in outcome.flags] == ["W_BANDED", "W_ROUNDED_DOWN_TO_CAP"]


def test_no_band_under_the_limit_is_refused():
    outcome = round_dose(Fraction(5), Rounding("band_5_40", Fraction(0), None), Fraction("4.7"))
    assert code(outcome) == "E_ROUNDING_TOLERANCE"


def test_a_dose_rounded_away_is_refused_even_without_a_tolerance():
    assert code(round_dose(Fraction("0.4"), Rounding("down", Fraction(1), None), None)) == "E_ROUNDING_TOLERANCE"


@pytest.mark.parametrize(("dose", "ok"), [("10", True), ("9.99", False)])
def test_equality_with_the_tolerance_passes(dose, ok):
    # 10 → 10.5 is exactly +5 %.
    rule = Rounding("up", Fraction("10.5"), Fraction(5))
    assert isinstance(round_dose(Fraction(dose), rule, None), RoundedDose) is ok


def test_no_rounding_has_no_tolerance_test():
    assert rounded("7.013", "none", tolerance="0").deviation_pct == 0


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (None, "E_MISSING"),
        (RoundingEntry(None), "E_MISSING"),
        (RoundingEntry("nearest"), "E_ROUNDING_MODE"),
        (RoundingEntry("down"), "E_MISSING"),
        (RoundingEntry("down", "0"), "E_NON_POSITIVE"),
        (RoundingEntry("down", "0.5", "x"), "E_NUMBER_FORMAT"),
        (RoundingEntry("down", "0.5", "-1"), "E_NON_POSITIVE"),
    ],
)
def test_an_incomplete_rule_is_refused(entry, expected):
    assert code(read_rounding(entry)) == expected


@given(dose=DOSES, step=st.sampled_from(["0.1", "0.25", "0.5", "1"]), mode=st.sampled_from(list(STEP_MODES)))
def test_a_rounded_dose_is_a_multiple_of_the_step_and_less_than_a_step_away(dose, step, mode):
    outcome = round_dose(dose, Rounding(mode, Fraction(step), None), None)
    assert isinstance(outcome, RoundedDose)
    assert (outcome.dose_mg / Fraction(step)).denominator == 1
    assert abs(outcome.dose_mg - dose) < Fraction(step)


@given(dose=DOSES, more=st.fractions(min_value=0, max_value=5, max_denominator=1000))
@pytest.mark.parametrize("mode", [*STEP_MODES, *BAND_TABLES])
def test_more_dose_never_rounds_to_less(mode, dose, more):
    rule = Rounding(mode, Fraction(1, 2), None)
    low, high = round_dose(dose, rule, None), round_dose(dose + more, rule, None)
    assert isinstance(low, RoundedDose)
    assert isinstance(high, RoundedDose)
    assert high.dose_mg >= low.dose_mg


@given(dose=DOSES, limit=DOSES)
@pytest.mark.parametrize("mode", [*STEP_MODES, *BAND_TABLES])
def test_no_rounded_dose_passes_its_limit(mode, dose, limit):
    outcome = round_dose(dose, Rounding(mode, Fraction(1, 2), None), limit)
    assert isinstance(outcome, RoundedDose)
    assert outcome.dose_mg <= limit
