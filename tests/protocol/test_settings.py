"""Every firmware's way of telling its settings ends under the same names and units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marlin_files import events

from printcare.protocol.settings import digest_of, settings_in

STEPS = {"M92 X": "80.00", "M92 Y": "80.00", "M92 Z": "400.00", "M92 E": "500.00"}


def told(name: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for tag, text in events(name):
        if tag == "Recv:":
            found |= settings_in(text)
    return found


def test_the_recorded_listing_is_read_whole() -> None:
    found = told("25-nosave")
    assert {name: str(found[name]) for name in STEPS} == STEPS
    assert (found["M203 E"], found["M201 X"], found["M204 P"]) == (Decimal(25), Decimal(3000), Decimal(3000))
    assert (found["M205 J"], found["M206 Z"], found["M200 S"], found["M200 D"]) == (
        Decimal("0.01"), Decimal(0), Decimal(0), Decimal("1.75"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("  M211 S1 ; ON", "M211 S", "1"),
        ("echo:  M92 T0 E800.00", "M92 E", "800"),
        ("echo:  M92 T1 E410.50", "M92 T1 E", "410.5"),
        ("echo:  M900 T1 K0.04", "M900 T1 K", "0.04"),
        ("M204 S3000.00000", "M204 S", "3000"),
        ("M92 E140.0000 P57988", "M92 E", "140"),
        ("M204 P1000 T500", "M204 T", "500"),
        ("Steps/mm: X: 80.000, Y: 80.000, Z: 400.000, E: 800.000:410.500", "M92 T1 E", "410.5"),
        ("Max speeds (mm/min): X: 7200.0, Y: 7200.0, Z: 1200.0, E: 300.0, min. speed 30", "M203 E", "5"),
        ("Max speeds (mm/sec): X: 120.0, Y: 120.0, Z: 20.0, E: 5.0", "M203 X", "120"),
        ("Accelerations (mm/sec^2): X: 1000.0, Y: 1000.0, Z: 100.0, E: 1000.0", "M201 Y", "1000"),
        ("Maximum printing acceleration 1000.0, maximum travel acceleration 2000.0 mm/sec^2", "M204 P", "1000"),
        ("Maximum printing acceleration 1000.0, maximum travel acceleration 2000.0", "M204 T", "2000"),
    ],
)
def test_a_setting_stands_under_its_name_in_millimetres_and_seconds(text: str, name: str, value: str) -> None:
    assert settings_in(text)[name] == Decimal(value)


@pytest.mark.parametrize("text", ["", "ok", "echo:; Steps per unit:", "echo:M106 P0 S128x", "M92", "X:1 Y:2 Z:3 E:4"])
def test_other_lines_tell_no_setting(text: str) -> None:
    assert settings_in(text) == {}


def test_equal_settings_have_equal_digests_however_they_were_written() -> None:
    one, other = settings_in("M92 X80.00 E500.00"), settings_in("echo:  M92 E500 X80.0")
    assert digest_of(one) == digest_of(other)
    assert digest_of(one) != digest_of(settings_in("M92 X80.00 E500.01"))


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    assert all(value.is_finite() for value in settings_in(text).values())
