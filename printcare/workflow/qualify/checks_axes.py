"""Checks of the axes: the corners of the tray are reached, and home is still where its end stops are."""

from __future__ import annotations

import re
from decimal import Decimal

from printcare.domain.machine import FirmwareProfile
from printcare.errors import PrintcareError
from printcare.protocol.marlin_reply import Position, Remark
from printcare.workflow.qualify.check_site import Checked, Row, Site, all_of
from printcare.workflow.qualify.talk import Talk

# Marlin `x_min: TRIGGERED`, Klipper `stepper_x:TRIGGERED`, RepRapFirmware `X: at min stop`, Smoothieware `X_min:1`.
_SWITCH = re.compile(
    r"(?i)(?<![a-z])(?:stepper_)?([xy])(?:[_ ](?:min|max))?: ?(TRIGGERED|open|at (?:min|max) stop|not stopped|[01])\b"
)
_CLOSED = re.compile(r"(?i)TRIGGERED|at (?:min|max) stop|1")


def axes(site: Site) -> Checked:
    """Home, go round the corners of the tray, and look at the end stops: closed at home, open a step before it.

    M114 tells what the firmware believes; a step that the motor lost is seen by a switch alone. Each round begins with
    a homing of its own, so that home itself has to be found again.
    """
    talk, limit_mm, rounds = Talk(site), site.figure("limit_mm"), int(site.figure("rounds"))
    rows: dict[str, Row] = {}
    for number in range(1, rounds + 1):
        talk.lines("G28", "M400", "M114")
        home = _position(talk)
        for corner, (x_mm, y_mm) in enumerate(_corners(site.profile), 1):
            off_mm = _off_mm(talk, x_mm, y_mm, site.profile.travel_z_mm)
            rows[f"round {number}, corner {corner}"] = (off_mm <= limit_mm, f"off by {off_mm} mm")
        rows |= {f"round {number}, {name}": found for name, found in _at_home(talk, site, home).items()}
    return all_of(rows)


def _corners(profile: FirmwareProfile) -> list[tuple[float, float]]:
    tray = profile.tray
    return [tray.centre(index) for index in (0, tray.columns - 1, tray.size - 1, tray.size - tray.columns)]


def _off_mm(talk: Talk, x_mm: float, y_mm: float, z_mm: float) -> Decimal:
    """Return how far from where it was sent the printer says it is."""
    talk.lines(f"G0 X{x_mm:.3f} Y{y_mm:.3f} Z{z_mm:.3f} F3000", "M400", "M114")
    said = _position(talk)
    return Decimal(str(round(max(abs(said.x_mm - x_mm), abs(said.y_mm - y_mm), abs(said.z_mm - z_mm)), 3)))


def _at_home(talk: Talk, site: Site, home: Position) -> dict[str, Row]:
    """Return whether each end stop closes at home, and not yet `step_mm` before it."""
    step_mm = float(site.figure("step_mm"))
    first_x_mm, first_y_mm = site.profile.tray.centre(0)
    before_x_mm = home.x_mm + (step_mm if first_x_mm >= home.x_mm else -step_mm)
    before_y_mm = home.y_mm + (step_mm if first_y_mm >= home.y_mm else -step_mm)
    before = _closed_at(talk, before_x_mm, before_y_mm)
    at_home = _closed_at(talk, home.x_mm, home.y_mm)
    return {
        f"end stops {step_mm:g} mm before home": (before == {"x": False, "y": False}, _told(before)),
        "end stops at home": (at_home == {"x": True, "y": True}, _told(at_home)),
    }


def _closed_at(talk: Talk, x_mm: float, y_mm: float) -> dict[str, bool]:
    talk.lines(f"G0 X{x_mm:.3f} Y{y_mm:.3f} F3000", "M400")
    before = len(talk.said(Remark))
    talk.lines("M119", "M400")
    said = " ".join(each.text for each in talk.said(Remark)[before:])
    return {axis.lower(): bool(_CLOSED.fullmatch(state)) for axis, state in _SWITCH.findall(said)}


def _told(closed: dict[str, bool]) -> str:
    return ", ".join(f"{axis} {'closed' if is_closed else 'open'}" for axis, is_closed in closed.items()) or "no answer"


def _position(talk: Talk) -> Position:
    said = talk.said(Position)
    if not said:
        raise PrintcareError("STEP_TIMEOUT", "The printer does not say where it is.", "Look at the bench.")
    last: Position = said[-1]
    return last
