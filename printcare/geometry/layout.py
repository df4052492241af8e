"""A solved form laid out on the tray: one unit's path as arrays, replayed at every position."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import Nozzle, ProcessParameters
from printcare.geometry.bead import ROUND_LOSS, XY_DIGITS, equivalent_width_mm
from printcare.geometry.form import WHERE, SolvedForm
from printcare.geometry.spiral import spiral_points

Array = NDArray[np.float64]
LIFT_MM = 5.0  # clear of the unit before the balance is read (process.md §4.2)
HORIZON_SHARE = 0.98  # rounding XY may lengthen a segment by a micrometre


@dataclass(frozen=True, slots=True)
class Toolpath:
    """Every unit's path: the same points around each centre, volumes that sum to the unit's own.

    points_mm  (n, 3) around the unit's centre, z above the tray; XY already rounded as they will be written
    volume_mm3 (n − 1,) extruded on the way to each next point; 0 where the nozzle lifts in place or hops
    centres_mm (units, 2)
    """

    form: SolvedForm
    points_mm: Array
    volume_mm3: Array
    centres_mm: Array
    bead_area_mm2: float  # of the thickest layer
    feed_mm_s: float
    compensation_mm3: float  # pressed in before a unit and taken back after it; in no unit's volume
    prime_mm3: float
    temperature_c: float

    @property
    def units(self) -> int:
        """Return how many units stand on the tray."""
        return len(self.centres_mm)

    @property
    def flow_mm3_s(self) -> float:
        """Return the flow while printing."""
        return self.bead_area_mm2 * self.feed_mm_s

    def points(self, index: int) -> Array:
        """Return the points of unit `index` (0-based) on the tray, shape (n, 3)."""
        placed = self.points_mm.copy()
        placed[:, :2] = np.round(placed[:, :2] + self.centres_mm[index], XY_DIGITS)
        return placed


def lay_out(
    form: SolvedForm,
    units: int,
    profile: FirmwareProfile,
    parameters: ProcessParameters,
    nozzle: Nozzle,
    compensation_mm3: float,
) -> Toolpath | tuple[Finding, ...]:
    """Return the path of `units` units, unit k on tray position k, or every reason why it cannot be laid.

    `compensation_mm3` is what the caller found the syringe to store at print pressure, C·P (process.md §1.4).
    """
    findings = _objections(form, units, profile)
    if findings:
        return findings
    feed_mm_s = float(parameters.print_speed_mm_s.target)
    longest_mm = segment_limit_mm(profile, feed_mm_s)
    if (form.kind, form.path) == ("cylinder", "spiral"):
        points = _points(form, longest_mm)
        laid = np.hypot(*np.diff(points[:, :2], axis=0).T)
        areas = np.full(1, form.volume_mm3 / float(laid.sum()))
        volume_mm3 = laid * areas[0]
    else:
        from printcare.geometry.stack import stacked  # the shipped path needs none of it, and starts sooner without

        points, laid, layer = stacked(form, longest_mm)
        if not (np.bincount(layer, laid, form.layers) > 0).all():
            return (_empty_finding(form),)
        areas = _bead_areas(form, laid, layer)
        volume_mm3 = laid * areas[layer]
    ratios = [equivalent_width_mm(float(area), form.layer_mm) / float(nozzle.bore_mm) for area in areas]
    if not (form.bead_width_ratio[0] <= min(ratios) and max(ratios) <= form.bead_width_ratio[1]):
        return (_bead_finding(min(ratios) if min(ratios) < form.bead_width_ratio[0] else max(ratios), form),)
    centres = np.round(np.array([profile.tray.centre(index) for index in range(units)]), XY_DIGITS)
    return Toolpath(
        form,
        points,
        volume_mm3,
        centres,
        float(areas.max()),
        feed_mm_s,
        compensation_mm3,
        float(parameters.prime_mm3.target),
        float(parameters.cartridge_c.target),
    )


def segment_limit_mm(profile: FirmwareProfile, feed_mm_s: float) -> float:
    """Return the longest segment that keeps a full planner and queue within the profile's motion in flight."""
    blocks = profile.link.planner_blocks + profile.link.command_queue
    return HORIZON_SHARE * profile.link.max_horizon_s / blocks * feed_mm_s


def _points(form: SolvedForm, longest_mm: float) -> Array:
    """Return the unit's points: in, then out half a turn further, lifted in place between layers.

    Two spirals are computed and replayed. Turning every second pair by 180° evens out the seam without moving any lift.
    """
    outwards = spiral_points(form.pitch_mm, form.diameter_mm / 2, longest_mm)
    spirals = [np.round(turn * outwards, XY_DIGITS) + 0.0 for turn in (1.0, -1.0)]
    layers = []
    for layer in range(form.layers):
        curve = spirals[(layer + 1) // 2 % 2]
        curve = curve if layer % 2 else curve[::-1]
        height = round((layer + 1) * form.layer_mm, XY_DIGITS)
        layers.append(np.column_stack((curve, np.full(len(curve), height))))
    return np.concatenate(layers)


def _bead_areas(form: SolvedForm, laid_mm: Array, layer: NDArray[np.int64]) -> Array:
    """Return each layer's bead area: the layer's share of the volume over its length (process.md §8.2).

    A lattice shares it by length, and so does a form with a layer whose whole lines would need too thick or too thin a
    bead: the dose is exact either way, and the bead keeps its limits.
    """
    lengths = np.bincount(layer, laid_mm, form.layers)
    even = np.full(form.layers, form.volume_mm3 / float(lengths.sum()))
    if form.is_lattice:
        return even
    shares = np.array([region.area_mm2 for region in form.regions])
    own = form.volume_mm3 * shares / shares.sum() / lengths
    widths = own / form.layer_mm + form.layer_mm * ROUND_LOSS
    low, high = (limit * form.bore_mm for limit in form.bead_width_ratio)
    return own if low <= widths.min() and widths.max() <= high else even


def _objections(form: SolvedForm, units: int, profile: FirmwareProfile) -> tuple[Finding, ...]:
    findings = []
    tray = profile.tray
    if not 1 <= units <= tray.size:
        findings.append(
            error(
                "E_TRAY_FULL",
                f"{units} units are asked for; the tray has {tray.size} positions.",
                "Print in several batches.",
                "units",
            )
        )
    space_mm = min(tray.unit_space_mm, tray.pitch_mm)
    if form.envelope_mm > space_mm:
        findings.append(
            error(
                "E_GEOMETRY_TRAY",
                f"A unit of {form.diameter_mm:.2f} mm needs {form.envelope_mm:.2f} mm, a position has {space_mm} mm.",
                "Split the dose, or use a tray with larger positions.",
                "shape.diameter_mm",
            )
        )
    top_mm = max(form.height_mm, form.rim_mm)
    if top_mm + LIFT_MM > profile.travel_z_mm:
        findings.append(
            error(
                "E_GEOMETRY_TRAVEL",
                f"A unit {top_mm:.2f} mm high leaves less than {LIFT_MM} mm below the travel height of "
                f"{profile.travel_z_mm} mm.",
                "Split the dose, or raise the profile's travel height.",
                "shape.height_mm",
            )
        )
    return tuple(findings)


def _empty_finding(form: SolvedForm) -> Finding:
    return error(
        "E_GEOMETRY_EMPTY_LAYER",
        f"A layer of the {form.kind} is too narrow for a single bead.",
        "Use a larger unit, a finer nozzle, or another shape.",
        WHERE,
    )


def _bead_finding(ratio: float, form: SolvedForm) -> Finding:
    low, high = form.bead_width_ratio
    return error(
        "E_GEOMETRY_BEAD_WIDTH",
        f"The dose needs a bead {ratio:.3f} bores wide; the recipe allows {low} to {high}.",
        "Split the dose, or change layer height or nozzle in the recipe.",
        "shape.bead_width_ratio",
    )


def half_step_share_pct(profile: FirmwareProfile, volume_mm3: float) -> float:
    """Return half a motor step in % of a unit, the least error of its deposited mass; infinite for no unit."""
    return profile.tool.step_volume_mm3 / 2 / volume_mm3 * 100 if volume_mm3 > 0 else math.inf
