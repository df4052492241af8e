"""A typed number said again in the window's language; the French words as the Académie's dictionary writes them."""

import pytest

from printcare.ui.spoken_number import spoken
from printcare.ui.words import speak


@pytest.fixture
def french():
    speak("fr")
    yield
    speak("en")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "zéro"),
        ("16.0", "seize virgule zéro"),
        ("0.05", "zéro virgule zéro cinq"),
        ("-7.5", "moins sept virgule cinq"),
        ("17", "dix-sept"),
        ("21", "vingt et un"),
        ("42", "quarante-deux"),
        ("61", "soixante et un"),
        ("70", "soixante-dix"),
        ("71", "soixante et onze"),
        ("77", "soixante-dix-sept"),
        ("80", "quatre-vingts"),
        ("81", "quatre-vingt-un"),
        ("90", "quatre-vingt-dix"),
        ("91", "quatre-vingt-onze"),
        ("99", "quatre-vingt-dix-neuf"),
        ("100", "cent"),
        ("102", "cent deux"),
        ("200", "deux cents"),
        ("280", "deux cent quatre-vingts"),
        ("1000", "mille"),
        ("1001", "mille un"),
        ("80000", "quatre-vingt mille"),
        ("200000", "deux cent mille"),
        ("3200", "trois mille deux cents"),
        ("1234567", "un deux trois quatre cinq six sept"),
    ],
)
def test_a_number_is_said_in_french(french, text, words):
    assert spoken(text) == words


def test_a_number_is_said_in_english():
    assert spoken("12.5") == "twelve point five"


def test_a_language_without_number_words_says_english_ones():
    speak("es")
    said = spoken("12.5")
    speak("en")
    assert said == "twelve point five"
