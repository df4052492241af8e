"""A register map's file is read whole or refused whole, with every problem of its keys."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from printcare.devices.register_file import load_register_file, read_register_file, shipped
from printcare.devices.registry import driver, port_settings
from printcare.errors import PrintcareError
from printcare.protocol.register_map import StatusBit

SHIPPED = Path(__file__).parents[2] / "printcare" / "devices" / "maps"
SCALE = (SHIPPED / "modbus-balance.toml").read_text()


def test_the_shipped_maps_are_read() -> None:
    found = shipped("modbus-balance")
    assert (found.measures, found.baud, found.framing) == ("weight", 19200, "8E1")
    assert found.registers.scale == Decimal("0.1")
    assert found.registers.stable == StatusBit(2, 0)
    assert shipped("modbus-pressure").registers.range_kpa == (0, 1000)


def test_registers_counted_from_one_are_those_before(tmp_path: Path) -> None:
    text = SCALE.replace("base = 0", "base = 1").replace("address = 0", "address = 1")
    text = text.replace("address = 2", "address = 3").replace("serial_address = 3", "serial_address = 4")
    file = tmp_path / "scale.toml"
    file.write_text(text)
    assert load_register_file(str(file)) == shipped("modbus-balance")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("slave = 1", "", "slave is missing"),
        ("slave = 1", "slave = 1\ncolour = 3", "colour is not known"),
        ("slave = 1", 'slave = "1"', "slave is of the wrong type"),
        ("slave = 1", "slave = true", "slave is of the wrong type"),
        ('"8E1"', '"9E1"', "line.framing is '9E1'"),
        ("19200", "0", "line.baud is 0"),
        ("schema = 1", "schema = 2", "schema is 2"),
        ("base = 0", "base = 2", "base is 2"),
        ('"weight" ', '"colour" ', "measures is 'colour'"),
        ("when = 1", "when = true", "status.stable needs"),
        (', reason = "overload"', "", "status.troubles needs"),
        ("{ address = 2, bit = 1", "7, { address = 2, bit = 1", "status.troubles needs"),
        ("serial_address = 3", "range_kpa = [0]", "identity.range_kpa is no range"),
        ("schema = 1", "schema = ", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(old: str, new: str, told: str) -> None:
    with pytest.raises(PrintcareError, match="REGISTER_FILE") as refused:
        read_register_file(SCALE.replace(old, new, 1).encode(), "scale.toml")
    assert told in refused.value.message


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PrintcareError, match="cannot be read"):
        load_register_file(str(tmp_path / "none.toml"))
    with pytest.raises(PrintcareError, match="is not TOML"):
        read_register_file(b"\xff\xfe", "scale.toml")


def test_a_driver_takes_its_map_by_name(tmp_path: Path) -> None:
    file = tmp_path / "scale.toml"
    file.write_text(SCALE.replace("slave = 1", "slave = 9"))
    made = driver(f"modbus-balance:{file}")(None)
    assert made._slave == 9
    assert port_settings(f"modbus-balance:{file}", "/dev/x").framing == "8E1"
    with pytest.raises(PrintcareError, match="is a map of a weight"):
        driver(f"modbus-pressure:{file}")
    with pytest.raises(PrintcareError, match="DRIVER_UNKNOWN"):
        driver("mt-sics:scale.toml")


@pytest.mark.parametrize(
    ("name", "baud", "framing"),
    [("mt-sics", 9600, "8N1"), ("and", 2400, "7E1"), ("modbus-pressure", 115200, "8E1"), ("other", 115200, "8N1")],
)
def test_a_port_is_opened_as_the_maker_ships_the_instrument(name: str, baud: int, framing: str) -> None:
    settings = port_settings(name, "/dev/ttyUSB0")
    assert (settings.url, settings.bauds, settings.framing) == ("/dev/ttyUSB0", (baud,), framing)
