"""The gate's rules on words and modal state: what the firmware must be told, and what it must never be told."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.gcode.facts import Facts, at_lines
from printcare.gcode.moves import RELATIVE_E, RELATIVE_XYZ, UNHOMED

FULL_PCT = 100.0
TINY_MM = 1e-6
ARC_MISMATCH_MM = 0.005  # I, J, X and Y rounded to 0.001 mm leave a third of it
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
    "G18": ("E_GATE_PLANE", "arcs would lie in another plane than the tray's"),
    "G19": ("E_GATE_PLANE", "arcs would lie in another plane than the tray's"),
}
FACTORS = {"M220": "E_GATE_SPEED_FACTOR", "M221": "E_GATE_FLOW_FACTOR"}
ACCELERATIONS = frozenset({"M201", "M204"})


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


def _lower(facts: Facts) -> list[Finding]:
    lines = np.array(facts.back.lower, dtype=np.int64)
    return at_lines("E_GATE_CASE", lines, "is in small letters, which not every firmware reads.", REWRITE)


def _tools(facts: Facts) -> list[Finding]:
    """Return tools the printer has not, and changes of tool low over the tray, where a nozzle would swing."""
    profile, moves = facts.profile, facts.moves
    changes = [command for command in facts.back.commands if command.word[0] == "T"]
    unknown = [command.line for command in changes if command.word not in [f"T{n}" for n in range(len(profile.tools))]]
    low = [
        command.line
        for command in changes
        if command.at_move and moves.end_mm[command.at_move - 1, 2] < profile.travel_z_mm - TINY_MM
    ]
    return [
        *at_lines("E_GATE_TOOL", np.array(unknown, dtype=np.int64), "takes a tool the printer has not.", REWRITE),
        *at_lines(
            "E_GATE_TOOL_LOW",
            np.array(low, dtype=np.int64),
            f"changes the tool below the travel height of {profile.travel_z_mm:g} mm.",
            REWRITE,
        ),
    ]


def _arcs(facts: Facts) -> list[Finding]:
    """Return arcs the firmware has not, or would take otherwise than the reader did."""
    arcs, profile = facts.back.arcs, facts.profile
    none = [line for word, line in facts.back.words.items() if word in ("G2", "G3") and not profile.has_arcs]
    by_radius = () if profile.takes_arc_radius else facts.back.radius_forms
    off = arcs.line[arcs.mismatch_mm > ARC_MISMATCH_MM]
    return [
        *at_lines("E_GATE_ARC", np.array(none, dtype=np.int64), "the profile's firmware knows no arcs.", REWRITE),
        *at_lines(
            "E_GATE_ARC_FORM",
            np.array(by_radius, dtype=np.int64),
            "gives an arc by R, whose centre firmwares choose differently.",
            "Give I and J.",
        ),
        *at_lines(
            "E_GATE_ARC_RADIUS",
            off,
            f"an arc whose ends lie more than {ARC_MISMATCH_MM:g} mm apart in radius; its length is nobody's guess.",
            REWRITE,
        ),
        *at_lines(
            "E_GATE_ARC_FULL",
            arcs.line[arcs.is_full],
            "an arc ends where it begins: a full circle to one firmware, nothing to another.",
            "Write two half circles.",
        ),
    ]


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
    _lower,
    _tools,
    _arcs,
)
