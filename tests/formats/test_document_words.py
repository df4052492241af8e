"""Every document speaks English, French and Spanish: no string is missing, and no figure is lost in a translation."""

from __future__ import annotations

import re
import string
from decimal import Decimal

import document_words as words
import pytest

from printcare.errors import PrintcareError
from printcare.formats.wording import ENGLISH, LANGUAGES, tongue_of

OTHERS = [code for code in LANGUAGES if code != "en"]
PLACES = string.Formatter()


def places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in PLACES.parse(text) if name is not None)


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("kind", ["marked", "of_steps", "of_the_core", "of_recipes", "of_signatures"])
def test_no_string_is_missing(code, kind):
    assert sorted(getattr(words, kind)() - set(tongue_of(code).words)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_every_place_and_every_figure(code):
    for english, own in tongue_of(code).words.items():
        assert places(english) == places(own), english
        assert re.findall(r"[0-9]+", english) == re.findall(r"[0-9]+", own), english


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_changes_no_unit(code):
    units = r"(?<![A-Za-zéèóáí])(?:mg/g|mg/m²|mg/mg|mg|mL|mm³|kPa|kg|°C|degC|cm|SHA-256)(?![A-Za-zéèóáí])"
    for english, own in tongue_of(code).words.items():
        assert sorted(re.findall(units, english)) == sorted(re.findall(units, own)), english


@pytest.mark.parametrize("code", OTHERS)
def test_a_decimal_has_a_comma_and_a_chapter_keeps_its_points(code):
    tongue = tongue_of(code)
    assert tongue.figure(Decimal("-0.50")) == "−0,5"
    assert tongue.written("25 mg/m² × 0.6733 = 16.8325; 2.9.40, version 1.2.3, 2026-01-05") == (
        "25 mg/m² × 0,6733 = 16,8325; 2.9.40, version 1.2.3, 2026-01-05"
    )


def test_english_has_a_point():
    assert (ENGLISH.figure(Decimal("16.80")), ENGLISH.written("0.5 mg")) == ("16.8", "0.5 mg")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("fr", "toutes les unités, n = 11, pas un résultat 2.9.5"),
        ("es", "todas las unidades, n = 11, no es un resultado 2.9.5"),
    ],
)
def test_a_sentence_of_the_core_is_told_with_its_own_figures(code, said):
    assert tongue_of(code).told("all units, n = 11, not a 2.9.5 result") == said


def test_what_somebody_wrote_stays_as_it_was_written():
    assert tongue_of("fr").told("dropped by the night shift") == "dropped by the night shift"


@pytest.mark.parametrize(("dose", "code", "said"), [("0.0125", "fr", "12,5 microgrammes"), ("8.5", "es", "8,5 mg")])
def test_a_dose_on_a_label_is_written_in_the_language(dose, code, said):
    assert tongue_of(code).amount(Decimal(dose)) == said


def test_a_language_nobody_writes_is_refused():
    with pytest.raises(PrintcareError, match="LANGUAGE_UNKNOWN"):
        tongue_of("de")
