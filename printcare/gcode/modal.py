"""The firmware's modal state while a file is read, and the moves it makes; part of the independent reader."""

from __future__ import annotations

import math

import numpy as np

from printcare.gcode.arcs import bend
from printcare.gcode.bulk import Bools, Floats, Ints
from printcare.gcode.moves import ARC, RAPID, RELATIVE_E, RELATIVE_XYZ, UNHOMED, Arcs, Command, Moves

# The rows of a block of moves, each move a column.
LINE, LENGTH, E, PACE, FLAGS, TOOL = 0, 7, 8, 9, 10, 11
START, END = slice(1, 4), slice(4, 7)
ROWS = 12


class Machine:
    """Modal state as the firmware keeps it, and the moves it has made."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.tool = 0
        self.plane = "G17"
        self.place = [0.0, 0.0, 0.0]
        self.offset = [0.0, 0.0, 0.0]  # machine minus what the program calls it, after G92
        self.e = 0.0
        self.scale = 1.0
        self.is_relative = False
        self.is_relative_e = False
        self.homed = [False, False, False]
        self.feed_mm_min = 0.0
        self.speed = 1.0
        self.flow = 1.0
        self.volumetric_mm2 = 0.0
        self.commands: list[Command] = []
        self.origins: list[int] = []
        self.words: dict[str, int] = {}
        self.lower: list[int] = []
        self.radius_forms: list[int] = []
        self.unread: list[tuple[int, str]] = []
        self.blocks: list[Floats] = []
        self.rows: list[tuple[float, ...]] = []
        self.arcs: list[Arcs] = []
        self.count = 0

    @property
    def flags(self) -> int:
        """Return the flags a move has now."""
        relative_e = self.is_relative_e or (self.dialect == "klipper" and self.is_relative)
        return (
            (RELATIVE_E if relative_e else 0)
            | (RELATIVE_XYZ if self.is_relative else 0)
            | (0 if all(self.homed) else UNHOMED)
        )

    @property
    def feedstock_factor(self) -> float:
        """Return mm of feedstock per commanded mm (or mm³ with M200)."""
        return self.flow / self.volumetric_mm2 if self.volumetric_mm2 > 0 else self.flow

    def move(self, line: int, target: list[float], e_mm: float, flags: int) -> None:
        """Take one straight move."""
        row = (line, *self.place, *target, math.dist(self.place, target), e_mm * self.feedstock_factor)
        self.rows.append((*row, self.feed_mm_min / 60 * self.speed, flags, self.tool))
        self.place = target
        self.count += 1

    def arc(self, line: int, target: list[float], offset: tuple[float, float], turn: int, e_mm: float) -> bool:
        """Take one arc; False where it is none."""
        self.flush()
        row = (line, *self.place, *target, 0.0, e_mm * self.feedstock_factor)
        block = np.array([(*row, self.feed_mm_min / 60 * self.speed, self.flags, self.tool)], dtype=np.float64).T
        if not self._bend(block, np.array([offset]), np.array([turn])):
            return False
        self._add(block)
        self.place = target
        return True

    def flush(self) -> None:
        """Turn the single rows so far into one block of columns."""
        if self.rows:
            self.blocks.append(np.array(self.rows, dtype=np.float64).T)
            self.rows = []

    def run(
        self,
        first_line: int,
        table: Floats,
        is_rapid: Bools,
        is_origin: Bools,
        is_wait: Bools,
        is_move: Bools,
        turn: Ints,
    ) -> bool:
        """Take a run of plain lines, X Y Z E F I J as written with NaN where absent, in absolute positions.

        False, with nothing changed, where one of its arcs is none.
        """
        self.flush()
        scaled = table if self.scale == 1.0 else table * self.scale
        state = self._state(scaled)
        block = np.empty((ROWS, len(table)))
        block[LINE] = np.arange(first_line, first_line + len(table))
        block[START], block[END] = state[:3, :-1], state[:3, 1:]
        block[PACE] = state[4, 1:] * (self.speed / 60)
        e_mm, e_last = np.diff(state[3]), float(state[3, -1])
        if self.flags & RELATIVE_E:
            e_mm, e_last = self._added(scaled[:, 3], is_origin)
        block[E] = e_mm * self.feedstock_factor
        block[FLAGS] = np.where(is_rapid, self.flags | RAPID, self.flags)
        block[TOOL] = self.tool
        offset, bent = scaled[:, 5:7], turn
        if not is_move.all():
            block, offset, bent = block.take(np.flatnonzero(is_move), axis=1), offset[is_move], turn[is_move]
        block[LENGTH] = _straight_mm(block)
        if not self._bend(block, np.where(np.isnan(offset), 0.0, offset), bent):
            return False
        straight = ~(is_rapid | is_origin | is_wait) & (turn == 0)
        self._mark_words(first_line, {"G0": is_rapid, "G1": straight, "G2": turn < 0, "G3": turn > 0})
        self._mark_commands(first_line, np.flatnonzero(is_origin | is_wait), table[:, 3], block[LINE])
        self._add(block)
        self.e = e_last
        self.place = state[:3, -1].tolist()
        self.feed_mm_min = float(state[4, -1])
        return True

    def _state(self, scaled: Floats) -> Floats:
        """Return X Y Z E F before the first line and after each of them, (5, n + 1)."""
        state = np.empty((5, len(scaled) + 1))
        state[:, 0] = *self.place, self.e, self.feed_mm_min
        state[:, 1:] = scaled[:, :5].T
        state[:3, 1:] += np.array(self.offset)[:, None]
        gaps = np.isnan(state)
        above = np.maximum.accumulate(np.where(gaps, 0, np.arange(state.shape[1])), axis=1)
        return np.take_along_axis(state, above, axis=1)

    def _added(self, written: Floats, is_origin: Bools) -> tuple[Floats, float]:
        """Return how far each line drives a relative E, and where E stands after the last."""
        e_mm = np.nan_to_num(written)
        origins = np.flatnonzero(is_origin)
        # added up one by one, as a firmware does and the reading word by word
        added = e_mm[origins[-1] :] if len(origins) else np.concatenate(([self.e], e_mm))
        return e_mm, float(np.cumsum(added)[-1])

    def _add(self, block: Floats) -> None:
        self.blocks.append(block)
        self.count += block.shape[1]

    def _bend(self, block: Floats, offset: Floats, turn: Ints) -> bool:
        """Make every arc of a block as long as it is; False where one is no arc."""
        bent = np.flatnonzero(turn)
        if not len(bent):
            return True
        mine = block[: END.stop].take(bent, axis=1)
        found = bend(mine[LINE], bent + self.count, mine[START].T, mine[END].T, offset[bent], turn[bent])
        if found is None:
            return False
        self.arcs.append(found)
        block[LENGTH, bent] = found.length_mm
        block[FLAGS, bent] += ARC
        return True

    def _mark_words(self, first_line: int, of_words: dict[str, Bools]) -> None:
        for word, mine in of_words.items():
            if word not in self.words and mine.any():
                self.words[word] = first_line + int(np.argmax(mine))

    def _mark_commands(self, first_line: int, rows: Ints, e_mm: Floats, lines: Floats) -> None:
        """Note the origins of E and the waits among plain lines, in their order."""
        before = self.count + np.searchsorted(lines, rows + first_line)
        for row, number, at_move in zip(rows.tolist(), e_mm[rows].tolist(), before.tolist(), strict=True):
            line = first_line + row
            word = "M400" if math.isnan(number) else "G92"
            letters = () if math.isnan(number) else (("E", number),)
            self.words.setdefault(word, line)
            self.commands.append(Command(line, word, letters, at_move, self.tool))
            if letters:
                self.origins.append(line)

    def moves(self) -> Moves:
        """Return every move as columns."""
        self.flush()
        every = np.concatenate([np.empty((ROWS, 0)), *self.blocks], axis=1)
        line, flags, tool = (every[row].astype(np.int64) for row in (LINE, FLAGS, TOOL))
        return Moves(line, every[START].T, every[END].T, every[LENGTH], every[E], every[PACE], flags, tool)


def _straight_mm(block: Floats) -> Floats:
    """Return how far each move's end is from its start, (n,)."""
    x, y, z = block[END] - block[START]
    return np.asarray(np.sqrt(x**2 + y**2 + z**2))
