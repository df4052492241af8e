"""The firmware's modal state while a file is read, and the moves it makes; part of the independent reader."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from printcare.gcode.arcs import bend
from printcare.gcode.bulk import Bools, Floats, Ints
from printcare.gcode.moves import ARC, RAPID, RELATIVE_E, RELATIVE_XYZ, UNHOMED, Arcs, Command, Moves

COLUMNS = 12


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Lines that move: line, e_mm, pace, flags (n,), start_mm and end_mm (n, 3)."""

    line: Floats
    start_mm: Floats
    end_mm: Floats
    e_mm: Floats
    pace: Floats
    flags: Floats

    @property
    def straight_mm(self) -> Floats:
        """Return how far each end is from its start, (n,)."""
        step = self.end_mm - self.start_mm
        return np.sqrt(step[:, 0] ** 2 + step[:, 1] ** 2 + step[:, 2] ** 2)

    def taken(self, mask: Bools) -> _Rows:
        """Return the rows of a mask."""
        return _Rows(
            self.line[mask],
            self.start_mm[mask],
            self.end_mm[mask],
            self.e_mm[mask],
            self.pace[mask],
            self.flags[mask],
        )


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
        self.blocks: list[tuple[Floats, ...]] = []
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
        rows = _Rows(
            np.array([line], dtype=np.float64),
            np.array([self.place]),
            np.array([target]),
            np.array([e_mm * self.feedstock_factor]),
            np.array([self.feed_mm_min / 60 * self.speed]),
            np.array([float(self.flags)]),
        )
        block = self._bent(rows, np.array([offset]), np.array([turn]))
        if block is None:
            return False
        self._add(block)
        self.place = target
        return True

    def flush(self) -> None:
        """Turn the single rows so far into one block of columns."""
        if self.rows:
            self.blocks.append(tuple(np.array(self.rows, dtype=np.float64).T))
            self.rows = []

    def run(
        self, first_line: int, table: Floats, is_rapid: Bools, is_origin: Bools, is_wait: Bools, turn: Ints
    ) -> bool:
        """Take a run of plain lines, X Y Z E F I J as written with NaN where absent, in absolute positions.

        False, with nothing changed, where one of its arcs is none.
        """
        self.flush()
        scaled = table if self.scale == 1.0 else table * self.scale
        columns = [_filled(scaled[:, axis] + self.offset[axis], self.place[axis]) for axis in range(3)]
        feed = _filled(scaled[:, 4], self.feed_mm_min)
        flags = self.flags
        bends = turn.any()
        moving = ~(np.isnan(table[:, :4].T).all(axis=0) | is_origin)
        if bends:
            moving |= turn != 0
        origins = np.flatnonzero(is_origin)
        if flags & RELATIVE_E:
            e_mm = np.nan_to_num(scaled[:, 3])
            # added up one by one, as a firmware does and the reading word by word
            added = e_mm[origins[-1] :] if len(origins) else np.concatenate(([self.e], e_mm))
            e_last = float(np.cumsum(added)[-1])
        else:
            e_at = _filled(scaled[:, 3], self.e)
            e_mm = np.diff(e_at, prepend=self.e)
            e_last = float(e_at[-1])
        starts = [np.concatenate(([at], column[:-1])) for at, column in zip(self.place, columns, strict=True)]
        rows = _Rows(
            np.arange(first_line, first_line + len(table), dtype=np.float64),
            np.array(starts).T,
            np.array(columns).T,
            e_mm * self.feedstock_factor,
            feed * (self.speed / 60),
            np.where(is_rapid, float(flags | RAPID), float(flags)),
        )
        block = self._bent(rows, np.nan_to_num(scaled[:, 5:7]), turn, moving) if bends else self._straight(rows, moving)
        if block is None:
            return False
        straight = ~(is_rapid | is_origin | is_wait) & (turn == 0)
        self._mark_words(first_line, {"G0": is_rapid, "G1": straight, "G2": turn < 0, "G3": turn > 0})
        self._mark_commands(first_line, np.flatnonzero(is_origin | is_wait), table[:, 3], block[0])
        self._add(block)
        self.e = e_last
        self.place = [float(column[-1]) for column in columns]
        self.feed_mm_min = float(feed[-1])
        return True

    def _add(self, block: tuple[Floats, ...]) -> None:
        self.blocks.append(block)
        self.count += len(block[0])

    def _straight(self, rows: _Rows, moving: Bools) -> tuple[Floats, ...]:
        if not moving.all():
            rows = rows.taken(moving)
        return self._block(rows, rows.straight_mm)

    def _block(self, rows: _Rows, length: Floats) -> tuple[Floats, ...]:
        tools = np.full(len(length), float(self.tool))
        return (rows.line, *rows.start_mm.T, *rows.end_mm.T, length, rows.e_mm, rows.pace, rows.flags, tools)

    def _bent(self, rows: _Rows, offset: Floats, turn: Ints, moving: Bools | None = None) -> tuple[Floats, ...] | None:
        """Return rows with every arc among them as long as it is; None where one is no arc."""
        if moving is not None and not moving.all():
            rows, offset, turn = rows.taken(moving), offset[moving], turn[moving]
        bent = np.flatnonzero(turn)
        found = bend(
            rows.line[bent], bent + self.count, rows.start_mm[bent], rows.end_mm[bent], offset[bent], turn[bent]
        )
        if found is None:
            return None
        self.arcs.append(found)
        length = rows.straight_mm
        length[bent] = found.length_mm
        rows.flags[bent] += ARC
        return self._block(rows, length)

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
        columns = [np.concatenate(part) for part in zip(*self.blocks, strict=True)] or [np.empty(0)] * COLUMNS
        start, end = np.array(columns[1:4]).T, np.array(columns[4:7]).T  # an axis lies in one piece, and is read faster
        line, flags, tool = (columns[place].astype(np.int64) for place in (0, 10, 11))
        return Moves(line, start, end, columns[7], columns[8], columns[9], flags, tool)


def _filled(column: Floats, before: float) -> Floats:
    """Return a column with each gap filled by the last number above it, or by what stood before."""
    gaps = np.isnan(column)
    if not gaps.any():
        return column
    above = np.maximum.accumulate(np.where(gaps, 0, np.arange(1, len(column) + 1)))
    return np.concatenate((np.array([before]), column))[above]
