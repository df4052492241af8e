"""Which drivers exist: the built-in table, so that a frozen program has them, and plug-ins by entry point."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from printcare.devices.balance import Balance
from printcare.devices.plain_balance import SCALES
from printcare.devices.pressure import PressureSensor
from printcare.devices.printer import Printer
from printcare.errors import PrintcareError

GROUP = "printcare.devices"
Driver = Callable[..., Any]  # a plug-in's class: only its own arguments are known to the caller

BUILT_IN: dict[str, Driver] = {
    **dict.fromkeys(("marlin", "klipper", "reprapfirmware", "smoothieware"), Printer),  # the profile names the dialect
    "mt-sics": Balance,
    **SCALES,
    "ps1": PressureSensor,
}


def drivers() -> dict[str, Driver]:
    """Return every driver by name; a plug-in can add a name but never replace a built-in one."""
    added = {point.name: point.load() for point in entry_points(group=GROUP) if point.name not in BUILT_IN}
    return added | BUILT_IN


def driver(name: str) -> Driver:
    """Return one driver; raises PrintcareError DRIVER_UNKNOWN."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    known = drivers()
    if name not in known:
        raise PrintcareError(
            "DRIVER_UNKNOWN", f"No driver is called {name!r}.", f"Known are: {', '.join(sorted(known))}."
        )
    return known[name]
