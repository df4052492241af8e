"""Which drivers exist: the built-in table, so that a frozen program has them, and plug-ins by entry point."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import entry_points
from typing import Any

from printcare.devices.balance import Balance
from printcare.devices.modbus import ModbusPressure, ModbusScale
from printcare.devices.plain_balance import SCALES
from printcare.devices.ports import PortSettings
from printcare.devices.pressure import PressureSensor
from printcare.devices.printer import Printer
from printcare.devices.register_file import Instrument, load_register_file, shipped
from printcare.errors import PrintcareError

GROUP = "printcare.devices"
SPECTROMETERS = "printcare.spectrometers"  # a class that is a `devices.spectrometer.SpectrometerDriver`
Driver = Callable[..., Any]  # a plug-in's class: only its own arguments are known to the caller

BUILT_IN: dict[str, Driver] = {
    **dict.fromkeys(("marlin", "klipper", "reprapfirmware", "smoothieware"), Printer),  # the profile names the dialect
    "mt-sics": Balance,
    **SCALES,
    "modbus-balance": ModbusScale,
    "ps1": PressureSensor,
    "modbus-pressure": ModbusPressure,
}
_MAPPED = {"modbus-balance": "weight", "modbus-pressure": "pressure"}  # these take a register map of that
# How a line is set as the maker ships it, from memory of the manuals: check the instrument's own menu.
_LINES: dict[str, tuple[int, str]] = {
    "mt-sics": (9600, "8N1"),
    "sbi": (1200, "7O1"),
    "and": (2400, "7E1"),
    "ohaus": (2400, "8N1"),
    "radwag": (9600, "8N1"),
    "ps1": (115200, "8N1"),
}


def drivers() -> dict[str, Driver]:
    """Return every driver by name; a plug-in can add a name but never replace a built-in one."""
    added = {point.name: point.load() for point in entry_points(group=GROUP) if point.name not in BUILT_IN}
    return added | BUILT_IN


def driver(name: str) -> Driver:
    """Return one driver: a name, or the name and the register map's file, as `modbus-balance:scale.toml`.

    Raises:
        PrintcareError: DRIVER_UNKNOWN; REGISTER_FILE or MODBUS_MAP for a map that cannot be used.
    """
    kind, _, file = name.partition(":")
    if kind in BUILT_IN and (not file or kind in _MAPPED):
        return partial(BUILT_IN[kind], instrument=_instrument(kind, file)) if file else BUILT_IN[kind]
    known = drivers()
    if name not in known:
        raise PrintcareError(
            "DRIVER_UNKNOWN", f"No driver is called {name!r}.", f"Known are: {', '.join(sorted(known))}."
        )
    return known[name]


def spectrometer_driver(name: str = "sp1") -> Driver:
    """Return a spectrometer's driver, made with the ports: `sp1`, or a plug-in's; raises DRIVER_UNKNOWN.

    numpy is loaded here and not by the drivers of a job, which never waits for a spectrum.
    """
    if name == "sp1":
        from printcare.devices.spectrometer import Spectrometer

        return Spectrometer
    found = {point.name: point for point in entry_points(group=SPECTROMETERS)}
    if name not in found:
        known = ", ".join(sorted({"sp1", *found}))
        raise PrintcareError("DRIVER_UNKNOWN", f"No spectrometer is called {name!r}.", f"Known are: {known}.")
    plug_in: Driver = found[name].load()
    return plug_in


def _instrument(kind: str, file: str) -> Instrument:
    found = load_register_file(file) if file else shipped(kind)
    if found.measures != _MAPPED[kind]:
        told = f"{file} is a map of a {found.measures}, and {kind} needs one of a {_MAPPED[kind]}."
        raise PrintcareError("REGISTER_FILE", told, "Name the instrument's own map.")
    return found


def port_settings(name: str, url: str) -> PortSettings:
    """Return how an instrument's port is opened: by its register map, or as its maker ships it."""
    kind, _, file = name.partition(":")
    if kind in _MAPPED:
        found = _instrument(kind, file)
        return PortSettings(url, (found.baud,), framing=found.framing)
    baud, framing = _LINES.get(name, (115200, "8N1"))
    return PortSettings(url, (baud,), framing=framing)
