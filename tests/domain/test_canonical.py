"""The canonical bytes that digests, events and signatures are made of."""

import hashlib
import json
import math
from decimal import Decimal
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.canonical import LARGEST_INTEGER, canonical_bytes, digest
from printcare.errors import PrintcareError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_names_are_sorted_by_utf_16_code_units_as_rfc_8785_section_3_2_3_shows():
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\u00f6"]
    # U+FB33 is excluded from NFC's composed forms: its decomposition is what the record holds.
    ordered = list(json.loads(canonical_bytes({name: None for name in names if name != "\ufb33"})))
    assert ordered == ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600"]


def test_a_name_beyond_the_basic_plane_comes_before_a_high_one_inside_it():
    assert list(json.loads(canonical_bytes({"\uff21": 1, "\U0001f600": 2}))) == ["\U0001f600", "\uff21"]


def test_strings_are_escaped_as_rfc_8785_section_3_2_2_2_says():
    assert canonical_bytes('\u20ac$\x0f\nA\'B"\\\\"/\x7f') == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'


def test_nested_values_have_no_blanks_and_sorted_names():
    assert (
        canonical_bytes({"b": [1, True, None], "a": {"z": "", "y": -3}}) == b'{"a":{"y":-3,"z":""},"b":[1,true,null]}'
    )


def test_text_enters_in_form_nfc():
    assert canonical_bytes({"e\u0301": "e\u0301"}) == '{"é":"é"}'.encode()


def test_a_tuple_is_a_list_and_an_enumeration_its_value():
    class Word(StrEnum):
        HELD = "held"

    class Number(IntEnum):
        TWO = 2

    assert canonical_bytes({"a": (Word.HELD, Number.TWO), "b": Word.HELD}) == b'{"a":["held",2],"b":"held"}'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.5, "float"),
        ({"dose_mg": Decimal("17")}, "$.dose_mg"),
        ([math.nan], "$[0]"),
        (LARGEST_INTEGER + 1, "beyond"),
        (-LARGEST_INTEGER - 1, "beyond"),
        ({"a": {1: "x"}}, "no string"),
        ({"é": 1, "e\u0301": 2}, "twice"),
        ({"a": "\ud800"}, "surrogate"),
        (b"bytes", "bytes"),
        ({"a": {1, 2}}, "set"),
    ],
)
def test_a_value_that_has_no_canonical_form_is_refused_with_its_place(value, words):
    with pytest.raises(PrintcareError, match="CANONICAL_VALUE") as refused:
        canonical_bytes(value)
    assert words in refused.value.message


def test_the_largest_integers_are_held():
    assert canonical_bytes([LARGEST_INTEGER, -LARGEST_INTEGER]) == b"[9007199254740991,-9007199254740991]"


@given(JSON)
def test_reading_and_writing_again_gives_the_same_bytes(value):
    once = canonical_bytes(value)
    assert canonical_bytes(json.loads(once)) == once


@given(st.dictionaries(st.text(st.characters(codec="ascii")), st.integers(-9, 9)))
def test_the_order_of_entry_does_not_matter(members):
    assert digest(members) == digest(dict(reversed(members.items())))


def test_a_digest_is_the_sha_256_of_the_canonical_bytes():
    assert digest({}) == hashlib.sha256(b"{}").hexdigest()
