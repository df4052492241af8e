"""Modbus RTU indicators: the published frames, every register map, and noise that is never a value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.errors import PrintcareError
from printcare.protocol.checksum import crc16_modbus
from printcare.protocol.modbus import ModbusReader, request, silence_s
from printcare.protocol.modbus_device import ModbusSlave, float_words, int_words
from printcare.protocol.mt_sics import Dead, Discarded, NotWeighed, TimedOut, Weighed
from printcare.protocol.register_map import RegisterMap, StatusBit

GRAMS = RegisterMap(1, 0, "float32", "big", Decimal(1000), "mg")
WHOLE = RegisterMap(7, 100, "int32", "little", Decimal("0.1"), "mg", 4, stable=StatusBit(102, 3))
KPA = RegisterMap(2, 10, "float32", "big", Decimal(1), "kPa")


def answered(registers: RegisterMap, held: dict[int, int], slave: int | None = None) -> list:
    reader = ModbusReader(registers, "balance")
    reader.ask(0.0)
    reply = ModbusSlave(slave or registers.slave, lambda: held).receive(reader.outgoing())
    return reader.receive(reply[:3], 0.01) + reader.receive(reply[3:], 0.012)


def test_the_published_request_crc_and_silence_are_met() -> None:
    assert request(1, 3, 0, 2) == bytes.fromhex("010300000002c40b")
    assert crc16_modbus(b"123456789") == 0x4B37
    assert silence_s(9600) == pytest.approx(0.0040104167)
    assert silence_s(115200) == 0.00175


def test_a_float_is_read_with_the_digits_it_holds() -> None:
    high, low = 0x42F6, 0xE666  # 123.45
    (event,) = answered(GRAMS, {0: high, 1: low})
    assert isinstance(event, Weighed)
    assert (event.reading.value, event.reading.unit, event.reading.stable) == (Decimal("123450.00"), "mg", False)


@pytest.mark.parametrize("stable", [True, False])
def test_a_number_with_swapped_words_and_a_stable_bit_is_read(stable: bool) -> None:
    high, low = int_words(-12345)
    (event,) = answered(WHOLE, {100: low, 101: high, 102: 8 if stable else 0})
    assert (event.reading.value, event.reading.stable) == (Decimal("-1234.5"), stable)


def test_a_pressure_is_read_in_kilopascal() -> None:
    high, low = float_words(101.5)
    (event,) = answered(KPA, {10: high, 11: low})
    assert (event.reading.value, event.reading.unit) == (Decimal("101.5"), "kPa")


def test_an_exception_is_no_value() -> None:
    (event,) = answered(GRAMS, {})
    assert isinstance(event, NotWeighed)
    assert event.reason == "an unknown register"


def test_a_value_that_is_no_number_is_no_value() -> None:
    (event,) = answered(GRAMS, {0: 0x7FC0, 1: 0})
    assert isinstance(event, NotWeighed)


def test_another_slave_is_not_answered() -> None:
    assert answered(GRAMS, {0: 1, 1: 1}, slave=9) == []


def test_noise_before_the_answer_is_passed_over() -> None:
    reader = ModbusReader(GRAMS, "balance")
    reader.ask(0.0)
    reply = ModbusSlave(1, lambda: {0: 0x42F6, 1: 0xE666}).receive(reader.outgoing())
    assert isinstance(reader.receive(b"\xff\x01" + reply, 0.01)[0], Weighed)


def test_silence_three_times_is_death_and_a_late_frame_is_thrown_away() -> None:
    reader, now, events = ModbusReader(GRAMS, "balance"), 0.0, []
    while not reader.is_dead:
        reader.ask(now)
        now += 1.0
        events += reader.tick(now)
    assert [type(event) for event in events] == [TimedOut, TimedOut, TimedOut, Dead]
    assert isinstance(reader.receive(b"\x01\x03", now)[0], Discarded)


def test_a_map_no_indicator_can_have_is_refused() -> None:
    with pytest.raises(PrintcareError):
        RegisterMap(1, 0, "float64", "big", Decimal(1), "mg")
    with pytest.raises(PrintcareError):
        RegisterMap(0, 0, "int32", "big", Decimal(1), "mg")


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_arbitrary_bytes_are_never_a_value(noise: list[bytes]) -> None:
    reader = ModbusReader(GRAMS, "balance")
    reader.ask(0.0)
    found = [event for index, data in enumerate(noise) for event in reader.receive(data, 0.001 * index)]
    assert not [event for event in found if isinstance(event, Weighed)]


@given(st.floats(-1e6, 1e6, width=32), st.integers(0, 71))
def test_one_wrong_bit_is_never_a_value(value: float, bit: int) -> None:
    reader = ModbusReader(GRAMS, "balance")
    reader.ask(0.0)
    high, low = float_words(value)
    reply = bytearray(ModbusSlave(1, lambda: {0: high, 1: low}).receive(reader.outgoing()))
    reply[bit // 8] ^= 1 << bit % 8
    assert reader.receive(bytes(reply), 0.01) == []


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_the_slave_takes_any_bytes(noise: list[bytes]) -> None:
    slave = ModbusSlave(1, dict)
    assert all(isinstance(slave.receive(data), bytes) for data in noise)
