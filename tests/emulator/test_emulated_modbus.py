"""The balance and the transmitters behind Modbus RTU, by the shipped maps and by others."""

from __future__ import annotations

import struct
import tomllib
from importlib.resources import files

import pytest
from emulated_work import IDEAL, Work, hot

from printcare.emulator.bench import Bench
from printcare.emulator.modbus_twin import BALANCE_MAP, PRESSURE_MAP, lay_out
from printcare.protocol.modbus_device import ModbusSlave


def crc(data: bytes) -> bytes:
    """Return the CRC by shifting, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def read(bench: Bench, source: str, slave: int, function: int, count: int = 5) -> bytes:
    """Return the registers a question brings."""
    body = struct.pack(">BBHH", slave, function, 0, count)
    bench.receive(source, body + crc(body))
    answer = b"".join(data for named, data in bench.advance(bench.now_s + 0.1) if named == source)
    assert answer[-2:] == crc(answer[:-2])
    return answer[3:-2]


@pytest.mark.parametrize(("name", "mine"), [("modbus-balance", BALANCE_MAP), ("modbus-pressure", PRESSURE_MAP)])
def test_the_demonstration_maps_are_those_of_the_shipped_files(name, mine):
    shipped = tomllib.loads(files("printcare.devices").joinpath("maps", f"{name}.toml").read_text(encoding="utf-8"))
    assert shipped["slave"] == mine["slave"]
    assert shipped["base"] == mine["base"]
    assert shipped["value"] == mine["value"]
    assert shipped["status"].get("stable") == mine["status"].get("stable")
    assert all(bit in shipped["status"]["troubles"] for bit in mine["status"]["troubles"])
    assert shipped["identity"]["serial_address"] == mine["identity"]["serial_address"]


def test_the_reference_vectors_of_modbus_hold(vectors):
    row = vectors["modbus_rtu"]
    assert crc(b"123456789") == struct.pack("<H", int(row["crc_of_123456789"], 16))
    held = lay_out(PRESSURE_MAP, 123.45, 1, is_stable=True, troubles=frozenset())
    assert struct.pack(">HH", held[0], held[1]).hex(" ") == row["float32_big_endian_123.45"]
    slave = ModbusSlave(1, lambda: {0: 1, 1: 2})
    assert slave.receive(bytes.fromhex(row["read_2_holding_slave1"])).hex(" ").startswith("01 03 04 00 01 00 02")


def test_the_indicator_shows_the_load_and_when_it_rests(profile):
    bench = Bench(profile, balance="modbus")
    bench.advance(5.0)
    data = read(bench, "balance", 1, 3)
    assert struct.unpack(">i", data[:4])[0] / 10 == pytest.approx(bench.truth()["load_mg"], abs=1.0)
    assert data[5] & 1 == 1
    bench.balance.unstable_until_s = bench.now_s + 60
    assert read(bench, "balance", 1, 3)[5] & 1 == 0
    bench.balance.is_overloaded = True
    assert read(bench, "balance", 1, 3)[5] & 2 == 2
    assert struct.unpack(">I", read(bench, "balance", 1, 3)[6:10])[0] == 4711


def test_a_dead_indicator_says_nothing_and_is_there_again_after_its_power_cycle(profile):
    bench = Bench(profile, balance="modbus")
    bench.balance.is_dead = True
    body = struct.pack(">BBHH", 1, 3, 0, 2)
    bench.receive("balance", body + crc(body))
    assert [data for source, data in bench.advance(2.0) if source == "balance"] == []
    bench.balance.is_dead = False
    bench.balance.power_cycle()
    assert len(read(bench, "balance", 1, 3)) == 10


def test_the_transmitter_shows_the_pressure(profile):
    work = Work(hot(Bench(profile, ink=IDEAL, pressure="modbus")))
    work.prime(60.0)
    shown = struct.unpack(">f", read(work.bench, "pressure", 2, 4)[:4])[0]
    assert shown == pytest.approx(work.bench.truth()["pressure_kpa"], abs=4.0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"type": "int16", "scale": 1, "unit": "g"}, (123,)),
        ({"type": "uint32", "word_order": "little", "scale": 0.01, "unit": "g"}, (12345, 0)),
        ({"type": "uint16", "scale": 1, "unit": "g", "decimals_address": 7}, (1234,)),
    ],
)
def test_a_value_is_laid_out_as_the_map_says(value, words):
    where = {"slave": 9, "base": 1, "value": {"address": 1, **value}}
    held = lay_out(where, 123_450.0, 1, is_stable=True, troubles=frozenset())
    assert tuple(held[address] for address in range(len(words))) == words
    assert held.get(6, 1) == 1


def test_a_sign_of_rest_may_be_a_bit_that_is_off():
    where = {**BALANCE_MAP, "status": {"stable": {"address": 2, "bit": 3, "when": 0}}}
    assert lay_out(where, 1.0, 1, is_stable=True, troubles=frozenset())[2] == 0
    assert lay_out(where, 1.0, 1, is_stable=False, troubles=frozenset())[2] == 8
