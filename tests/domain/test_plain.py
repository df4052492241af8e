"""Values in the record: exact where they are doses, texts where JSON has no exact form, refused where neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction

import pytest

from printcare.domain.plain import as_state, state_of
from printcare.domain.quality_plan import Evidence


class Colour(Enum):
    """An enumeration."""

    RED = "red"


class Word(StrEnum):
    """An enumeration that is a text, too."""

    ON = "on"


@dataclass(frozen=True)
class Weighed:
    """A dataclass."""

    mass_g: Decimal
    lots: tuple[str, ...]


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (None, None),
        (True, True),
        (3, 3),
        ("Å", "Å"),
        (Decimal("0.10"), "0.1"),  # equal decimals are one text, or equal rows would have two hashes
        (Decimal("1E+3"), "1000"),  # no exponent: a person reads the record
        (0.1, "0.1"),
        (2 / 3, "0.666666667"),
        (Fraction(1, 3), "1/3"),
        (Colour.RED, "red"),
        (date(2026, 2, 28), "2026-02-28"),
        (datetime(2026, 2, 28, 13, 5, tzinfo=UTC), "2026-02-28T13:05:00+00:00"),
        ({1: Decimal("2.5")}, {"1": "2.5"}),
        ([1, (2, Decimal(3))], [1, [2, "3"]]),
        (Weighed(Decimal("0.1234"), ("a", "b")), {"mass_g": "0.1234", "lots": ["a", "b"]}),
    ],
)
def test_every_kind_of_value_has_one_form_in_the_record(value: object, state: object) -> None:
    assert as_state(value) == state


def test_an_enumeration_of_texts_is_recorded_as_its_bare_text() -> None:
    assert type(as_state(Word.ON)) is str


@pytest.mark.parametrize("kind", [set, frozenset])
def test_a_set_is_recorded_in_one_order_whatever_order_it_was_filled_in(kind: type) -> None:
    assert as_state(kind(("b", "a", "c"))) == ["a", "b", "c"]


@pytest.mark.parametrize("value", [b"bytes", object(), Weighed, {"deep": [1j]}])
def test_a_value_without_a_form_is_refused_rather_than_described(value: object) -> None:
    with pytest.raises(TypeError, match="has no place in the record"):
        as_state(value)


def test_a_named_tuple_keeps_its_names() -> None:
    assert as_state([Evidence("E-1", "Report", "ranges")]) == [{"id": "E-1", "title": "Report", "proves": "ranges"}]


def test_a_dataclass_is_a_row() -> None:
    assert state_of(Weighed(Decimal(1), ())) == {"mass_g": "1", "lots": []}


@pytest.mark.parametrize("value", [[1], "text", None, Decimal(1)])
def test_what_has_no_columns_is_no_row(value: object) -> None:
    with pytest.raises(TypeError, match="is not a row of the record"):
        state_of(value)
