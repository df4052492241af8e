"""Every exit but success goes through here: stop bytes first, then pressure and heat off, then a sign of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # each device has its own events

from printcare.control.alarms import Stop
from printcare.control.events import SafeStateSent
from printcare.control.instruments import Instruments
from printcare.errors import PrintcareError
from printcare.protocol.marlin_reply import Fatal, Temperatures
from printcare.protocol.wire import PRINTER

CONFIRM_S = 4.0  # wall seconds: M410 takes up to two until its ok, and temperatures come every second
RELIEVE_MM_MIN = 60


def make_safe(bench: Instruments, how: Stop, reason: str, relief_mm: float) -> SafeStateSent:
    """Stop the printer and return what was sent and whether it answered; never raises.

    A quick stop empties the planner, takes `relief_mm` of plunger back so that nothing oozes, and switches the heaters
    off. When that is not answered, the danger is real, or the firmware has no quick stop (`protocol.stops`), the kill
    follows, after which a person has to bring the board back.
    """
    stops = bench.printer.stops
    try:
        if how is not Stop.KILL and stops.quick and _quick_stop(bench, stops.quick, relief_mm):
            relieved = ", pressure relieved" if relief_mm > 0 else ""
            return SafeStateSent(f"{stops.quick}{relieved}, heaters off", True, reason)
        return SafeStateSent(stops.kill_told, _kill(bench), reason)
    except PrintcareError as fault:
        return SafeStateSent(f"{stops.kill_told} could not be written: {fault.message}", False, reason)


def _quick_stop(bench: Instruments, word: str, relief_mm: float) -> bool:
    """Stop, relieve, cool; the answer that counts is a temperature line whose set points are all 0."""
    if not bench.printer.is_open:
        return False
    bench.printer.stop(word)
    relieve = f"M83\nG1 E-{relief_mm:.5f} F{RELIEVE_MM_MIN}\nM82\n" if relief_mm > 0 else ""
    further = "".join(f"M104 T{tool} S0\n" for tool in range(1, len(bench.printer.profile.tools)))
    bench.ports.send(PRINTER, f"{relieve}M104 S0\n{further}M140 S0\nM155 S1\n".encode("ascii"))
    return _seen(bench, _is_cold)


def _is_cold(event: Any) -> bool:
    return isinstance(event, Temperatures) and not any(target_c for _, _, target_c in event.readings)


def _kill(bench: Instruments) -> bool:
    bench.printer.stop()
    return _seen(bench, lambda event: isinstance(event, Fatal))


def _seen(bench: Instruments, is_sign: Callable[[Any], bool]) -> bool:
    """Listen without interlocks until the printer gives the sign or the time is up."""
    seen: list[bool] = []
    end_s = bench.ports.now() + CONFIRM_S

    def note(_source: str, event: Any) -> None:
        if is_sign(event):
            seen.append(True)

    while not seen and (left_s := end_s - bench.ports.now()) > 0:
        bench.turn(min(left_s, 0.1), note, lambda _command: None)
    return bool(seen)
