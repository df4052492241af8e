"""The bead of a toolpath as lines, straight or bent, on any position of the tray."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printcare.domain.machine import FirmwareProfile
from printcare.gcode.sheet import E_DIGITS, Sheet, whole_steps_mm
from printcare.geometry.layout import Toolpath

HOP_MM = 0.9  # above the layer, between two beads that do not meet
HEADS = ("G1", "G3", "G2")  # by direction: straight, counter-clockwise 1, clockwise −1
Array = NDArray[np.float64]


class Beads:
    """The lines of a toolpath's bead on any position; units in one row or column share the texts of a coordinate."""

    def __init__(self, toolpath: Toolpath, profile: FirmwareProfile, multiplier: float = 1.0, tool: int = 0) -> None:
        self.toolpath = toolpath
        self.profile = profile
        self.tool = tool
        area_mm2 = profile.feed_area_mm2(tool)
        self.stored_mm = whole_steps_mm(profile, tool, toolpath.compensation_mm3)
        # E is the running sum, rounded once per line (process.md §8.3)
        advance_mm = self.stored_mm + np.cumsum(toolpath.volume_mm3) * (multiplier / area_mm2)
        self.end_e_mm = round(float(advance_mm[-1]), E_DIGITS)
        self.advance_mm = advance_mm
        self.heads, self.tails = _heads_and_tails(toolpath, advance_mm)
        self.bare = np.flatnonzero(toolpath.volume_mm3 == 0).tolist()
        self.placed: dict[tuple[str, float], list[str]] = {}

    def lines(self, index: int, points: Array) -> list[str]:
        """Return the lines of unit `index` (0-based), one per segment."""
        x_mm, y_mm = self.toolpath.centres_mm[index].tolist()
        along = self._once(" Y%.3f", y_mm, points[1:, 1])
        if self.toolpath.form.rise_mm is not None:
            rise = _texts("G1 Z%.3f", points[1:, 2])
            return list(map("".join, zip(rise, self.tails, strict=True)))
        if self.heads:
            across = self._once(" X%.3f", x_mm, points[1:, 0])
            lines = list(map("".join, zip(self.heads, across, along, self.tails, strict=True)))
        else:
            across = self._once("G1 X%.3f", x_mm, points[1:, 0])
            lines = list(map("".join, zip(across, along, self.tails, strict=True)))
        for step in self.bare:
            is_lift = points[step, 2] != points[step + 1, 2]
            lines[step] = self._lift(float(points[step + 1, 2])) if is_lift else self._hop(step, points)
        return "\n".join(lines).split("\n") if self.bare else lines

    def _lift(self, z_mm: float) -> str:
        """Return a lift in place, at the print's speed unless the axis is slower."""
        feed, most = self.toolpath.feed_mm_s, self.profile.motion.max_feed_z_mm_s
        return f"G1 Z{z_mm:.3f}" if feed <= most else f"G1 Z{z_mm:.3f} F{most * 60:.0f}\nG1 F{feed * 60:.0f}"

    def _hop(self, step: int, points: Array) -> str:
        """Return the lines of a way without ink: pressure taken back, up, over, down, pressure restored."""
        hop = Sheet(self.profile, self.tool)
        hop.x_mm, hop.y_mm, hop.z_mm = points[step].tolist()
        at_mm = round(float(self.advance_mm[step]), E_DIGITS)
        if self.stored_mm:
            hop.push(round(at_mm - self.stored_mm, E_DIGITS), hop.retract_mm_s)
        hop.rise_to(hop.z_mm + HOP_MM)
        hop.travel(*points[step + 1, :2].tolist())
        hop.rise_to(float(points[step + 1, 2]))
        if self.stored_mm:
            hop.push(at_mm, hop.retract_mm_s)
        hop.lines.append(f"G1 F{self.toolpath.feed_mm_s * 60:.0f}")
        return "\n".join(hop.lines)

    def _once(self, form: str, centre_mm: float, numbers: Array) -> list[str]:
        texts = self.placed.get((form, centre_mm))
        if texts is None:
            distinct, which = np.unique(numbers, return_inverse=True)  # layers repeat one another
            each = _texts(form, distinct)
            texts = self.placed[form, centre_mm] = [each[place] for place in which.tolist()]
        return texts


def _heads_and_tails(toolpath: Toolpath, advance_mm: Array) -> tuple[list[str], list[str]]:
    """Return what stands before X and after Y on each line; no heads at all where every line is straight.

    I and J are the arc's centre from its start, both rounded before the path's lengths were taken.
    """
    tails = _texts(f" E%.{E_DIGITS}f", advance_mm)
    turns, centres_mm = toolpath.arc_turn, toolpath.arc_centre_mm
    if turns is None or centres_mm is None or not turns.any():
        return [], tails
    bent = np.flatnonzero(turns)
    offsets = centres_mm[bent] - toolpath.points_mm[bent, :2]
    for step, centre in zip(bent.tolist(), _texts(" I%.3f J%.3f", offsets), strict=True):
        tails[step] = centre + tails[step]
    return [HEADS[turn] for turn in turns.tolist()], tails


def _texts(form: str, numbers: Array) -> list[str]:
    """Return each number, or row of numbers, by a format; one call of `%` is several times faster than one for each."""
    return ("\n".join([form] * len(numbers)) % tuple(numbers.ravel().tolist())).split("\n")
