"""The emulated balance and pressure transmitter behind Modbus RTU: the same physics, in registers laid out by a map.

A map is what a register-map file holds, tables and all; the demonstration maps below are those of the shipped files.
The registers are laid out here and read by the host, which share nothing but the file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from printcare.emulator.balance import CAPACITY_MG, REPLY_S, Balance
from printcare.emulator.chance import Stream
from printcare.emulator.clock import Clock
from printcare.emulator.pressure import RANGE_KPA, PressureSensor
from printcare.protocol.modbus_device import ModbusSlave

RegisterFile = Mapping[str, Any]  # as tomllib gives it
BALANCE_MAP: RegisterFile = {
    "slave": 1,
    "base": 0,
    "value": {"address": 0, "type": "int32", "word_order": "big", "scale": 0.1, "unit": "mg"},
    "status": {
        "stable": {"address": 2, "bit": 0, "when": 1},
        "troubles": [{"address": 2, "bit": 1, "reason": "overload"}, {"address": 2, "bit": 2, "reason": "underload"}],
    },
    "identity": {"serial_address": 3},
}
PRESSURE_MAP: RegisterFile = {
    "slave": 2,
    "base": 0,
    "value": {"address": 0, "type": "float32", "word_order": "big", "scale": 1, "unit": "kPa"},
    "status": {"troubles": [{"address": 2, "bit": 0, "reason": "at the end of its range"}]},
    "identity": {"serial_address": 3},
}
SERIALS = {"mg": 4711, "kPa": 815}
_PER_UNIT = {"mg": 1.0, "g": 1e3, "kg": 1e6, "kPa": 1.0, "Pa": 1e-3, "mbar": 0.1, "bar": 100.0, "MPa": 1e3}
_FORMS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}


def lay_out(
    where: RegisterFile, value: float, serial: int, *, is_stable: bool, troubles: frozenset[str]
) -> dict[int, int]:
    """Return the registers that tell a value in mg or kPa, its state and the instrument's number."""
    base, place = where["base"], where["value"]
    decimals = place.get("decimals_address")
    number = value / _PER_UNIT[place["unit"]] / float(place["scale"]) * (10.0 if decimals is not None else 1.0)
    held = {place["address"] - base + offset: word for offset, word in enumerate(_words(place, number))}
    if decimals is not None:
        held[decimals - base] = 1
    status = where.get("status", {})
    stable = status.get("stable")
    if stable is not None:
        _set(held, stable["address"] - base, stable["bit"], is_stable == bool(stable["when"]))
    for bit in status.get("troubles", ()):
        _set(held, bit["address"] - base, bit["bit"], bit["reason"] in troubles)
    at = where.get("identity", {}).get("serial_address")
    if at is not None:
        held[at - base], held[at - base + 1] = serial >> 16, serial & 0xFFFF
    for address in range(min(held), max(held)):
        held.setdefault(address, 0)
    return held


def _words(place: Mapping[str, Any], number: float) -> list[int]:
    form = _FORMS[place["type"]]
    packed = struct.pack(form, number if form == ">f" else round(number))
    words = [int.from_bytes(packed[start : start + 2], "big") for start in range(0, len(packed), 2)]
    return words[::-1] if place.get("word_order") == "little" else words


def _set(held: dict[int, int], register: int, bit: int, is_set: bool) -> None:
    held[register] = held.get(register, 0) | is_set << bit


class ModbusBalance(Balance):
    """The balance as an indicator that is polled; it knows neither tare nor zero of the host's."""

    def __init__(
        self,
        clock: Clock,
        load_mg: Callable[[], float],
        chance: Stream,
        out: Callable[[bytes], None],
        speed: float,
        where: RegisterFile = BALANCE_MAP,
    ) -> None:
        super().__init__(clock, load_mg, chance, out, speed)
        self._where = where
        names = ("printcare", "EMU204", f"simulated:1 speed:{speed:g}")
        self._modbus = ModbusSlave(where["slave"], self._registers, names)

    def receive(self, data: bytes) -> None:
        """Take bytes from the host; an answer comes a little later."""
        self.on_request()
        answer = b"" if self.is_dead else self._modbus.receive(data)
        if answer:
            self._clock.after(REPLY_S, lambda: self._say(answer))

    def power_cycle(self) -> None:
        """Forget tare and zero, as after switching off and on."""
        self._cancel()
        self._tare_mg = self._zero_mg = 0.0

    def _registers(self) -> dict[int, int]:
        troubles = {"overload"} if self.is_overloaded or self._shown_mg > CAPACITY_MG else set()
        if self._shown_mg < -CAPACITY_MG * 0.01:
            troubles.add("underload")
        # The fault balance-wrong-unit: the indicator was set to grams and its numbers are a thousandth.
        value = self._net_mg() / 1000 if self.unit == "mg" else self._net_mg()
        held = 0.0 if "overload" in troubles else value
        return lay_out(self._where, held, SERIALS["mg"], is_stable=self.is_stable(), troubles=frozenset(troubles))


class ModbusPressure(PressureSensor):
    """The pressure transmitter as one that is polled."""

    def __init__(
        self,
        clock: Clock,
        chance: Stream,
        out: Callable[[bytes], None],
        speed: float,
        range_kpa: float = RANGE_KPA,
        number: int = 0,
        where: RegisterFile = PRESSURE_MAP,
    ) -> None:
        super().__init__(clock, chance, out, speed, range_kpa, number)
        self._where, self._number = where, number
        names = ("printcare", "EMUP", f"simulated:1 speed:{speed:g}")
        self._modbus = ModbusSlave(where["slave"], self._registers, names)

    def receive(self, data: bytes) -> None:
        """Take bytes from the host; an answer comes a little later."""
        answer = b"" if self.is_dead else self._modbus.receive(data)
        if answer:
            self._clock.after(REPLY_S, lambda: self._out(answer))

    def _registers(self) -> dict[int, int]:
        kpa, flag = self._measure()
        troubles = frozenset(() if flag == "OK" else ("at the end of its range",))
        return lay_out(self._where, kpa, SERIALS["kPa"] + self._number, is_stable=True, troubles=troubles)
