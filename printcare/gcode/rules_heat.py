"""The gate's rules on heat: what may be heated, how far, and that nothing is pushed cold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.domain.process import Range
from printcare.gcode.facts import Facts, at_lines
from printcare.gcode.moves import Command
from printcare.gcode.rules_state import REWRITE

TOOL_HEAT, BED_HEAT = frozenset({"M104", "M109"}), frozenset({"M140", "M190"})
COLD_BED = "Leave the bed cold."


def _temperatures(facts: Facts) -> list[Finding]:
    recipe = facts.recipe
    if recipe is None:
        return []
    proven = {part.tool: part.parameters.cartridge_c for part in recipe.parts}
    hot = [(c, _heated_tool(c), s) for c in _heats(facts, TOOL_HEAT) if (s := _target_c(c))]
    findings: list[Finding] = []
    for tool in sorted({tool for _, tool, _ in hot}):
        if tool not in proven:
            lines = np.array([c.line for c, mine, _ in hot if mine == tool], dtype=np.int64)
            findings += at_lines("E_GATE_TOOL", lines, f"heats tool T{tool}, which the recipe does not use.", REWRITE)
            continue
        low, high = proven[tool].proven
        outside = [c.line for c, mine, s in hot if mine == tool and not proven[tool].is_proven(s)]
        findings += at_lines(
            "E_GATE_TEMPERATURE",
            np.array(outside, dtype=np.int64),
            f"the ink's temperature is proven from {low} to {high} °C only.",
            "Set the recipe's temperature.",
        )
    return findings


def _beds(facts: Facts) -> list[Finding]:
    """Return heat the printer's bed may not have, or the recipe does not prove; the bed is one for all inks."""
    hot = [(command.line, celsius) for command in _heats(facts, BED_HEAT) if (celsius := _target_c(command))]
    every, most_c = np.array([line for line, _ in hot], dtype=np.int64), facts.profile.bed_max_c
    if most_c is None:
        return at_lines("E_GATE_BED", every, "the printer has no heated bed.", COLD_BED)
    beyond = np.array([line for line, celsius in hot if celsius > most_c], dtype=np.int64)
    findings = at_lines("E_GATE_BED", beyond, f"the printer's bed may get {most_c:g} °C.", "Heat the bed less.")
    if facts.recipe is None:
        return findings
    wanted = _wanted_beds(facts)
    if not wanted:
        return findings + at_lines("E_GATE_BED", every, "the recipe knows no heated bed.", COLD_BED)
    low, high = max(float(bed.proven[0]) for bed in wanted), min(float(bed.proven[1]) for bed in wanted)
    outside = np.array([line for line, celsius in hot if not low <= celsius <= high], dtype=np.int64)
    reason = f"the bed's temperature is proven from {low:g} to {high:g} °C only."
    return findings + at_lines("E_GATE_BED", outside, reason, "Set the recipe's temperature.")


def _wanted_beds(facts: Facts) -> list[Range]:
    beds = (part.parameters.bed_c for part in (facts.recipe.parts if facts.recipe is not None else ()))
    return [bed for bed in beds if bed is not None]


def _cold_bed(facts: Facts) -> list[Finding]:
    """Return ink laid before the file waited for the bed the recipe wants, or after it took the heat away."""
    if not _wanted_beds(facts):
        return []
    cold = np.ones(len(facts.moves), dtype=bool)
    is_hot = False
    for command in _heats(facts, BED_HEAT):
        is_hot = bool(_target_c(command)) and (is_hot or command.word == "M190")
        cold[command.at_move :] = not is_hot
    lines = facts.moves.line[cold & facts.lays]
    return at_lines("E_GATE_BED", lines, "lays ink before the file has waited for the bed.", "Wait (M190) first.")


def _apart(facts: Facts) -> list[Finding]:
    """Return nozzles a recipe wants heated apart from their cartridges: no firmware here has a heater for one."""
    parts = facts.recipe.parts if facts.recipe is not None else ()
    told = "The recipe wants its nozzle heated apart from its cartridge; profile {} has no heater for it."
    remedy = "Use a recipe without `nozzle_c`; a filament's nozzle is what its one heater holds."
    return [
        error("E_GATE_HEATER", told.format(facts.profile.id), remedy)
        for part in parts
        if part.parameters.nozzle_c is not None and part.ink.filament is None
    ]


def _cold(facts: Facts) -> list[Finding]:
    """Return extrusion before the file waited for a tool's heat, or after it took the heat away."""
    moves = facts.moves
    cold = np.ones(len(moves), dtype=bool)
    drives = moves.e_mm != 0
    limits = [tool.min_extrude_c for tool in facts.profile.tools]
    for tool, limit in enumerate(limits):
        mine = moves.tool == tool
        is_hot = False
        for command in _heats(facts, TOOL_HEAT):
            if _heated_tool(command) == tool:
                target = _target_c(command)
                is_hot = target >= limit and (is_hot or command.word == "M109")
                cold[command.at_move :][mine[command.at_move :]] = not is_hot
    lines = moves.line[cold & drives]
    return at_lines(
        "E_GATE_COLD",
        lines,
        f"drives ink before the file has waited for {' and '.join(f'{limit:g}' for limit in limits)} °C.",
        "Heat and wait (M109) first.",
    )


def _heats(facts: Facts, words: frozenset[str]) -> list[Command]:
    return [command for command in facts.back.commands if command.word in words]


def _heated_tool(command: Command) -> int:
    tool = command.get("T")
    return command.tool if tool is None else int(tool)


def _target_c(command: Command) -> float:
    return command.get("S") or command.get("R") or 0.0


HEAT_RULES: tuple[Callable[[Facts], list[Finding]], ...] = (_temperatures, _beds, _cold_bed, _apart, _cold)
