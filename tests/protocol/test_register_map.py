"""A register map says everything about an instrument's value, and one that cannot be is refused."""

from __future__ import annotations

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.errors import PrintcareError
from printcare.protocol.register_map import RegisterMap, StatusBit

PLAIN = {"slave": 1, "address": 10, "kind": "int32", "word_order": "big", "scale": Decimal(1), "unit": "mg"}


def made(**changed: object) -> RegisterMap:
    return RegisterMap(**(PLAIN | changed))


def data(*words: int) -> bytes:
    return b"".join(struct.pack(">H", word) for word in words)


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        ("int16", (0xFFFE,), -2),
        ("uint16", (0xFFFE,), 65534),
        ("int32", (0xFFFF, 0xFFFE), -2),
        ("uint32", (0xFFFF, 0xFFFE), 4294967294),
        ("float32", (0x42F6, 0xE666), Decimal("123.45")),
    ],
)
def test_every_type_is_read(kind: str, words: tuple[int, ...], value: Decimal) -> None:
    assert made(kind=kind).value(data(*words)) == value


@pytest.mark.parametrize(
    ("unit", "scale", "value"),
    [
        ("g", "1", "12000"), ("kg", "0.001", "12000"), ("mg", "0.1", "1.2"),
        ("kPa", "1", "12"), ("Pa", "1", "0.012"), ("mbar", "1", "1.2"), ("bar", "1", "1200"), ("MPa", "1", "12000"),
    ],
)  # fmt: skip
def test_every_unit_becomes_ours_without_losing_a_digit(unit: str, scale: str, value: str) -> None:
    assert made(unit=unit, scale=Decimal(scale)).value(data(0, 12)) == Decimal(value)


def test_the_number_of_decimals_may_stand_in_a_register_of_its_own() -> None:
    map_ = made(decimals_register=12)
    assert map_.value(data(0, 12345, 3)) == Decimal("12.345")
    assert map_.value(data(0, 12345, 10)) is None


def test_a_low_word_first_and_a_state_before_the_value_are_read() -> None:
    map_ = made(word_order="little", stable=StatusBit(8, 0), is_stable_when=0)
    assert (map_.first, map_.count) == (8, 4)
    assert map_.value(data(1, 0, 5, 0)) == 5
    assert not map_.is_stable(data(1, 0, 5, 0))
    assert map_.is_stable(data(0, 0, 5, 0))


def test_without_a_sign_of_rest_every_weight_moves() -> None:
    assert not made().is_stable(data(0, 1))


def test_a_trouble_is_told_in_the_maps_own_words() -> None:
    map_ = made(troubles=(StatusBit(12, 0, "overload"), StatusBit(12, 5, "a dead load cell")))
    assert map_.trouble(data(0, 1, 0)) == ""
    assert map_.trouble(data(0, 1, 32)) == "a dead load cell"


def test_a_serial_number_is_read_where_a_register_holds_one() -> None:
    assert made(serial_register=12).serial(data(0, 1, 1, 2)) == "65538"
    assert made().serial(data(0, 1)) == ""


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2e9])
def test_a_float_that_measures_nothing_is_no_value(value: float) -> None:
    words = struct.unpack(">HH", struct.pack(">f", value))
    assert made(kind="float32").value(data(*words)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"slave": 0}, {"slave": 248}, {"kind": "float64"}, {"word_order": "middle"}, {"unit": "lb"}, {"function": 6},
        {"scale": Decimal(0)}, {"scale": Decimal("NaN")}, {"is_stable_when": 2}, {"stable": StatusBit(12, 16)},
        {"address": -1}, {"address": 0xFFFF}, {"serial_register": 500}, {"range_kpa": (9, 1)},
        {"troubles": (StatusBit(12, -1, "x"),)},
    ],
)  # fmt: skip
def test_a_map_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(PrintcareError) as refused:
        made(**changed)
    assert refused.value.code == "MODBUS_MAP"


@given(st.binary(min_size=10, max_size=10))
def test_any_registers_are_a_number_or_none(registers: bytes) -> None:
    value = made(kind="float32", decimals_register=12, serial_register=13).value(registers)
    assert value is None or value.is_finite()
