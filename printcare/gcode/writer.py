"""Toolpath to program: absolute E with cumulative rounding, one segment per unit, nothing a profile does not allow."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from printcare.domain.machine import FirmwareProfile
from printcare.errors import PrintcareError
from printcare.gcode.program import Header, Program, Segment, digest_of, with_unit
from printcare.geometry.layout import LIFT_MM, Toolpath, segment_limit_mm

E_DIGITS = 5
RETRACT_MM_S = 1.0  # of the plunger; a thousandth of a 10 mL stroke takes back a whole start pressure
HOP_MM = 0.9  # above the layer, between two beads that do not meet
PRIME_SHARE = 0.9  # of the motion in flight one prime chunk takes, so that priming stops between chunks
COMMENT_MAX = 78


class _Sheet:
    """Lines as they are written, with the tool's place beside them."""

    def __init__(self, profile: FirmwareProfile, area_mm2: float) -> None:
        self.profile = profile
        self.area_mm2 = area_mm2
        self.lines: list[str] = []
        self.segments: list[Segment] = []
        self.x_mm = self.y_mm = self.z_mm = self.e_mm = 0.0
        self.opened = 0

    def travel(self, x_mm: float, y_mm: float) -> None:
        """Write a straight travel at the present height, in pieces short enough for the motion in flight."""
        feed = self.profile.travel_feed_mm_s
        dx, dy = x_mm - self.x_mm, y_mm - self.y_mm
        pieces = math.ceil(math.hypot(dx, dy) / segment_limit_mm(self.profile, feed))
        for piece in range(1, pieces + 1):
            share = piece / pieces
            x, y = self.x_mm + dx * share, self.y_mm + dy * share
            self.lines.append(f"G0 X{x:.3f} Y{y:.3f}" + (f" F{feed * 60:.0f}" if piece == 1 else ""))
        self.x_mm, self.y_mm = x_mm, y_mm

    def rise_to(self, z_mm: float) -> None:
        """Write a vertical travel, likewise in pieces."""
        feed = self.profile.motion.max_feed_z_mm_s
        dz = z_mm - self.z_mm
        pieces = math.ceil(abs(dz) / segment_limit_mm(self.profile, feed))
        for piece in range(1, pieces + 1):
            self.lines.append(
                f"G0 Z{self.z_mm + dz * piece / pieces:.3f}" + (f" F{feed * 60:.0f}" if piece == 1 else "")
            )
        self.z_mm = z_mm

    def push(self, e_mm: float, feed_mm_s: float) -> None:
        """Write a move of the plunger alone."""
        self.lines.append(f"G1 E{e_mm:.{E_DIGITS}f} F{feed_mm_s * 60:.3f}")
        self.e_mm = round(e_mm, E_DIGITS)

    def reset(self) -> None:
        """Write a new origin of E."""
        self.lines.append("G92 E0")
        self.e_mm = 0.0

    def close(self, kind: str, index: int, compensation_mm3: float = 0.0) -> None:
        """End the running segment here; its volume is what E reads, since each begins at zero."""
        end = (self.x_mm, self.y_mm, self.z_mm)
        volume = self.e_mm * self.area_mm2
        first = self.opened + 1
        self.opened = len(self.lines)
        self.segments.append(Segment(kind, index, first, self.opened, volume, compensation_mm3, end, self.e_mm))


def feed_area_mm2(profile: FirmwareProfile) -> float:
    """Return the volume of one unit of E: the feedstock's area, or 1 where E is volumetric."""
    return 1.0 if profile.volumetric_e else profile.tool.feedstock_area_mm2


def retract_mm_s(profile: FirmwareProfile) -> float:
    """Return how fast E takes a start pressure back: the plunger's own speed, in mm³/s where E is volumetric."""
    return min(RETRACT_MM_S * profile.tool.feedstock_area_mm2 / feed_area_mm2(profile), profile.tool.max_feed_mm_s)


def feed_diameter_mm(profile: FirmwareProfile) -> float:
    """Return the diameter whose area `feed_area_mm2` is: bore, filament, or 1.128379 where E is volumetric."""
    return math.sqrt(4 * feed_area_mm2(profile) / math.pi)


def write(toolpath: Toolpath, profile: FirmwareProfile, header: Header) -> Program:
    """Return the program of a toolpath: prologue, prime chunks, prime end, units, epilogue.

    Raises PrintcareError where the feed would be beyond the plunger's own limit.
    """
    area = feed_area_mm2(profile)
    if toolpath.flow_mm3_s / area > profile.tool.max_feed_mm_s:
        raise PrintcareError(
            "WRITER_FEED",
            f"A flow of {toolpath.flow_mm3_s:.3f} mm³/s is faster than the feedstock can be driven.",
            "Print slower, or use a feedstock of larger diameter.",
        )
    sheet = _Sheet(profile, area)
    _prologue(sheet, toolpath, header)
    _prime(sheet, toolpath)
    beads = _Beads(toolpath, profile, 1.0)
    for index in range(toolpath.units):
        _unit(sheet, beads, index)
    _epilogue(sheet)
    lines = tuple(sheet.lines)
    target = toolpath.form.volume_mm3
    diameter = feed_diameter_mm(profile)
    return Program(lines, tuple(sheet.segments), profile.id, diameter, target, header, digest_of(lines))


def write_unit(
    toolpath: Toolpath, profile: FirmwareProfile, program: Program, index: int, multiplier: float
) -> Program:
    """Return the program with unit `index` (1-based) at `multiplier` of its target: re-written and hashed anew.

    The gate has to see it again before it is sent (process.md §8.3).
    """
    segment = program.unit(index)
    before = program.segments[program.segments.index(segment) - 1]
    sheet = _Sheet(profile, feed_area_mm2(profile))
    sheet.x_mm, sheet.y_mm, sheet.z_mm = before.end_mm
    _unit(sheet, _Beads(toolpath, profile, multiplier), index - 1)
    return with_unit(program, index, tuple(sheet.lines), sheet.segments[0].volume_mm3)


def _prologue(sheet: _Sheet, toolpath: Toolpath, header: Header) -> None:
    profile = sheet.profile
    form = toolpath.form
    comments = [
        "printcare" if header.for_patients else "NOT FOR PATIENTS",
        f"profile {profile.id}",
        f"recipe {header.recipe}",
        f"ink {header.basis}",
        f"{_holds(toolpath, header)} per unit, {toolpath.units} units",
        f"{form.kind} {form.diameter_mm:.3f} x {form.height_mm:.3f} mm, {form.layers} layers",
    ]
    sheet.lines += ["; " + "".join(c for c in text if " " <= c <= "~")[:COMMENT_MAX] for text in comments]
    sheet.lines += ["G21", "G90", "M82", "M220 S100", "M221 S100", f"M104 S{toolpath.temperature_c:g}", "G28"]
    sheet.lines += [f"M109 S{toolpath.temperature_c:g}"]
    sheet.rise_to(profile.travel_z_mm)
    sheet.travel(*profile.purge_mm[:2])
    sheet.rise_to(profile.purge_mm[2])
    sheet.close("prologue", 1)


def _holds(toolpath: Toolpath, header: Header) -> str:
    return f"dose {header.dose_mg} mg" if header.dose_mg else f"volume {toolpath.form.volume_mm3:.4f} mm3"


def _prime(sheet: _Sheet, toolpath: Toolpath) -> None:
    """Write the prime in chunks at the print's own flow; the job stops after the chunk that brings the pressure up."""
    chunk_s = PRIME_SHARE * sheet.profile.link.max_horizon_s
    chunks = max(1, math.ceil(toolpath.prime_mm3 / (toolpath.flow_mm3_s * chunk_s)))
    for chunk in range(1, chunks + 1):
        sheet.reset()
        sheet.push(toolpath.prime_mm3 / chunks / sheet.area_mm2, toolpath.flow_mm3_s / sheet.area_mm2)
        sheet.close("prime", chunk)
    sheet.reset()
    stored = -toolpath.compensation_mm3 / sheet.area_mm2
    if stored:
        sheet.push(stored, retract_mm_s(sheet.profile))
    sheet.rise_to(sheet.profile.travel_z_mm)
    sheet.close("prime_end", 1, toolpath.compensation_mm3)


def _unit(sheet: _Sheet, beads: _Beads, index: int) -> None:
    """Write one unit: from the retracted state and back to it, so that net E is its volume and nothing else."""
    profile, toolpath = sheet.profile, beads.toolpath
    points = toolpath.points(index)
    back_mm_s = retract_mm_s(profile)
    sheet.reset()
    sheet.rise_to(max(sheet.z_mm, profile.travel_z_mm))
    sheet.travel(float(points[0, 0]), float(points[0, 1]))
    sheet.rise_to(float(points[0, 2]))
    if beads.stored_mm:
        sheet.push(beads.stored_mm, back_mm_s)
    sheet.lines.append(f"G1 F{toolpath.feed_mm_s * 60:.0f}")
    sheet.lines += beads.lines(index, points)
    sheet.e_mm = beads.end_e_mm
    sheet.x_mm, sheet.y_mm, sheet.z_mm = (float(value) for value in points[-1])
    if beads.stored_mm:
        sheet.push(round(sheet.e_mm - beads.stored_mm, E_DIGITS), back_mm_s)
    sheet.rise_to(max(sheet.z_mm + LIFT_MM, profile.travel_z_mm))
    sheet.travel(*profile.park_mm[:2])
    sheet.rise_to(profile.park_mm[2])
    sheet.lines.append("M400")
    sheet.close("unit", index + 1, toolpath.compensation_mm3)


class _Beads:
    """The lines of a toolpath's bead on any position; units in one row or column share the texts of a coordinate."""

    def __init__(self, toolpath: Toolpath, profile: FirmwareProfile, multiplier: float) -> None:
        self.toolpath = toolpath
        self.profile = profile
        self.area_mm2 = area_mm2 = feed_area_mm2(profile)
        self.stored_mm = round(toolpath.compensation_mm3 / area_mm2, E_DIGITS)
        # E is the running sum, rounded once per line (process.md §8.3)
        advance_mm = self.stored_mm + np.cumsum(toolpath.volume_mm3) * (multiplier / area_mm2)
        self.end_e_mm = round(float(advance_mm[-1]), E_DIGITS)
        self.e_texts = _texts(f" E%.{E_DIGITS}f", advance_mm)
        self.advance_mm = advance_mm
        self.bare = np.flatnonzero(toolpath.volume_mm3 == 0).tolist()
        self.placed: dict[tuple[str, float], list[str]] = {}

    def lines(self, index: int, points: NDArray[np.float64]) -> list[str]:
        """Return the lines of unit `index` (0-based), one per segment."""
        x_mm, y_mm = self.toolpath.centres_mm[index].tolist()
        across = self._once("G1 X%.3f", x_mm, points[1:, 0])
        along = self._once(" Y%.3f", y_mm, points[1:, 1])
        lines = list(map("".join, zip(across, along, self.e_texts, strict=True)))
        for step in self.bare:
            is_lift = points[step, 2] != points[step + 1, 2]
            lines[step] = f"G1 Z{points[step + 1, 2]:.3f}" if is_lift else self._hop(step, points)
        return "\n".join(lines).split("\n") if self.bare else lines

    def _hop(self, step: int, points: NDArray[np.float64]) -> str:
        """Return the lines of a way without ink: pressure taken back, up, over, down, pressure restored."""
        hop = _Sheet(self.profile, self.area_mm2)
        hop.x_mm, hop.y_mm, hop.z_mm = points[step].tolist()
        at_mm = round(float(self.advance_mm[step]), E_DIGITS)
        back_mm_s = retract_mm_s(self.profile)
        if self.stored_mm:
            hop.push(round(at_mm - self.stored_mm, E_DIGITS), back_mm_s)
        hop.rise_to(hop.z_mm + HOP_MM)
        hop.travel(*points[step + 1, :2].tolist())
        hop.rise_to(float(points[step + 1, 2]))
        if self.stored_mm:
            hop.push(at_mm, back_mm_s)
        hop.lines.append(f"G1 F{self.toolpath.feed_mm_s * 60:.0f}")
        return "\n".join(hop.lines)

    def _once(self, form: str, centre_mm: float, numbers: NDArray[np.float64]) -> list[str]:
        texts = self.placed.get((form, centre_mm))
        if texts is None:
            distinct, which = np.unique(numbers, return_inverse=True)  # layers repeat one another
            each = _texts(form, distinct)
            texts = self.placed[form, centre_mm] = [each[place] for place in which.tolist()]
        return texts


def _texts(form: str, numbers: NDArray[np.float64]) -> list[str]:
    """Return each number by a format; one call of `%` for all is several times faster than one for each."""
    return ("\n".join([form] * len(numbers)) % tuple(numbers.tolist())).split("\n")


def _epilogue(sheet: _Sheet) -> None:
    """Write the end: the plunger is already retracted and the tool parked; a new origin ends the last unit."""
    sheet.reset()
    sheet.rise_to(max(sheet.z_mm, sheet.profile.park_mm[2]))
    sheet.travel(*sheet.profile.park_mm[:2])
    sheet.lines += ["M104 S0", "M140 S0"]
    sheet.close("epilogue", 1)
