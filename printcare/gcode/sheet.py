"""The sheet a program is written on: lines with the tool's place beside them, cut into segments."""

from __future__ import annotations

import math

from printcare.domain.machine import FirmwareProfile
from printcare.errors import PrintcareError
from printcare.gcode.program import Segment
from printcare.geometry.layout import segment_limit_mm

E_DIGITS = 5
STEP_SLACK = 1e-6  # of a motor step, what a quotient of floats may miss a whole one by
RETRACT_MM_S = 1.0  # of the plunger; a thousandth of a 10 mL stroke takes back a whole start pressure


class Sheet:
    """Lines as they are written, with the tool in use and its place."""

    def __init__(self, profile: FirmwareProfile, tool: int = 0) -> None:
        self.profile = profile
        self.tool = tool
        self.lines: list[str] = []
        self.segments: list[Segment] = []
        self.x_mm = self.y_mm = self.z_mm = self.e_mm = 0.0
        self.opened = 0
        self.is_placed = (
            True  # not after a change of tool: firmware may leave the new nozzle beside the old one's place
        )

    @property
    def area_mm2(self) -> float:
        """Return the volume of one unit of the tool's E."""
        return self.profile.feed_area_mm2(self.tool)

    @property
    def retract_mm_s(self) -> float:
        """Return how fast E takes a start pressure back: the plunger's speed, in mm³/s where E is volumetric."""
        return stroke_mm_s(self.profile, self.tool)

    def change(self, tool: int) -> None:
        """Take a tool; its command is written where the printer has several, so that no segment leans on another.

        Raises PrintcareError where there is no such tool.
        """
        if not 0 <= tool < len(self.profile.tools):
            raise PrintcareError(
                "WRITER_TOOL",
                f"Profile {self.profile.id} has no tool T{tool}.",
                "Use a printer with a tool for each ink.",
            )
        self.tool = tool
        if self.profile.further_tools:
            self.lines.append(f"T{tool}")
            self.is_placed = False

    def travel(self, x_mm: float, y_mm: float) -> None:
        """Write a straight travel at the present height, in pieces short enough for the motion in flight."""
        feed = self.profile.travel_feed_mm_s
        dx, dy = x_mm - self.x_mm, y_mm - self.y_mm
        pieces = max(math.ceil(math.hypot(dx, dy) / segment_limit_mm(self.profile, feed)), not self.is_placed)
        self.is_placed = True
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

    def close(
        self, kind: str, index: int, compensation_mm3: float = 0.0, part: int = 1, flow_mm3_s: float = 0.0
    ) -> None:
        """End the running segment here; its volume is what E reads, since each begins at zero."""
        end = (self.x_mm, self.y_mm, self.z_mm)
        volume = self.e_mm * self.area_mm2
        first = self.opened + 1
        self.opened = len(self.lines)
        lines = tuple(self.lines[first - 1 :])
        self.segments.append(
            Segment(lines, kind, index, first, self.opened, volume, compensation_mm3, end, self.e_mm, part, flow_mm3_s)
        )


def feed_mm_min(feed_mm_s: float) -> str:
    """Return a feed as it is written: in whole mm/min, but a rise slower than a bead with digits after the point."""
    return f"{feed_mm_s * 60:.0f}" if feed_mm_s >= 1 else f"{feed_mm_s * 60:.4f}"


def whole_steps_mm(profile: FirmwareProfile, tool: int, volume_mm3: float) -> float:
    """Return the E of a volume pushed outside any unit's dose: the whole motor steps in it, where a motor drives it.

    A firmware that carries a fraction of a step on from before a unit would round it into the unit's dose.
    """
    head = profile.tools[tool]
    if head.kind != "pneumatic":
        volume_mm3 = math.floor(volume_mm3 / head.step_volume_mm3 + STEP_SLACK) * head.step_volume_mm3
    return round(volume_mm3 / profile.feed_area_mm2(tool), E_DIGITS)


def stroke_mm_s(profile: FirmwareProfile, tool: int) -> float:
    """Return how fast a tool's E presses a start pressure in and takes it back."""
    head = profile.tools[tool]
    return min(RETRACT_MM_S * head.feedstock_area_mm2 / profile.feed_area_mm2(tool), head.max_feed_mm_s)
