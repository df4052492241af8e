"""The speed of a head that gives what its valve and pressure were calibrated at: as fast as its flows allow."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import Part
from printcare.gcode.relief import stretches
from printcare.geometry.layout import Toolpath

MM_MIN = 60  # a feed is written in whole mm/min


def paced(path: Toolpath, part: Part, profile: FirmwareProfile) -> Part | Finding:
    """Return the part with a speed at which every bead of the path flows as the head was calibrated.

    The recipe's own speed where that is one, else the nearest to it within its normal range, else within its proven
    range, in whole mm/min; a Finding with both ranges where there is none.
    """
    calibrated = profile.tools[part.tool].flow_mm3_s
    if calibrated is None:
        return part
    volumes, seconds, _ = stretches(path)
    sections_mm2 = volumes / seconds / float(part.parameters.print_speed_mm_s.target)
    slowest = math.ceil(calibrated[0] / float(sections_mm2.min()) * MM_MIN - 1e-9)
    fastest = math.floor(calibrated[1] / float(sections_mm2.max()) * MM_MIN + 1e-9)
    speed = part.parameters.print_speed_mm_s
    wanted = round(speed.target * MM_MIN)  # the recipe's, or what a path before this one was laid for
    if slowest <= wanted <= fastest:
        return part
    for low, high in (speed.normal, speed.proven):
        least, most = max(slowest, math.ceil(low * MM_MIN)), min(fastest, math.floor(high * MM_MIN))
        if least <= most:
            chosen = Decimal(min(max(wanted, least), most)) / MM_MIN
            parameters = replace(part.parameters, print_speed_mm_s=replace(speed, target=chosen))
            return replace(part, parameters=parameters)
    low_mm3_s, high_mm3_s = (
        float(sections_mm2.min() * float(speed.proven[0])),
        float(sections_mm2.max() * float(speed.proven[1])),
    )
    return error(
        "E_FLOW_CALIBRATED",
        f"At the proven {speed.proven[0]} to {speed.proven[1]} mm/s the beads flow at {low_mm3_s:.2f} to "
        f"{high_mm3_s:.2f} mm³/s; the head was calibrated from {calibrated[0]:g} to {calibrated[1]:g} mm³/s.",
        "Calibrate the head at the flows this dose needs, or use another nozzle or printer.",
        "parameters.print_speed_mm_s",
    )
