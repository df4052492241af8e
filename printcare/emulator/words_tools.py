"""T0, T1 …: another tool into use, once the machine stands still."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from printcare.protocol.marlin_device import Command

if TYPE_CHECKING:
    from printcare.emulator.printer import Printer, Waiting

_LEAST_FEED_MM_S = 1.0


def select_tool(printer: Printer, command: Command) -> Waiting | None:
    """Take the tool a T names into use; a board with one tool knows T0 and says nothing about it."""
    if not command.text[1:2].isdigit() or command.code >= len(printer.jackets):
        printer.voice.no_tool(printer, command.code)
        return None
    if len(printer.jackets) == 1:
        return None
    return _change(printer, command.code)


def _change(printer: Printer, number: int) -> Waiting:
    """Wait for the motion to end, then bring the new nozzle to where the old one was (Marlin's tool_change)."""
    yield printer.is_still
    if number != printer.tool:
        was, new = (printer.build.extruder(tool).offset_mm for tool in (printer.tool, number))
        yield math.dist(was, new) / max(_LEAST_FEED_MM_S, printer.build.max_feed_mm_s[0])
        printer.take_tool(number)
        printer.voice.tool_taken(printer)
