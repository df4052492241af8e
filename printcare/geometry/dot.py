"""A small dose as one dot in a vessel: pushed in the middle while the nozzle rises with the level (process.md §8.4)."""

from __future__ import annotations

import math

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import Nozzle, Range, Shape, Vessel
from printcare.domain.vessels import CLEARANCE_MM, NEEDLE_WALL_MM
from printcare.geometry.bead import XY_DIGITS, gapless_pitch_mm
from printcare.geometry.form import SolvedForm
from printcare.geometry.reach import HORIZON_SHARE
from printcare.geometry.strand import Array
from printcare.geometry.vessel import depth_of, held_mm3

GAP_BORES = 1.0  # the nozzle stands so high above the level it feeds
MOST_BORES = 2.0  # farther above it a strand would coil instead of sinking in
LEAST_RISE_MM = 0.01  # ten digits of Z; a flatter dot has no height to be read back from
LOOKS = 33  # at the level while it rises


def solve_dot(
    volume_mm3: float, shape: Shape, vessel: Vessel, layer: Range, nozzle: Nozzle
) -> SolvedForm | tuple[Finding, ...]:
    """Return the rise of a dot of that volume, or why there is none.

    The nozzle rises evenly with what it has given, never below the level and never more than two bores above it.
    """
    bore_mm = float(nozzle.bore_mm)
    depth_mm = depth_of(vessel, volume_mm3)
    low, high = (float(limit) for limit in shape.bead_width_ratio)
    findings = []
    if depth_mm > float(vessel.depth_mm * vessel.fill_share):
        told = f"{volume_mm3:.1f} mm³ fill {vessel.name} to {depth_mm:.2f} mm; {vessel.fill_share} of {vessel.depth_mm}"
        remedy = "Use a larger vessel, or split the dose."
        findings.append(error("E_GEOMETRY_OVERFILL", f"{told} mm are allowed.", remedy, "shape.vessel"))
    needle_mm = bore_mm + 2 * (NEEDLE_WALL_MM + CLEARANCE_MM)
    if needle_mm > float(vessel.inner_mm) or float(nozzle.length_mm) < float(vessel.depth_mm):
        told = f"A needle of {nozzle.bore_mm} x {nozzle.length_mm} mm does not reach the bottom of {vessel.name}."
        findings.append(error("E_GEOMETRY_REACH", told, "Use a longer or thinner needle.", "nozzle"))
    above_mm = GAP_BORES * bore_mm + _bulge_mm(vessel, volume_mm3, depth_mm)
    if above_mm > MOST_BORES * bore_mm or depth_mm < LEAST_RISE_MM:
        told = f"A dot of {volume_mm3:.2f} mm³ rises {depth_mm:.3f} mm in {vessel.name}, too little or too unevenly "
        told += "for a nozzle that rises with it."
        findings.append(error("E_GEOMETRY_DOT", told, "Use a narrower vessel, or another path.", "shape.vessel"))
    if findings:
        return tuple(findings)
    layer_mm = float(layer.target)
    return SolvedForm(
        shape.kind,
        volume_mm3,
        float(vessel.inner_mm),
        1,
        layer_mm,
        gapless_pitch_mm(bore_mm * (low + high) / 2, layer_mm),
        bore_mm,
        (low, high),
        shape.path,
        rim_mm=float(vessel.depth_mm),
        rise_mm=(round(above_mm, XY_DIGITS), round(above_mm + depth_mm, XY_DIGITS)),
    )


def _bulge_mm(vessel: Vessel, volume_mm3: float, depth_mm: float) -> float:
    """Return how far the level runs ahead of an even rise; in a cone it does, in a cylinder it does not."""
    heights = np.linspace(0.0, depth_mm, LOOKS)
    shares = np.array([held_mm3(vessel, float(height)) for height in heights]) / volume_mm3
    return max(0.0, float((heights - shares * depth_mm).max()))


def dot_steps(form: SolvedForm, profile: FirmwareProfile, print_mm_s: float) -> tuple[Array, Array, float, float]:
    """Return points (n, 3), volumes (n − 1,), the section in mm² and the speed in mm/s of a rising dot.

    The flow is that of the form's own bead at the print's speed. Each step is short enough for the motion in flight and
    ends on a height that can be written; its volume goes with its length, so that the flow never changes.
    """
    begin_mm, end_mm = form.rise_mm or (0.0, 0.0)
    section_mm2 = form.volume_mm3 / (end_mm - begin_mm)
    feed_mm_s = form.pitch_mm * form.layer_mm * print_mm_s / section_mm2
    link = profile.link
    step_s = HORIZON_SHARE**2 * link.max_horizon_s / (link.planner_blocks + link.command_queue)
    steps = math.ceil((end_mm - begin_mm) / (feed_mm_s * step_s))
    heights = np.unique(np.round(np.linspace(begin_mm, end_mm, steps + 1), XY_DIGITS))
    points = np.zeros((len(heights), 3))
    points[:, 2] = heights
    return points, np.diff(heights) * section_mm2, section_mm2, feed_mm_s
