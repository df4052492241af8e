"""The independent reader: any G-code text as the firmware would take it, and what moves and flows because of it.

It shares nothing with the writer. Plain lines are read in bulk (bulk.py), every other line word by word.
"""

from __future__ import annotations

import math
import re

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.gcode.arcs import chords
from printcare.gcode.bulk import Bools, Floats, Ints, scan
from printcare.gcode.moves import ARC, RAPID, RELATIVE_E, RELATIVE_XYZ, UNHOMED, Command, Moves, ReadBack

MM_PER_INCH = 25.4
_WORD = re.compile(r"([A-Z])[ \t]*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))[ \t]*")
_COMMAND = re.compile(r"([GMT])[ \t]*([0-9]+(?:\.[0-9]+)?)(?![0-9.])[ \t]*")
_PARENTHESES = re.compile(r"\([^()]*\)")
_PREFIX = re.compile(r"N[ \t]*[0-9]+[ \t]*")
_CHECKSUM = re.compile(r"[ \t]*\*[ \t]*[0-9]+[ \t]*$")
_TEXT_WORDS = frozenset({"M117", "M118", "M23", "M28", "M30", "M32", "M928"})  # take free text, never motion
# G90 and G91 set E too on these; the others leave E to M82 and M83 (Klipper: E is relative while either says so).
_G90_SETS_E = frozenset({"marlin", "smoothieware"})


class _Machine:
    """Modal state as the firmware keeps it, and the moves it has made."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
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
        self.problems: list[Finding] = []
        self.blocks: list[tuple[Floats, ...]] = []
        self.rows: list[tuple[float, ...]] = []
        self.count = 0

    @property
    def flags(self) -> int:
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

    def move(self, line: int, target: list[float], e_mm: float, length_mm: float, flags: int) -> None:
        row = (line, *self.place, *target, length_mm, e_mm * self.feedstock_factor)
        self.rows.append((*row, self.feed_mm_min / 60 * self.speed, flags))
        self.place = target
        self.count += 1

    def flush(self) -> None:
        """Turn the single rows so far into one block of columns."""
        if self.rows:
            self.blocks.append(tuple(np.array(self.rows, dtype=np.float64).T))
            self.rows = []

    def run(self, first_line: int, table: Floats, is_rapid: Bools, is_origin: Bools) -> None:
        """Take a run of plain lines, X Y Z E F as written with NaN where absent, in absolute positions."""
        self.flush()
        for word, mine in (("G0", is_rapid), ("G1", ~(is_rapid | is_origin))):
            if word not in self.words and mine.any():
                self.words[word] = first_line + int(np.argmax(mine))
        scaled = table if self.scale == 1.0 else table * self.scale
        columns = [_filled(scaled[:, axis] + self.offset[axis], self.place[axis]) for axis in range(3)]
        feed = _filled(scaled[:, 4], self.feed_mm_min)
        flags = self.flags
        moving = ~(np.isnan(table[:, :4].T).all(axis=0) | is_origin)
        origins = np.flatnonzero(is_origin)
        if flags & RELATIVE_E:
            e_mm = np.nan_to_num(scaled[:, 3])
            since = int(origins[-1]) if len(origins) else 0
            self.e = float(e_mm[since:].sum()) + (0.0 if len(origins) else self.e)
        else:
            e_at = _filled(scaled[:, 3], self.e)
            e_mm = np.diff(e_at, prepend=self.e)
            self.e = float(e_at[-1])
        self._mark_origins(first_line, origins, table, moving)
        starts = [np.concatenate(([at], column[:-1])) for at, column in zip(self.place, columns, strict=True)]
        dx, dy, dz = (end - start for start, end in zip(starts, columns, strict=True))
        length = np.sqrt(dx * dx + dy * dy + dz * dz)
        lines = np.arange(first_line, first_line + len(table), dtype=np.float64)
        marks = np.where(is_rapid, float(flags | RAPID), float(flags))
        pace = feed * (self.speed / 60)
        block = (lines, *starts, *columns, length, e_mm * self.feedstock_factor, pace, marks)
        if not moving.all():
            block = tuple(column[moving] for column in block)
        self.blocks.append(block)
        self.count += len(block[0])
        self.place = [float(column[-1]) for column in columns]
        self.feed_mm_min = float(feed[-1])

    def _mark_origins(self, first_line: int, origins: Ints, table: Floats, moving: Bools) -> None:
        if not len(origins):
            return
        before = self.count + np.concatenate(([0], np.cumsum(moving)))
        for row in origins.tolist():
            line = first_line + row
            self.words.setdefault("G92", line)
            self.origins.append(line)
            self.commands.append(Command(line, "G92", (("E", float(table[row, 3])),), int(before[row])))

    def moves(self) -> Moves:
        """Return every move as columns."""
        self.flush()
        columns = [np.concatenate(part) for part in zip(*self.blocks, strict=True)] or [np.empty(0)] * 11
        start, end = np.array(columns[1:4]).T, np.array(columns[4:7]).T  # an axis lies in one piece, and is read faster
        line, flags = columns[0].astype(np.int64), columns[10].astype(np.int64)
        return Moves(line, start, end, columns[7], columns[8], columns[9], flags)


def read(text: str, dialect: str = "marlin") -> ReadBack:
    """Return what a program does, whatever wrote it; lines that cannot be read become problems, never guesses."""
    text = text.replace("\r\n", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    lines = text.split("\n")[:-1]
    plain = scan(text)
    machine = _Machine(dialect)
    payload = np.zeros(len(lines), dtype=np.int64)
    done = row = 0
    for first, after in plain.runs:
        _read_singly(machine, lines, done, first, payload)
        rows = slice(row, row + after - first)
        if machine.is_relative:
            _read_singly(machine, lines, first, after, payload)
        else:
            machine.run(first + 1, plain.table[rows], plain.is_rapid[rows], plain.is_origin[rows])
            payload[first:after] = plain.length[first:after]
        done, row = after, rows.stop
    _read_singly(machine, lines, done, len(lines), payload)
    moves = machine.moves()
    commands, origins = tuple(machine.commands), tuple(machine.origins)
    return ReadBack(moves, commands, origins, machine.words, payload, tuple(machine.problems))


def _filled(column: Floats, before: float) -> Floats:
    """Return a column with each gap filled by the last number above it, or by what stood before."""
    gaps = np.isnan(column)
    if not gaps.any():
        return column
    above = np.maximum.accumulate(np.where(gaps, 0, np.arange(1, len(column) + 1)))
    return np.concatenate((np.array([before]), column))[above]


def _read_singly(machine: _Machine, lines: list[str], first: int, after: int, payload: Ints) -> None:
    for index in range(first, after):
        code = lines[index].partition(";")[0].strip(" \t")
        if not code:
            continue
        payload[index] = len(code)
        if not _read_line(machine, index + 1, code):
            machine.problems.append(
                error(
                    "E_GATE_MALFORMED",
                    f"Line {index + 1} cannot be read as a command: “{code[:40]}”.",
                    "Write one command per line, letters each with a plain number.",
                    f"line {index + 1}",
                )
            )


def _read_line(machine: _Machine, line: int, code: str) -> bool:
    """Take one line; False where the firmware could not be foretold."""
    code = code.upper()
    if "(" in code:
        code = _PARENTHESES.sub("", code).strip(" \t")
        if not code:
            return True
    if code[0] == "N":
        code = _CHECKSUM.sub("", _PREFIX.sub("", code, count=1))
    head = _COMMAND.match(code)
    if head is None:
        return False
    word = head.group(1) + _plain(head.group(2))
    machine.words.setdefault(word, line)
    letters: dict[str, float] = {}
    if word not in _TEXT_WORDS:
        at = head.end()
        while at < len(code):
            found = _WORD.match(code, at)
            if found is not None and found.group(1) == "E" and code[at - 1] in "0123456789.":
                return False  # 6E1 is 60 to one firmware and X6 with E1 to another
            if found is None:
                bare = code[at]
                if word == "G28" and bare in "XYZ" and bare not in letters:  # homing names axes without numbers
                    letters[bare], at = 0.0, at + 2 if code[at + 1 : at + 2] == " " else at + 1
                    continue
                return False
            if found.group(1) in letters:
                return False
            letters[found.group(1)] = float(found.group(2))
            at = found.end()
    motion = _MOTION.get(word)
    if motion is not None:
        return motion(machine, line, word, letters)
    machine.commands.append(Command(line, word, tuple(letters.items()), machine.count))
    modal = _MODAL.get(word)
    if modal is not None:
        modal(machine, line, letters)
    return True


def _plain(number: str) -> str:
    """Return a command's number as documents write it: G01 is G1."""
    whole, point, rest = number.partition(".")
    return (whole.lstrip("0") or "0") + point + rest


def _target(machine: _Machine, letters: dict[str, float]) -> tuple[list[float], float]:
    """Return where a move goes and the E it advances; E's own state moves on."""
    target = machine.place.copy()
    for axis, letter in enumerate("XYZ"):
        number = letters.get(letter)
        if number is not None:
            number *= machine.scale
            target[axis] = machine.place[axis] + number if machine.is_relative else number + machine.offset[axis]
    e_mm = 0.0
    if "E" in letters:
        commanded = letters["E"] * machine.scale
        e_mm = commanded if machine.flags & RELATIVE_E else commanded - machine.e
        machine.e += e_mm
    return target, e_mm


def _straight(machine: _Machine, line: int, word: str, letters: dict[str, float]) -> bool:
    if not letters.keys() <= _STRAIGHT_LETTERS:
        return False
    if "F" in letters:
        machine.feed_mm_min = letters["F"] * machine.scale
    if letters.keys() <= {"F"}:
        return True
    target, e_mm = _target(machine, letters)
    flags = machine.flags | (RAPID if word == "G0" else 0)
    machine.move(line, target, e_mm, math.dist(machine.place, target), flags)
    return True


def _arc(machine: _Machine, line: int, word: str, letters: dict[str, float]) -> bool:
    """Take an arc in the XY plane as short chords that carry its true length."""
    if not letters.keys() <= _ARC_LETTERS or ("R" in letters) == bool(letters.keys() & {"I", "J"}):
        return False
    if "F" in letters:
        machine.feed_mm_min = letters["F"] * machine.scale
    start = machine.place.copy()
    target, e_mm = _target(machine, letters)
    offsets = {letter: number * machine.scale for letter, number in letters.items() if letter in "IJR"}
    arc = chords(start, target, offsets, is_clockwise=word == "G2")
    if arc is None:
        return False
    places, length_mm = arc
    for place in places:
        machine.move(line, place, e_mm / len(places), length_mm, machine.flags | ARC)
    return True


def _origin(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    names = set(letters) & set("XYZE") or set("XYZE")
    for axis, letter in enumerate("XYZ"):
        if letter in names:
            machine.offset[axis] = machine.place[axis] - letters.get(letter, 0.0) * machine.scale
    if "E" in names:
        machine.e = letters.get("E", 0.0) * machine.scale
        machine.origins.append(line)


def _home(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    named = [letter in letters for letter in "XYZ"]
    for axis in range(3):
        if named[axis] or not any(named):
            machine.place[axis] = machine.offset[axis] = 0.0
            machine.homed[axis] = True


def _absolute(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative = False
    if machine.dialect in _G90_SETS_E:
        machine.is_relative_e = False


def _relative(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative = True
    if machine.dialect in _G90_SETS_E:
        machine.is_relative_e = True


def _absolute_e(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative_e = False


def _relative_e(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative_e = True


def _millimetres(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.scale = 1.0


def _inches(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.scale = MM_PER_INCH


def _speed(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.speed = letters.get("S", machine.speed * 100) / 100


def _flow(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    machine.flow = letters.get("S", machine.flow * 100) / 100


def _volumetric(machine: _Machine, line: int, letters: dict[str, float]) -> None:
    diameter = letters.get("D", 0.0)
    machine.volumetric_mm2 = math.pi * diameter**2 / 4 if letters.get("S", 1.0) else 0.0


_STRAIGHT_LETTERS = frozenset("XYZEF")
_ARC_LETTERS = frozenset("XYZEFIJR")
_MOTION = {"G0": _straight, "G1": _straight, "G2": _arc, "G3": _arc}
_MODAL = {
    "G20": _inches,
    "G21": _millimetres,
    "G28": _home,
    "G90": _absolute,
    "G91": _relative,
    "G92": _origin,
    "M82": _absolute_e,
    "M83": _relative_e,
    "M200": _volumetric,
    "M220": _speed,
    "M221": _flow,
}
