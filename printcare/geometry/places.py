"""Where units stand on the tray, and every reason why they cannot."""

from __future__ import annotations

import math

from printcare.domain.checks import Finding, error
from printcare.domain.machine import Box, FirmwareProfile, Tray
from printcare.geometry.form import SolvedForm

LIFT_MM = 5.0  # clear of the unit before the balance is read (process.md §4.2)


def free_positions(tray: Tray, envelope_mm: float) -> tuple[int, ...]:
    """Return the positions (0-based) where a unit of that diameter reaches into no keep-out, A1 first."""
    return tuple(
        index
        for index in range(tray.size)
        if not any(_touches(tray.centre(index), envelope_mm / 2, box) for box in tray.keep_outs)
    )


def _touches(centre: tuple[float, float], radius_mm: float, box: Box) -> bool:
    dx = max(box.min_x_mm - centre[0], 0.0, centre[0] - box.max_x_mm)
    dy = max(box.min_y_mm - centre[1], 0.0, centre[1] - box.max_y_mm)
    return math.hypot(dx, dy) < radius_mm


def objections(form: SolvedForm, units: int, free: int, profile: FirmwareProfile) -> tuple[Finding, ...]:
    """Return every reason why so many units of a form cannot stand on the tray."""
    findings = []
    tray = profile.tray
    if not 1 <= units <= free:
        kept = f", {tray.size - free} of them kept out" if free < tray.size else ""
        told = f"{units} units are asked for; the tray has {tray.size} positions{kept}."
        findings.append(error("E_TRAY_FULL", told, "Print in several batches.", "units"))
    space_mm = min(tray.unit_space_mm, tray.pitch_mm)
    if form.envelope_mm > space_mm:
        told = f"A unit of {form.diameter_mm:.2f} mm needs {form.envelope_mm:.2f} mm, a position has {space_mm} mm."
        remedy = "Split the dose, or use a tray with larger positions."
        findings.append(error("E_GEOMETRY_TRAY", told, remedy, "shape.diameter_mm"))
    top_mm = max(form.top_mm, form.rim_mm)
    if top_mm + LIFT_MM > profile.travel_z_mm:
        told = f"A unit {top_mm:.2f} mm high leaves less than {LIFT_MM} mm below the travel height of "
        told += f"{profile.travel_z_mm} mm."
        remedy = "Split the dose, or raise the profile's travel height."
        findings.append(error("E_GEOMETRY_TRAVEL", told, remedy, "shape.height_mm"))
    return tuple(findings)
