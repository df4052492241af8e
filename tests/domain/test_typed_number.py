"""Numbers typed where a comma is the decimal sign, and their echo in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.checks import Finding
from printcare.domain.typed_number import from_comma_locale, in_words


@pytest.mark.parametrize(("typed", "text"), [("12,5", "12.5"), ("0,05", "0.05"), ("16", "16"), ("12.5", "12.5")])
def test_a_comma_is_converted_where_it_can_mean_one_thing(typed, text):
    assert from_comma_locale(typed, "weight") == text


@pytest.mark.parametrize("typed", ["1,000", "1.000", "12,345", "1.000.000", "-1,000"])
def test_a_thousand_or_one_is_asked_again(typed):
    found = from_comma_locale(typed, "weight")
    assert isinstance(found, Finding)
    assert found.code == "E_NUMBER_AMBIGUOUS"


@pytest.mark.parametrize("typed", ["1,2,3", "1.5,2", ",5", "5,", "1 000", "x"])
def test_the_rest_meets_the_strict_door(typed):
    found = from_comma_locale(typed, "weight")
    assert isinstance(found, Finding)
    assert found.code == "E_NUMBER_FORMAT"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12.5", "twelve point five"),
        ("0.05", "zero point zero five"),
        ("16.0", "sixteen point zero"),
        ("20", "twenty"),
        ("102", "one hundred two"),
        ("100", "one hundred"),
        ("45", "forty-five"),
        ("1250", "one thousand two hundred fifty"),
        ("-3", "minus three"),
        ("1000000", "one zero zero zero zero zero zero"),
    ],
)
def test_a_value_is_echoed_in_words(text, words):
    assert in_words(text) == words


@given(st.integers(min_value=0, max_value=999_999), st.integers(min_value=0, max_value=999_999))
def test_different_numbers_sound_different(one, other):
    assert (in_words(str(one)) == in_words(str(other))) == (one == other)
