"""Modbus RTU at its edges: one question at a time, frames in pieces, and refusals the slave has to give."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.errors import PrintcareError
from printcare.protocol.modbus import ModbusReader, closed, request
from printcare.protocol.modbus_device import ModbusSlave
from printcare.protocol.mt_sics import Named, NotWeighed, Weighed
from printcare.protocol.register_map import RegisterMap, StatusBit

GRAMS = RegisterMap(1, 0, "float32", "big", Decimal(1000), "mg")
HELD = {0: 0x42F6, 1: 0xE666}  # 123.45, modbus_rtu of the reference vectors


def asked() -> tuple[ModbusReader, bytes]:
    """Return a reader whose question is out, and the slave's answer to it."""
    reader = ModbusReader(GRAMS, "balance")
    reader.ask(0.0)
    return reader, ModbusSlave(1, lambda: HELD).receive(reader.outgoing())


def test_a_second_question_waits_for_the_first_answer() -> None:
    reader, _ = asked()
    with pytest.raises(PrintcareError) as caught:
        reader.ask(0.1)
    assert caught.value.code == "MODBUS_BUSY"
    assert reader.outgoing() == b""


def test_an_answer_is_due_only_while_one_is_owed() -> None:
    reader, reply = asked()
    assert reader.deadline() == 0.5
    reader.receive(reply, 0.1)
    assert reader.deadline() is None


def test_time_gives_up_nothing_before_it_is_over() -> None:
    reader, reply = asked()
    assert reader.tick(0.49) == []
    assert isinstance(reader.receive(reply, 0.495)[0], Weighed)


def test_time_passing_while_nothing_is_owed_is_no_silence() -> None:
    reader = ModbusReader(GRAMS, "balance")
    assert [event for second in range(10) for event in reader.tick(float(second))] == []
    assert not reader.is_dead


def test_pieces_far_apart_are_never_joined_to_one_frame() -> None:
    reader, reply = asked()
    assert reader.receive(reply[:5], 0.1) == []
    assert reader.receive(reply[5:], 0.2) == []


def test_an_exception_nobody_listed_is_told_by_its_number() -> None:
    reader, _ = asked()
    # 01 83 0B: "gateway target failed to respond" (Modbus application protocol 1.1b3, section 7); CRC as transmitted.
    refusal = bytes.fromhex("01830b")
    crc = _crc(refusal)
    (event,) = reader.receive(refusal + crc, 0.1)
    assert isinstance(event, NotWeighed)
    assert event.reason == "the exception 11"


def _crc(body: bytes) -> bytes:
    """Return the CRC by polynomial division over the reflected bits, another form than both halves use."""
    bits = [byte >> place & 1 for byte in body for place in range(8)]
    register = [1] * 16  # most significant first
    for bit in bits:
        carry = register.pop(0) ^ bit
        register.append(0)
        for tap in (0, 13, 15):  # x^15, x^2, 1 of 0x8005
            register[tap] ^= carry
    value = sum(bit << place for place, bit in enumerate(register))
    return value.to_bytes(2, "little")


def test_the_division_of_this_test_gives_the_published_frame() -> None:
    assert _crc(bytes.fromhex("010300000002")) == bytes.fromhex("c40b")


@pytest.mark.parametrize(
    ("function", "address", "count", "exception"),
    [
        (6, 0, 1, 1),  # a write: an unknown function to this slave
        (3, 0, 0, 3),
        (3, 0, 126, 3),  # 125 registers fit one frame (application protocol 6.3)
        (4, 1, 2, 2),  # its second register is not held
    ],
)
def test_the_slave_refuses_by_the_standards_exception(function: int, address: int, count: int, exception: int) -> None:
    answer = ModbusSlave(1, lambda: HELD).receive(request(1, function, address, count))
    body = bytes((1, function | 0x80, exception))
    assert answer == body + _crc(body)


def test_the_slave_finds_a_question_behind_a_damaged_one() -> None:
    damaged = bytearray(request(1, 3, 0, 2))
    damaged[3] ^= 0x10
    answer = ModbusSlave(1, lambda: HELD).receive(bytes(damaged) + request(1, 3, 0, 2))
    assert answer[:7] == bytes.fromhex("01030442f6e666")


def named(names: tuple[str, ...], damage: bytes = b"") -> list:
    reader = ModbusReader(GRAMS, "balance")
    reader.ask_identity(0.0)
    reply = ModbusSlave(1, lambda: HELD, names).receive(reader.outgoing())
    return reader.receive(damage + reply[:9], 0.01) + reader.receive(reply[9:], 0.02)


def test_an_instrument_is_asked_by_the_standards_question() -> None:
    reader = ModbusReader(GRAMS, "balance")
    reader.ask_identity(0.0)
    question = reader.outgoing()
    # Application protocol 6.21: 2B 0E, code 01 (basic objects), from object 00.
    assert question == bytes.fromhex("012b0e0100") + _crc(bytes.fromhex("012b0e0100"))


def test_its_maker_product_and_version_are_its_name() -> None:
    assert named(("Maker", "ID-7", "2.1")) == [Named("I2", "Maker ID-7 2.1")]
    assert named(("Maker", "ID-7", "2.1"), damage=b"\x00\x01") == [Named("I2", "Maker ID-7 2.1")]


def test_one_that_does_not_know_the_question_goes_by_its_maps_name() -> None:
    assert named(()) == [Named("I2", GRAMS.title)]


def test_a_name_cut_short_or_of_unprintable_bytes_is_none() -> None:
    reader = ModbusReader(GRAMS, "balance")
    reader.ask_identity(0.0)
    body = bytes((1, 43, 14, 1, 1, 0, 0, 2, 0, 2)) + b"\x01\x02"
    assert reader.receive(closed(body), 0.01) == []  # it promises two objects and ends after one
    assert reader.receive(closed(body + bytes((1, 2)) + b"AB"), 0.2) == [Named("I2", "AB")]


def test_half_a_question_waits_for_its_rest() -> None:
    slave = ModbusSlave(1, lambda: HELD, ("A",))
    question = request(1, 3, 0, 2)
    assert slave.receive(question[:7]) == b""
    assert slave.receive(question[7:]) != b""


def test_an_instrument_that_may_never_die_is_asked_again_and_again() -> None:
    reader = ModbusReader(GRAMS, "pressure", answer_s=0.05, silences=0)
    for turn in range(20):
        reader.ask(turn * 1.0)
        reader.tick(turn + 0.5)
    assert reader.is_free


def test_a_value_its_instrument_does_not_stand_for_is_told_with_the_reason() -> None:
    over = RegisterMap(1, 0, "int16", "big", Decimal(1), "mg", troubles=(StatusBit(1, 1, "overload"),))
    reader = ModbusReader(over, "balance")
    reader.ask(0.0)
    (event,) = reader.receive(ModbusSlave(1, lambda: {0: 5, 1: 2}).receive(reader.outgoing()), 0.1)
    assert isinstance(event, NotWeighed)
    assert (event.reason, reader.measured) == ("overload", Decimal(5))
