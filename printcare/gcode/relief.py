"""What is taken back after the prime, so that the first unit begins at the pressure every unit ends with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import Part
from printcare.extrusion.lag import Chamber
from printcare.extrusion.rheology import ink_at, tube_of, tube_pressure_kpa
from printcare.gcode.sheet import stroke_mm_s
from printcare.geometry.layout import Toolpath
from printcare.geometry.strand import lengths_mm

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
MEMORY = 5.0  # time constants; what lies longer ago has left no trace in the pressure
ALIKE = 1e-3  # of the flow; layers no more different than this end at one pressure


def relief_mm3(path: Toolpath, part: Part, profile: FirmwareProfile) -> float:
    """Return the volume taken back after the prime: C·P, and what the prime stands above the end of a unit.

    A prime ends at the pressure of the thickest bead. A unit ends lower where its last beads are thinner, or where each
    way without ink lets a little out while pressure goes and comes back; net E being the dose, the first unit would
    hold C·ΔP too much of it (process.md §8.3, V_cmd = V_target + C(P_end − P_start)). Every later unit begins where the
    one before it ended.
    """
    stored_mm3 = path.compensation_mm3
    compliance = profile.tools[part.tool].compliance_mm3_kpa
    volumes, seconds, hops = stretches(path)
    flows = volumes / seconds
    is_even = bool(np.ptp(flows) <= ALIKE * flows.max()) and not hops.any()
    if is_even or not (stored_mm3 > 0 and compliance > 0):
        return stored_mm3
    ink = ink_at(part.ink, float(part.parameters.cartridge_c.target))
    chamber = Chamber(compliance, ink, tube_of(part.nozzle))
    stroke = stroke_mm_s(profile, part.tool) * profile.feed_area_mm2(part.tool)
    primed_kpa = tube_pressure_kpa(ink, chamber.tube, path.flow_mm3_s)
    ended_kpa = _ended_kpa(chamber, flows, seconds, hops, stored_mm3, stroke)
    return max(stored_mm3 + compliance * (primed_kpa - ended_kpa), 0.0)


def stretches(path: Toolpath) -> tuple[Array, Array, Bools]:
    """Return volume and time of each bead between two bare ways, and whether a hop follows it; a lift is none."""
    bare = np.flatnonzero(path.volume_mm3 == 0)
    edges = np.concatenate(([-1], bare, [len(path.volume_mm3)]))
    summed_mm3 = np.concatenate(([0.0], np.cumsum(path.volume_mm3)))
    length = np.where(path.volume_mm3 > 0, lengths_mm(path.points_mm, path.arc_centre_mm, path.arc_turn), 0.0)
    summed_mm = np.concatenate(([0.0], np.cumsum(length)))
    first, after = edges[:-1] + 1, edges[1:]
    step = path.points_mm[bare + 1] - path.points_mm[bare]
    hops = np.append((step[:, :2] != 0).any(axis=1), False)
    kept = after > first
    volumes = (summed_mm3[after] - summed_mm3[first])[kept]
    # a hop may be two bare steps, a lift and a way over: it belongs to the bead before them
    owner = np.maximum(np.cumsum(kept) - 1, 0)
    hopped = np.bincount(owner, hops, len(volumes)) > 0
    return volumes, (summed_mm[after] - summed_mm[first])[kept] / path.feed_mm_s, hopped


def _ended_kpa(
    chamber: Chamber, flows: Array, seconds: Array, hops: Bools, stored_mm3: float, stroke_mm3_s: float
) -> float:
    """Return the pressure at the end of a unit's last bead, as the chamber foretells it from the last few beads."""
    steady_kpa = tube_pressure_kpa(chamber.ink, chamber.tube, float(flows[-1]))
    since_s = np.cumsum(seconds[::-1])[::-1]
    first = int(np.count_nonzero(since_s > MEMORY * chamber.time_constant_s(steady_kpa)))
    first = max(first - 1, 0)
    kpa = tube_pressure_kpa(chamber.ink, chamber.tube, float(flows[first]))
    stroke_s = stored_mm3 / stroke_mm3_s
    for flow, bead_s, is_hop in zip(
        flows[first:].tolist(), seconds[first:].tolist(), hops[first:].tolist(), strict=True
    ):
        kpa = chamber.after(kpa, flow, bead_s)
        if is_hop:
            kpa = chamber.after(kpa, -stroke_mm3_s, stroke_s)
            kpa = chamber.after(kpa, stroke_mm3_s, stroke_s)
    return kpa
