"""The door: what is a number, what is a quantity, and how numbers are written."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from dosing_cases import DATA
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.checks import Finding
from printcare.domain.numbers import (
    DOSE_UNITS_MG,
    HEIGHT_UNITS_CM,
    MAX_NUMBER_LENGTH,
    WEIGHT_UNITS_KG,
    as_decimal,
    normalised_unit,
    plain,
    read_count,
    read_limit,
    read_number,
    read_positive,
    read_quantity,
    rounded_half_up,
    shown,
)

pytestmark = pytest.mark.hazard("HZ-02")


def code(outcome: object) -> str:
    assert isinstance(outcome, Finding), outcome
    assert outcome.blocks
    assert outcome.reason
    assert outcome.remedy
    return outcome.code


@pytest.mark.parametrize(
    ("text", "number"),
    [("16", 16), ("16.0", 16), ("-3.5", Fraction(-7, 2)), ("0.625", Fraction(5, 8)), ("007", 7), ("1.000", 1)],
)
def test_plain_decimals_are_read_exactly(text, number):
    assert read_number(text, "x") == number


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "5,5", "1,000", "1 000", "5·5", "+5", ".5", "5.", "1e3", "1E3", "½", "−5", "5 ", " 5", "5\n"),
        *("٣", "５", "1_000", "0x10", "5\u00a0000", "5\u20090", "--5", "1.2.3", "five", "1/2"),
    ],
)
def test_what_is_not_plainly_a_number_is_refused(text):
    assert code(read_number(text, "x")) == "E_NUMBER_FORMAT"


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "+inf", "-INF", "Infinity", "-infinity"])
def test_what_is_not_finite_is_refused_as_such(text):
    assert code(read_number(text, "x")) == "E_NOT_FINITE"


def test_an_absent_number_is_missing():
    assert code(read_number(None, "x")) == "E_MISSING"


def test_a_text_longer_than_any_measurement_is_refused():
    assert read_number("1" * MAX_NUMBER_LENGTH, "x") == Fraction("1" * MAX_NUMBER_LENGTH)
    assert code(read_number("1" * (MAX_NUMBER_LENGTH + 1), "x")) == "E_NUMBER_FORMAT"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, None, "E_MISSING"),
        ("nan", None, "E_NOT_FINITE"),
        ("5,5", None, "E_NUMBER_FORMAT"),
        ("-5", None, "E_UNIT_MISSING"),
        ("-5", "", "E_UNIT_MISSING"),
        ("-5", "KG", "E_UNIT_UNKNOWN"),
        ("-5", "kg", "E_NON_POSITIVE"),
        ("0", "kg", "E_NON_POSITIVE"),
    ],
)
def test_the_door_objects_in_the_references_order(value, unit, expected):
    assert code(read_quantity(value, unit, WEIGHT_UNITS_KG, "weight")) == expected


@pytest.mark.parametrize(
    ("value", "unit", "units", "base"),
    [
        ("1", "kg", WEIGHT_UNITS_KG, Fraction(1)),
        ("16000", "g", WEIGHT_UNITS_KG, Fraction(16)),
        ("100", "lb", WEIGHT_UNITS_KG, Fraction("45.359237")),
        ("102", "cm", HEIGHT_UNITS_CM, Fraction(102)),
        ("1.02", "m", HEIGHT_UNITS_CM, Fraction(102)),
        ("1020", "mm", HEIGHT_UNITS_CM, Fraction(102)),
        ("40", "in", HEIGHT_UNITS_CM, Fraction("101.6")),
        ("0.017", "g", DOSE_UNITS_MG, Fraction(17)),
        ("17000", "ug", DOSE_UNITS_MG, Fraction(17)),
        ("17000", "mcg", DOSE_UNITS_MG, Fraction(17)),
        ("17000000", "ng", DOSE_UNITS_MG, Fraction(17)),
    ],
)
def test_units_convert_exactly(value, unit, units, base):
    assert read_quantity(value, unit, units, "x") == base


@pytest.mark.parametrize("unit", ["MG", "Mg", "mL", "IU", "mg/kg", "µg", "kg", " mg", "mg "])
def test_a_dose_unit_outside_the_closed_table_is_refused(unit):
    assert code(read_quantity("5", unit, DOSE_UNITS_MG, "amount")) == "E_UNIT_UNKNOWN"


@pytest.mark.parametrize("trap", DATA["unit_text_traps"], ids=lambda trap: trap["text"])
def test_texts_that_unit_libraries_misread_never_become_a_dose(trap):
    value, _, unit = trap["text"].partition(" ")
    assert code(read_quantity(value, unit, DOSE_UNITS_MG, "amount")) in {"E_NUMBER_FORMAT", "E_UNIT_UNKNOWN"}


def test_both_micro_signs_mean_micrograms_at_the_boundary():
    assert [normalised_unit(unit) for unit in ("\u00b5g", "\u03bcg", "mg", "\u00b5m")] == ["ug", "ug", "mg", "\u00b5m"]


def test_a_positive_number_is_above_zero():
    assert read_positive("0.1", "x") == Fraction(1, 10)
    assert code(read_positive("0", "x")) == "E_NON_POSITIVE"
    assert code(read_positive("x", "x")) == "E_NUMBER_FORMAT"


def test_an_unstated_limit_is_no_limit():
    assert read_limit(None, "x") is None
    assert read_limit("3", "x") == 3


@pytest.mark.parametrize("text", ["0", "25", "2.5", "-1"])
def test_a_count_outside_its_range_is_refused(text):
    assert code(read_count(text, 1, 24, "E_DOSES_PER_DAY", "x")) == "E_DOSES_PER_DAY"


def test_a_count_within_its_range_is_read():
    assert [read_count(text, 1, 24, "E_DOSES_PER_DAY", "x") for text in ("1", "24")] == [1, 24]
    assert code(read_count("abc", 1, 24, "E_DOSES_PER_DAY", "x")) == "E_NUMBER_FORMAT"


@pytest.mark.parametrize(
    ("number", "text"),
    [("1E+3", "1000"), ("17.50", "17.5"), ("100", "100"), ("0.000", "0"), ("-0.0", "0"), ("1E-7", "0.0000001")],
)
def test_numbers_are_written_without_exponent_or_trailing_zeros(number, text):
    assert plain(Decimal(number)) == text


def test_a_ratio_is_shown_with_fifteen_significant_digits():
    assert shown(Fraction(2, 3)) == "0.666666666666667"
    assert shown(Fraction(200, 3), 12) == "66.6666666667"
    assert shown(Decimal("12345678901234567890")) == "12345678901234600000"


@pytest.mark.parametrize(("places", "expected"), [(0, "3"), (1, "2.5"), (2, "2.45"), (3, "2.45")])
def test_rounding_half_up_is_decimal(places, expected):
    assert rounded_half_up(Fraction("2.45") if places else Fraction("2.5"), places) == Fraction(expected)


def test_a_tie_of_the_binary_kind_goes_up():
    assert rounded_half_up(Fraction("425.25"), 1) == Fraction("425.3")


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_what_is_written_plainly_reads_back_as_the_same_number(number):
    assert read_number(plain(number), "x") == Fraction(number)


@given(st.fractions(min_value=0, max_value=1000, max_denominator=1000))
def test_a_ratio_becomes_the_same_decimals_whatever_context_is_set_elsewhere(number):
    calm = as_decimal(number), shown(number)
    hostile = decimal.Context(prec=2, rounding=decimal.ROUND_UP, traps=[decimal.Inexact])
    with decimal.localcontext(hostile):
        assert (as_decimal(number), shown(number)) == calm
