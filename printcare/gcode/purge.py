"""The way from the park place over the waste and back, for a prime between two units; nothing is extruded on it."""

from __future__ import annotations

from printcare.domain.machine import FirmwareProfile
from printcare.gcode.sheet import Sheet


def way_to_waste(profile: FirmwareProfile, tool: int) -> tuple[str, ...]:
    """Return the lines that take a tool from the park place over the waste, as high as every travel, and wait there.

    A prime counts its time from its first push: nothing else may be on its way then.
    """
    sheet = Sheet(profile, tool)
    sheet.x_mm, sheet.y_mm, sheet.z_mm = profile.park_mm
    sheet.change(tool)
    sheet.rise_to(max(sheet.z_mm, profile.travel_z_mm))
    sheet.travel(*profile.purge_mm[:2])
    sheet.rise_to(profile.purge_mm[2])
    return (*sheet.lines, "M400")


def way_to_park(profile: FirmwareProfile, tool: int) -> tuple[str, ...]:
    """Return the lines that park a tool after its prime: there the next unit begins, as it was checked."""
    sheet = Sheet(profile, tool)
    sheet.x_mm, sheet.y_mm, sheet.z_mm = *profile.purge_mm[:2], profile.travel_z_mm
    sheet.travel(*profile.park_mm[:2])
    sheet.rise_to(profile.park_mm[2])
    return (*sheet.lines, *profile.park_code, "M400")
