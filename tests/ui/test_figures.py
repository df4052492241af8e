"""Numbers on the screen."""

from decimal import Decimal

import pytest

from printcare.ui.figures import clock_words, figure, short_figure


@pytest.mark.parametrize(
    ("value", "places", "unit", "text"),
    [
        (Decimal("17.0"), 1, "mg", "17 mg"),
        (Decimal("0.50"), 2, "mg", "0.5 mg"),
        (425.04, 1, "mg", "425 mg"),
        (-0.28, 2, "%", "−0.28 %"),
        (38.0, 0, "degC", "38 °C"),
        (None, 1, "mg", "–"),
        (Decimal("2.5"), 0, "", "3"),
    ],
)
def test_a_figure_has_its_unit_a_leading_zero_and_no_trailing_one(value, places, unit, text):
    assert figure(value, places, unit) == text


def test_a_live_reading_keeps_its_decimals_in_place():
    assert figure(38.0, 1, fixed=True) == "38.0"


def test_long_numbers_are_told_in_groups():
    assert figure(Decimal(34028), 0) == "34\u202f028"


@pytest.mark.parametrize(
    ("exact", "short"), [("0.673300329224139", "0.6733"), ("17", "17"), ("16.8325082306035", "16.83"), ("none", "none")]
)
def test_an_exact_result_is_shortened_for_the_eye_only(exact, short):
    assert short_figure(exact) == short


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(460, "7 minutes 40 seconds"), (61, "1 minute 1 second"), (0.2, "less than a second"), (3720, "1 hour 2 minutes")],
)
def test_time_is_told_in_words(seconds, words):
    assert clock_words(seconds) == words
