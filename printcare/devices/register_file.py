"""A register map as a file: what an instrument's manual says, in TOML, checked key by key before anything is asked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any  # a file's values, until each is checked

from printcare.errors import PrintcareError
from printcare.protocol.register_map import RegisterMap, StatusBit

MEASURES = ("weight", "pressure")
FRAMINGS = tuple(f"{size}{parity}{stop}" for size in "78" for parity in "NEO" for stop in "12")
_NUMBER = (int, Decimal)
# Every key a file may have: its type, and whether it must be there.
_KEYS: dict[str, tuple[type | tuple[type, ...], bool]] = {
    "schema": (int, True), "kind": (str, True), "title": (str, True), "measures": (str, True),
    "slave": (int, True), "function": (int, True), "base": (int, True),
    "line.baud": (int, True), "line.framing": (str, True),
    "value.address": (int, True), "value.type": (str, True), "value.word_order": (str, True),
    "value.scale": (_NUMBER, True), "value.unit": (str, True), "value.decimals_address": (int, False),
    "status.stable": (dict, False), "status.troubles": (list, False),
    "identity.serial_address": (int, False), "identity.range_kpa": (list, False),
}  # fmt: skip
_TABLES = {key.partition(".")[0] for key in _KEYS if "." in key}


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a file says: the map, what is measured, and how its line is set."""

    registers: RegisterMap
    measures: str  # weight | pressure
    baud: int
    framing: str  # data bits, parity, stop bits: 8E1


def shipped(name: str) -> Instrument:
    """Return a map that comes with printcare, `modbus-balance` or `modbus-pressure`."""
    resource = files("printcare.devices") / "maps" / f"{name}.toml"
    return read_register_file(resource.read_bytes(), f"{name}.toml")


def load_register_file(path: str) -> Instrument:
    """Return the map in a file; raises PrintcareError REGISTER_FILE."""
    try:
        return read_register_file(Path(path).read_bytes(), path)
    except OSError as fault:
        raise _refused(path, [f"cannot be read: {fault.strerror}"]) from fault


def read_register_file(data: bytes, name: str) -> Instrument:
    """Return what a file says.

    Raises:
        PrintcareError: REGISTER_FILE with every problem of its keys; MODBUS_MAP for a map no instrument can have.
    """
    try:
        root = tomllib.loads(data.decode("utf-8"), parse_float=Decimal)
    except ValueError as fault:  # tomllib's and the decoder's faults are ValueErrors
        raise _refused(name, [f"is not TOML: {fault}"]) from fault
    flat = _flat(root)
    problems = _problems(flat)
    if problems:
        raise _refused(name, problems)
    base = flat["base"]
    stable = flat.get("status.stable")
    decimals, serial = flat.get("value.decimals_address"), flat.get("identity.serial_address")
    registers = RegisterMap(
        slave=flat["slave"],
        address=flat["value.address"] - base,
        kind=flat["value.type"],
        word_order=flat["value.word_order"],
        scale=Decimal(flat["value.scale"]),
        unit=flat["value.unit"],
        function=flat["function"],
        stable=None if stable is None else StatusBit(stable["address"] - base, stable["bit"]),
        is_stable_when=1 if stable is None else stable["when"],
        troubles=tuple(
            StatusBit(bit["address"] - base, bit["bit"], bit["reason"]) for bit in flat.get("status.troubles", ())
        ),
        decimals_register=None if decimals is None else decimals - base,
        serial_register=None if serial is None else serial - base,
        title=flat["title"],
        range_kpa=tuple(flat.get("identity.range_kpa", (0, 0))),
    )
    return Instrument(registers, flat["measures"], flat["line.baud"], flat["line.framing"])


def _flat(root: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values by their dotted keys, one table deep."""
    flat: dict[str, Any] = {}
    for key, value in root.items():
        if key in _TABLES and isinstance(value, dict):
            flat |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat


def _problems(flat: Mapping[str, Any]) -> list[str]:
    told = [f"{key} is not known" for key in flat if key not in _KEYS]
    told += [f"{key} is missing" for key, (_, is_needed) in _KEYS.items() if is_needed and key not in flat]
    for key, (kind, _) in _KEYS.items():
        if key in flat and (not isinstance(flat[key], kind) or isinstance(flat[key], bool)):
            told.append(f"{key} is of the wrong type")
    if told:
        return told
    chosen = (("kind", ("register-map",)), ("schema", (1,)), ("measures", MEASURES), ("base", (0, 1)))
    told += [
        f"{key} is {flat[key]!r}" for key, known in (*chosen, ("line.framing", FRAMINGS)) if flat[key] not in known
    ]
    told += [f"line.baud is {flat['line.baud']}"] if flat["line.baud"] <= 0 else []
    bits = [("status.stable", flat["status.stable"], "when")] if "status.stable" in flat else []
    bits += [("status.troubles", bit, "reason") for bit in flat.get("status.troubles", ())]
    told += [f"{key} needs address, bit and {third}" for key, bit, third in bits if not _is_bit(bit, third)]
    limits = flat.get("identity.range_kpa", [0, 0])
    told += [] if len(limits) == 2 and all(type(each) is int for each in limits) else ["identity.range_kpa is no range"]
    return told


def _is_bit(bit: object, third: str) -> bool:
    if not isinstance(bit, dict) or bit.keys() != {"address", "bit", third}:
        return False
    kinds = {"address": int, "bit": int, "when": int, "reason": str}
    return all(type(value) is kinds[key] for key, value in bit.items())


def _refused(name: str, problems: list[str]) -> PrintcareError:
    return PrintcareError("REGISTER_FILE", f"{name}: {'; '.join(problems)}.", "Correct it by the instrument's manual.")
