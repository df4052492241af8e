"""The gate: nothing goes to a printer for a patient that these rules have not passed, on a reader of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from printcare.domain.checks import Finding, blocking
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe
from printcare.extrusion.duration import segment_times_s
from printcare.gcode.facts import Facts, gather
from printcare.gcode.moves import ReadBack
from printcare.gcode.program import Program
from printcare.gcode.rules_deposit import DEPOSIT_RULES
from printcare.gcode.rules_motion import MOTION_RULES
from printcare.gcode.rules_state import STATE_RULES


@dataclass(frozen=True, slots=True)
class CheckedUnit:
    """One unit as the reader found it; lines 1-based and inclusive."""

    index: int
    first_line: int
    last_line: int
    volume_mm3: float


@dataclass(frozen=True, slots=True, eq=False)
class CheckReport:
    """The verdict on one file: every objection, what each unit holds, and how far the tool goes."""

    findings: tuple[Finding, ...]
    units: tuple[CheckedUnit, ...]
    total_volume_mm3: float
    bounds: dict[str, list[float]]
    back: ReadBack

    @property
    def ok(self) -> bool:
        """Whether the file may go on."""
        return not blocking(self.findings)


def check(
    program: Program | str,
    profile: FirmwareProfile,
    recipe: MasterRecipe | None = None,
    target_volume_mm3: float | Sequence[float] | None = None,
    units: int | None = None,
) -> CheckReport:
    """Return the gate's verdict on a program or on anybody's G-code.

    `target_volume_mm3` is one volume for all units or one for each; a unit passes within 0.01 % or one digit of E,
    whichever is larger
    (process.md §8.3). Without a recipe its limits on bead, layer, speed, temperature and pressure are not judged.
    """
    text = program if isinstance(program, str) else program.text
    return _judge(gather(text, profile, recipe, target_volume_mm3, units))


def _judge(facts: Facts) -> CheckReport:
    findings = [*facts.back.problems]
    for rule in (*STATE_RULES, *MOTION_RULES, *DEPOSIT_RULES):
        findings += rule(facts)
    checked = tuple(
        CheckedUnit(index, span.first_line, span.last_line, volume)
        for index, (span, volume) in enumerate(zip(facts.units, facts.volumes_mm3, strict=True), 1)
    )
    return CheckReport(tuple(findings), checked, math.fsum(facts.volumes_mm3), _bounds(facts), facts.back)


def check_unit(
    program: Program, index: int, profile: FirmwareProfile, recipe: MasterRecipe | None, target_volume_mm3: float
) -> CheckReport:
    """Return the gate's verdict on one re-written unit, read behind the program's own prologue (process.md §8.3)."""
    unit = program.unit(index)
    head = program.segments[: program.segments.index(program.units[0])]
    lines = [line for segment in head for line in program.lines_of(segment)]
    text = "\n".join((*lines, *program.lines_of(unit))) + "\n"
    return _judge(gather(text, profile, recipe, target_volume_mm3, 1, first_position=index - 1))


def duration_s(report: CheckReport, profile: FirmwareProfile) -> float:
    """Return how long moves and dwells take at the profile's acceleration; heating and homing not counted."""
    moves = report.back.moves
    travel = moves.end_mm - moves.start_mm
    alone = moves.length_mm == 0
    vectors = np.column_stack((travel, np.where(alone, moves.e_mm, 0.0)))
    feed = np.where(moves.feed_mm_s > 0, moves.feed_mm_s, np.inf)
    moving = np.isfinite(feed)
    times = segment_times_s(
        vectors[moving], feed[moving], profile.motion.max_accel_mm_s2, profile.motion.junction_deviation_mm
    )
    dwells = (command for command in report.back.commands if command.word == "G4")
    return float(times.sum()) + sum((c.get("S") or 0.0) + (c.get("P") or 0.0) / 1000 for c in dwells)


def _bounds(facts: Facts) -> dict[str, list[float]]:
    moves = facts.moves
    if not len(moves):
        return {"min": [0.0, 0.0, 0.0], "max": [0.0, 0.0, 0.0]}
    points = (moves.start_mm, moves.end_mm)
    low = np.minimum(*(part.min(axis=0) for part in points))
    high = np.maximum(*(part.max(axis=0) for part in points))
    return {"min": [round(float(v), 6) for v in low], "max": [round(float(v), 6) for v in high]}
