"""A solved form laid out on the tray: one unit's path as arrays, replayed at every position."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from printcare.domain.checks import Finding, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import Nozzle, ProcessParameters
from printcare.geometry.bead import ROUND_LOSS, XY_DIGITS
from printcare.geometry.form import WHERE, SolvedForm
from printcare.geometry.places import LIFT_MM as LIFT_MM
from printcare.geometry.places import free_positions, objections
from printcare.geometry.reach import Reach, reach_of
from printcare.geometry.reach import segment_limit_mm as segment_limit_mm  # the writer cuts its travels by it
from printcare.geometry.strand import Strand, joined, spirals

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Toolpath:
    """Every unit's path: the same points around each centre, volumes that sum to the unit's own.

    points_mm  (n, 3) around the unit's centre, z above the tray; XY already rounded as they will be written
    volume_mm3 (n − 1,) extruded on the way to each next point; 0 where the nozzle lifts in place or hops
    centres_mm (units, 2), and `positions`, the tray's own numbers of them (0-based)
    arc_centre_mm (n − 1, 2) around the unit's centre, NaN where the step is straight; I and J are this less the step's
    first point, and are as exact as written. None where no step is an arc.
    arc_turn (n − 1,) 0 where the step is straight, 1 for an arc against the clock (G3), −1 for one with it (G2)
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
    arc_centre_mm: Array | None = None
    arc_turn: NDArray[np.int8] | None = None
    positions: tuple[int, ...] = ()
    relief_mm3: float | None = None  # taken back after the prime, where that is another than the compensation
    prime_slow_mm3_s: float | None = None  # the slower speed of the prime's signature; None: one speed, the print's
    bed_c: float | None = None  # of a heated bed, where the recipe wants one

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
    positions: tuple[int, ...] | None = None,
) -> Toolpath | tuple[Finding, ...]:
    """Return the path of `units` units, unit k on the k-th position, or every reason why it cannot be laid.

    `compensation_mm3` is what the caller found the syringe to store at print pressure, C·P (process.md §1.4). Without
    `positions` the free ones of the tray are taken in order.
    """
    if positions is None:
        positions = free_positions(profile.tray, form.envelope_mm)
    findings = objections(form, units, len(positions), profile)
    if findings:
        return findings
    feed_mm_s = float(parameters.print_speed_mm_s.target)
    positions = positions[:units]
    centres = np.round(np.array([profile.tray.centre(index) for index in positions]), XY_DIGITS)
    if form.rise_mm is not None:
        from printcare.geometry.dot import dot_steps

        points, volumes, section_mm2, rise_mm_s = dot_steps(form, profile, feed_mm_s)
        return Toolpath(
            form,
            points,
            volumes,
            centres,
            section_mm2,
            rise_mm_s,
            compensation_mm3,
            float(parameters.prime_mm3.target),
            float(parameters.cartridge_c.target),
            positions=positions,
        )
    reach = reach_of(profile, feed_mm_s)
    strand = _strand(form, reach)
    laid_mm = strand.laid_mm
    lengths = np.bincount(strand.layer, laid_mm, form.layers + bool(form.mark)).astype(np.float64)
    if not (lengths > 0).all():
        return (_empty_finding(form),)
    areas = _bead_areas(form, lengths)
    ratios = equivalent_widths_mm(areas, form.layer_mm) / float(nozzle.bore_mm)
    low, high = form.bead_width_ratio
    if ratios.min() < low or high < ratios.max():
        return (_bead_finding(float(ratios.min() if ratios.min() < low else ratios.max()), form),)
    return Toolpath(
        form,
        strand.points,
        laid_mm * areas[strand.layer],
        centres,
        float(areas.max()),
        feed_mm_s,
        compensation_mm3,
        float(parameters.prime_mm3.target),
        float(parameters.cartridge_c.target),
        strand.centres,
        strand.turns,
        positions,
    )


def _strand(form: SolvedForm, reach: Reach) -> Strand:
    if not (form.regions or form.mark):
        return spirals(form, reach)
    from printcare.geometry.stack import marked, stacked  # the shipped path needs none of it, and starts sooner without

    body = stacked(form, reach) if form.regions else spirals(form, reach)
    return joined([body, marked(form, reach)]) if form.mark else body


def _bead_areas(form: SolvedForm, lengths_mm: Array) -> Array:
    """Return each layer's bead area: the layer's share of the volume over its length (process.md §8.2).

    A lattice shares it by length, and so does a form with a layer whose whole lines would need too thick or too thin a
    bead: the dose is exact either way, and the bead keeps its limits.
    """
    if form.mark:
        body = replace(form, volume_mm3=form.volume_mm3 - form.mark_mm3, mark=(), mark_mm3=0.0)
        return np.append(_bead_areas(body, lengths_mm[:-1]), form.mark_mm3 / lengths_mm[-1])
    even = np.full(form.layers, form.volume_mm3 / float(lengths_mm.sum()))
    if form.is_lattice or not form.regions:
        return even
    shares = np.array(form.shares or [region.area_mm2 for region in form.regions])
    own = form.volume_mm3 * shares / shares.sum() / lengths_mm
    widths = equivalent_widths_mm(own, form.layer_mm)
    low, high = (limit * form.bore_mm for limit in form.bead_width_ratio)
    return own if low <= widths.min() and widths.max() <= high else even


def equivalent_widths_mm(areas_mm2: Array, layer_mm: float) -> Array:
    """Return the widths of beads of these sections, as `equivalent_width_mm`."""
    return areas_mm2 / layer_mm + layer_mm * ROUND_LOSS


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


def lay_out_zones(
    zones: Sequence[tuple[SolvedForm, int, float]],
    profile: FirmwareProfile,
    parameters: ProcessParameters,
    nozzle: Nozzle,
) -> tuple[Toolpath, ...] | tuple[Finding, ...]:
    """Return one path for each zone (form, units, compensation), zones on the tray's free positions one after another.

    All zones keep out of what the widest unit would touch, so that they lie side by side.
    """
    free = free_positions(profile.tray, max(form.envelope_mm for form, _, _ in zones))
    paths: list[Toolpath] = []
    begun = 0
    for form, units, stored_mm3 in zones:
        path = lay_out(form, units, profile, parameters, nozzle, stored_mm3, free[begun:])
        if not isinstance(path, Toolpath):
            return path
        paths.append(path)
        begun += units
    return tuple(paths)
