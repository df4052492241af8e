"""The gate's rules on words and modal state: what the firmware must be told, and what it must never be told."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.gcode.facts import Facts, at_lines
from printcare.gcode.moves import RELATIVE_E, RELATIVE_XYZ, UNHOMED, Command

FULL_PCT = 100.0
REWRITE = "Write the file again with `printcare gcode`."

# What a file has to state before its first extrusion: whatever stood in the printer before is not known.
STATED = {
    "G21": "millimetres",
    "G90": "absolute positions",
    "M82": "absolute E",
    "M220": "a speed factor of 100",
    "M221": "a flow factor of 100",
}
FORBIDDEN_STATE = {
    "G20": ("E_GATE_INCHES", "the file switches to inches"),
    "M200": ("E_GATE_VOLUMETRIC", "the file changes what E means"),
}
FACTORS = {"M220": "E_GATE_SPEED_FACTOR", "M221": "E_GATE_FLOW_FACTOR"}
ACCELERATIONS = frozenset({"M201", "M204"})
TOOL_HEAT, BED_HEAT = frozenset({"M104", "M109"}), frozenset({"M140", "M190"})


def _allowed_words(facts: Facts) -> list[Finding]:
    return [
        error(
            "E_GATE_WORD",
            f"Line {line}: {word} is not among the commands profile {facts.profile.id} allows.",
            REWRITE,
            f"line {line}",
        )
        for word, line in facts.back.words.items()
        if word not in facts.profile.allowed_words
    ]


def _line_length(facts: Facts) -> list[Finding]:
    limit = facts.profile.link.payload_limit
    lines = np.flatnonzero(facts.back.payload > limit) + 1
    return at_lines(
        "E_GATE_LINE_LENGTH", lines, f"longer than {limit} characters, the firmware would cut it silently.", REWRITE
    )


def _stated(facts: Facts) -> list[Finding]:
    first = facts.first_push_line
    return [
        error("E_GATE_MODAL", f"The file does not state {what} ({word}) before it extrudes.", REWRITE)
        for word, what in STATED.items()
        if facts.back.words.get(word, math.inf) > first
    ]


def _forbidden_state(facts: Facts) -> list[Finding]:
    return [
        error(code, f"Line {command.line}: {what} ({command.word}).", REWRITE, f"line {command.line}")
        for command in facts.back.commands
        if command.word in FORBIDDEN_STATE
        for code, what in (FORBIDDEN_STATE[command.word],)
    ]


def _factors(facts: Facts) -> list[Finding]:
    return [
        error(
            FACTORS[command.word],
            f"Line {command.line}: {command.word} must set 100 %; the dose stands in E alone.",
            REWRITE,
            f"line {command.line}",
        )
        for command in facts.back.commands
        if command.word in FACTORS and command.get("S") != FULL_PCT
    ]


def _relative(facts: Facts) -> list[Finding]:
    moves = facts.moves
    pushing_relative = facts.pushes & (moves.flags & RELATIVE_E != 0)
    relative = moves.flags & RELATIVE_XYZ != 0
    return [
        *at_lines(
            "E_GATE_E_RELATIVE",
            moves.line[pushing_relative],
            "E is relative: a line executed twice doses twice.",
            REWRITE,
        ),
        *at_lines("E_GATE_RELATIVE", moves.line[relative], "positions are relative (G91).", REWRITE),
    ]


def _origin(facts: Facts) -> list[Finding]:
    moved = [
        command.line
        for command in facts.back.commands
        if command.word == "G92" and (not command.letters or any(name != "E" for name, _ in command.letters))
    ]
    return at_lines("E_GATE_ORIGIN", np.array(moved, dtype=np.int64), "G92 may set E only, never the axes.", REWRITE)


def _homing(facts: Facts) -> list[Finding]:
    first = facts.first_push_line
    unhomed = facts.moves.line[facts.moves.flags & UNHOMED != 0]
    late = [command.line for command in facts.back.commands if command.word == "G28" and command.line > first]
    return [
        *at_lines("E_GATE_UNHOMED", unhomed, "moves before all axes are homed.", REWRITE),
        *at_lines(
            "E_GATE_HOMING_LATE",
            np.array(late, dtype=np.int64),
            "homes after ink was laid, through the units.",
            REWRITE,
        ),
    ]


def _acceleration(facts: Facts) -> list[Finding]:
    limit = facts.profile.motion.max_accel_mm_s2
    beyond = [
        command.line
        for command in facts.back.commands
        if command.word in ACCELERATIONS and any(number > limit for _, number in command.letters)
    ]
    lines = np.array(beyond, dtype=np.int64)
    return at_lines("E_GATE_ACCEL", lines, f"accelerates beyond {limit:g} mm/s².", REWRITE)


def _temperatures(facts: Facts) -> list[Finding]:
    recipe = facts.recipe
    if recipe is None:
        return []
    proven = recipe.parameters.cartridge_c
    outside = [c.line for c in _heats(facts, TOOL_HEAT) if (s := _target_c(c)) and not proven.is_proven(s)]
    bed = [c.line for c in _heats(facts, BED_HEAT) if _target_c(c)]
    low, high = proven.proven
    return [
        *at_lines(
            "E_GATE_TEMPERATURE",
            np.array(outside, dtype=np.int64),
            f"the ink's temperature is proven from {low} to {high} °C only.",
            "Set the recipe's temperature.",
        ),
        *at_lines(
            "E_GATE_BED", np.array(bed, dtype=np.int64), "the recipe knows no heated bed.", "Leave the bed cold."
        ),
    ]


def _cold(facts: Facts) -> list[Finding]:
    """Return extrusion before the file waited for heat, or after it took the heat away."""
    limit = facts.profile.tool.min_extrude_c
    moves = facts.moves
    cold = np.ones(len(moves), dtype=bool)
    is_hot = False
    for command in _heats(facts, TOOL_HEAT):
        target = _target_c(command)
        is_hot = target >= limit and (is_hot or command.word == "M109")
        cold[command.at_move :] = not is_hot
    lines = moves.line[cold & (moves.e_mm != 0)]
    return at_lines(
        "E_GATE_COLD", lines, f"drives ink before the file has waited for {limit:g} °C.", "Heat and wait (M109) first."
    )


def _heats(facts: Facts, words: frozenset[str]) -> list[Command]:
    return [command for command in facts.back.commands if command.word in words]


def _target_c(command: Command) -> float:
    return command.get("S") or command.get("R") or 0.0


def _arcs(facts: Facts) -> list[Finding]:
    lines = [line for word, line in facts.back.words.items() if word in ("G2", "G3") and not facts.profile.has_arcs]
    return at_lines("E_GATE_ARC", np.array(lines, dtype=np.int64), "the profile's firmware knows no arcs.", REWRITE)


STATE_RULES: tuple[Callable[[Facts], list[Finding]], ...] = (
    _allowed_words,
    _line_length,
    _stated,
    _forbidden_state,
    _factors,
    _relative,
    _origin,
    _homing,
    _acceleration,
    _temperatures,
    _cold,
    _arcs,
)
