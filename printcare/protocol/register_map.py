"""Where an instrument on Modbus keeps its value, its state and its number: one map an instrument, nothing assumed.

No two indicators share a map (devices.md §12.2), so every word of it is a setting. Addresses count from 0 here, as they
travel; a file may count from 1, as most manuals do, and says so.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from decimal import Decimal

from printcare.errors import PrintcareError

KINDS = {"int16": (1, ">h"), "uint16": (1, ">H"), "int32": (2, ">i"), "uint32": (2, ">I"), "float32": (2, ">f")}
# Powers of ten into the unit printcare reckons with, so that every digit is kept.
UNITS = {
    "mg": ("mg", 0), "g": ("mg", 3), "kg": ("mg", 6),
    "kPa": ("kPa", 0), "Pa": ("kPa", -3), "mbar": ("kPa", -1), "bar": ("kPa", 2), "MPa": ("kPa", 3),
}  # fmt: skip
SPAN_LIMIT = 64  # registers of one question; more is noise on the wire for one value
_FLOAT_LIMIT = 1e9
_SLAVES = range(1, 248)
_ADDRESSES = range(0x10000)


@dataclass(frozen=True, slots=True)
class StatusBit:
    """One bit of one register; `reason` says in words what its being set makes of a value."""

    register: int
    bit: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """Where an instrument keeps its value.

    `kind` is one of KINDS, `word_order` big (high word first) or little; the value times `scale`, divided by ten to the
    power of `decimals_register` where there is one, is in `unit`, one of UNITS. `stable` says where the sign of rest
    stands and `is_stable_when` which of 0 and 1 it is; without it every weight is moving. `troubles` are bits of which
    each makes a value no value. `serial_register` holds a number of 32 bits.
    """

    slave: int
    address: int
    kind: str
    word_order: str
    scale: Decimal
    unit: str
    function: int = 3  # 3 holding, 4 input registers
    stable: StatusBit | None = None
    is_stable_when: int = 1
    troubles: tuple[StatusBit, ...] = ()
    decimals_register: int | None = None
    serial_register: int | None = None
    title: str = "Modbus instrument"
    range_kpa: tuple[int, int] = (0, 0)  # of a pressure transmitter

    def __post_init__(self) -> None:
        """Refuse a map no instrument can have; raises PrintcareError MODBUS_MAP."""
        wrong = self._wrong()
        if wrong:
            remedy = "Correct it by the instrument's manual."
            raise PrintcareError("MODBUS_MAP", f"{self.title}: {wrong} cannot be.", remedy)

    def _wrong(self) -> str:
        bits = [self.stable, *self.troubles] if self.stable else list(self.troubles)
        checks = (
            (self.slave in _SLAVES, f"the slave {self.slave}"),
            (self.kind in KINDS, f"the type {self.kind!r}"),
            (self.word_order in ("big", "little"), f"the word order {self.word_order!r}"),
            (self.unit in UNITS, f"the unit {self.unit!r}"),
            (self.function in (3, 4), f"the function {self.function}"),
            (self.scale.is_finite() and self.scale != 0, f"the scale {self.scale}"),
            (self.is_stable_when in (0, 1), f"the sign of rest {self.is_stable_when}"),
            (all(each and each.bit in range(16) for each in bits), "a bit outside 0 to 15"),
            (self.range_kpa[0] <= self.range_kpa[1], f"the range {self.range_kpa}"),
        )
        told = next((text for is_good, text in checks if not is_good), "")
        if told:
            return told
        used = self._used()
        if not (min(used) in _ADDRESSES and max(used) in _ADDRESSES):
            return "an address outside 0 to 65535"
        return f"{self.count} registers in one question" if self.count > SPAN_LIMIT else ""

    def _used(self) -> list[int]:
        used = [self.address, self.address + KINDS[self.kind][0] - 1, *(bit.register for bit in self.troubles)]
        if self.stable is not None:
            used.append(self.stable.register)
        if self.decimals_register is not None:
            used.append(self.decimals_register)
        if self.serial_register is not None:
            used += [self.serial_register, self.serial_register + 1]
        return used

    @property
    def first(self) -> int:
        """Return the first register a question reads."""
        return min(self._used())

    @property
    def count(self) -> int:
        """Return how many registers one question reads, so that value and state are of one moment."""
        return max(self._used()) - self.first + 1

    # ---- what an answer says; `data` are the registers from `first` on, as they came

    def _word(self, data: bytes, register: int) -> int:
        place = 2 * (register - self.first)
        return int.from_bytes(data[place : place + 2], "big")

    def _is_set(self, data: bytes, bit: StatusBit) -> bool:
        return bool(self._word(data, bit.register) >> bit.bit & 1)

    def trouble(self, data: bytes) -> str:
        """Return why the value is none, or nothing."""
        return next((bit.reason for bit in self.troubles if self._is_set(data, bit)), "")

    def value(self, data: bytes) -> Decimal | None:
        """Return the value in mg or kPa, or None where the registers hold no number.

        A float32 is taken with its seven digits; more would be invented.
        """
        size, form = KINDS[self.kind]
        place = 2 * (self.address - self.first)
        words = data[place : place + 2 * size]
        if size == 2 and self.word_order == "little":
            words = words[2:] + words[:2]
        number = struct.unpack(form, words)[0]
        if self.kind == "float32" and not abs(number) <= _FLOAT_LIMIT:  # a NaN is not below anything
            return None
        exact = Decimal(f"{number:.7g}") if self.kind == "float32" else Decimal(number)
        decimals = 0 if self.decimals_register is None else self._word(data, self.decimals_register)
        if decimals > 9:
            return None
        return (exact * self.scale).scaleb(UNITS[self.unit][1] - decimals)

    def is_stable(self, data: bytes) -> bool:
        """Whether the instrument says that its value stands still."""
        return self.stable is not None and self._is_set(data, self.stable) == bool(self.is_stable_when)

    def serial(self, data: bytes) -> str:
        """Return the serial number, or nothing where no register holds one."""
        if self.serial_register is None:
            return ""
        return str(self._word(data, self.serial_register) << 16 | self._word(data, self.serial_register + 1))
