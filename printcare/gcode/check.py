"""The gate: nothing goes to a printer for a patient that these rules have not passed, on a reader of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from printcare.domain.checks import Finding, blocking, error
from printcare.domain.machine import FirmwareProfile
from printcare.domain.recipe import MasterRecipe
from printcare.extrusion.duration import segment_times_s
from printcare.gcode.arcs import chords
from printcare.gcode.facts import Facts, gather
from printcare.gcode.moves import ReadBack
from printcare.gcode.program import Program, digest_of_text
from printcare.gcode.rules_bead import pressures_kpa
from printcare.gcode.rules_deposit import DEPOSIT_RULES, needed_mm3
from printcare.gcode.rules_heat import HEAT_RULES
from printcare.gcode.rules_motion import MOTION_RULES
from printcare.gcode.rules_state import STATE_RULES


@dataclass(frozen=True, slots=True)
class CheckedUnit:
    """One unit, of several inks one part of it, as the reader found it; lines 1-based and inclusive."""

    index: int
    first_line: int
    last_line: int
    volume_mm3: float
    part: int = 1
    tool: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class CheckReport:
    """The verdict on one file: every objection, what each unit holds, and how far the tool goes."""

    findings: tuple[Finding, ...]
    units: tuple[CheckedUnit, ...]
    total_volume_mm3: float
    bounds: dict[str, list[float]]
    facts: Facts
    needed_mm3: tuple[float, ...]  # of each tool's ink, prime included

    @property
    def back(self) -> ReadBack:
        """Return the file as it was read."""
        return self.facts.back

    @property
    def pressures_kpa(self) -> tuple[tuple[float, float], ...]:
        """Return the least and the most pressure predicted along the beads, by part; nothing without a recipe.

        Found when asked: it is told, not judged, and a corrected unit has no time for it.
        """
        return pressures_kpa(self.facts)

    @property
    def part_volumes_mm3(self) -> dict[int, float]:
        """Return what all units hold together, by part."""
        parts = sorted({unit.part for unit in self.units})
        return {part: math.fsum(unit.volume_mm3 for unit in self.units if unit.part == part) for part in parts}

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

    `target_volume_mm3` is one volume for all units, one for each part of a unit, or one for each unit segment in order;
    a unit passes within 0.01 % or one digit of E, whichever is larger (process.md §8.3). Without a recipe its limits on
    bead, layer, speed, temperature and pressure are not judged. A program has to be what its digest says besides.
    """
    if isinstance(program, str):
        return _judge(gather(program, profile, recipe, target_volume_mm3, units))
    text = program.text
    report = _judge(gather(text, profile, recipe, target_volume_mm3, units))
    return replace(report, findings=(*_as_signed(program, text, report), *report.findings))


def _as_signed(program: Program, text: str, report: CheckReport) -> list[Finding]:
    """Return how a program's lines differ from its own digest, and its segments from what the reader found."""
    findings = []
    if digest_of_text(text) != program.digest:
        told = "The program's lines are not those its digest was taken of."
        findings.append(error("E_GATE_DIGEST", told, "Lay the batch out again."))
    written = [(unit.index, unit.part, unit.first_line, unit.last_line) for unit in program.units]
    found = [(unit.index, unit.part, unit.first_line, unit.last_line) for unit in report.units]
    if written != found:
        told = "The units the reader finds are not those the program names."
        findings.append(error("E_GATE_SEGMENTS", told, "Lay the batch out again."))
    return findings


def _judge(facts: Facts) -> CheckReport:
    findings = [*facts.back.problems]
    for rule in (*STATE_RULES, *HEAT_RULES, *MOTION_RULES, *DEPOSIT_RULES):
        findings += rule(facts)
    checked = tuple(
        CheckedUnit(unit, span.first_line, span.last_line, volume, part, span.tool)
        for (unit, part), span, volume in zip(facts.numbers, facts.units, facts.volumes_mm3, strict=True)
    )
    return CheckReport(
        tuple(findings),
        checked,
        math.fsum(facts.volumes_mm3),
        _bounds(facts),
        facts,
        tuple(needed_mm3(facts, tool) for tool in range(len(facts.areas_mm2))),
    )


def check_unit(
    program: Program,
    index: int,
    profile: FirmwareProfile,
    recipe: MasterRecipe | None,
    target_volume_mm3: float,
    part: int = 1,
) -> CheckReport:
    """Return the gate's verdict on one re-written unit, or one part of it, read behind the program's own prologue.

    The parts of the unit that stand before it are read as well, since it is laid upon them (process.md §8.3).
    """
    before = takewhile(lambda segment: segment.kind != "unit", program.segments)
    own = [program.unit(index, number) for number in range(1, part + 1)]
    lines = [line for segment in (*before, *own) for line in segment.lines]
    targets = (*(segment.volume_mm3 for segment in own[:-1]), target_volume_mm3)
    text = "\n".join(lines) + "\n"
    return _judge(gather(text, profile, recipe, targets, 1, first_position=index - 1, last_part=part))


def duration_s(report: CheckReport, profile: FirmwareProfile) -> float:
    """Return how long moves and dwells take at the profile's acceleration; heating and homing not counted."""
    moves = report.back.moves
    owner, start, end = chords(moves, report.back.arcs, np.arange(len(moves)))
    alone = moves.length_mm == 0
    vectors = np.column_stack((end - start, np.where(alone, moves.e_mm, 0.0)[owner]))
    feed = np.where(moves.feed_mm_s > 0, moves.feed_mm_s, np.inf)[owner]
    moving = np.isfinite(feed)
    times = segment_times_s(
        vectors[moving], feed[moving], profile.motion.max_accel_mm_s2, profile.motion.junction_deviation_mm
    )
    dwells = (command for command in report.back.commands if command.word == "G4")
    return float(times.sum()) + sum((c.get("S") or 0.0) + (c.get("P") or 0.0) / 1000 for c in dwells)


def _bounds(facts: Facts) -> dict[str, list[float]]:
    if not len(facts.moves):
        return {"min": [0.0, 0.0, 0.0], "max": [0.0, 0.0, 0.0]}
    low, high = facts.low_mm.min(axis=0), facts.high_mm.max(axis=0)
    return {"min": [round(float(v), 6) for v in low], "max": [round(float(v), 6) for v in high]}
