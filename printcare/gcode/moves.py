"""What the independent reader finds in a file: moves, other commands, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from printcare.domain.checks import Finding
from printcare.gcode.bulk import Bools, Floats, Ints

RAPID, RELATIVE_E, RELATIVE_XYZ, UNHOMED, ARC = 1, 2, 4, 8, 16  # flags of a move


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Every move in order, positions as the machine has them, after inches, offsets, factors and volumetric E.

    An arc is one move, as long as it is.

    line, flags (n,) int   start_mm, end_mm (n, 3)   length_mm, e_mm, feed_mm_s (n,); e_mm is feedstock, feed 0 where
    none was ever set; tool as its number
    """

    line: Ints
    start_mm: Floats
    end_mm: Floats
    length_mm: Floats
    e_mm: Floats
    feed_mm_s: Floats
    flags: Ints
    tool: Ints

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """Every arc in order, (n,): its line, its row among the moves, centre (n, 2), and how far the ends' radii differ.

    begin_rad within half a turn of 0, sweep_rad positive for G3 and negative for G2
    """

    line: Ints
    row: Ints
    centre_mm: Floats
    radius_mm: Floats
    begin_rad: Floats
    sweep_rad: Floats
    length_mm: Floats
    mismatch_mm: Floats
    is_full: Bools


@dataclass(frozen=True, slots=True)
class Command:
    """One command that is not a move, with its letters; `at_move` counts the moves before it, `tool` is in use."""

    line: int
    word: str
    letters: tuple[tuple[str, float], ...]
    at_move: int
    tool: int

    def get(self, letter: str) -> float | None:
        """Return the number after a letter, None where it is not given."""
        return next((number for name, number in self.letters if name == letter), None)


@dataclass(frozen=True, slots=True, eq=False)
class ReadBack:
    """What a file says: moves, arcs, other commands, lines that set E's origin, words used, what could not be read."""

    moves: Moves
    arcs: Arcs
    commands: tuple[Command, ...]
    origins: tuple[int, ...]
    words: dict[str, int]  # with the line of first use
    payload: Ints  # characters each line sends, (lines,)
    lower: tuple[int, ...]  # lines with small letters
    radius_forms: tuple[int, ...]  # arcs given by R
    problems: tuple[Finding, ...]
