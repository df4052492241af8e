"""The independent reader: any G-code text as the firmware would take it, and what moves and flows because of it.

It shares nothing with the writer. Plain lines are read in bulk (bulk.py), every other line word by word.
"""

from __future__ import annotations

import math
import re
from functools import reduce
from operator import xor

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.gcode.arcs import centre_offset, joined
from printcare.gcode.bulk import Ints, scan
from printcare.gcode.modal import Machine
from printcare.gcode.moves import RAPID, RELATIVE_E, Command, ReadBack

MM_PER_INCH = 25.4
PROBLEMS_MOST = 100
PIECE = 1 << 20  # characters read at once: what arrays stay small enough for is read half as fast again
_WORD = re.compile(r"([A-Z])[ \t]*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))[ \t]*")
_COMMAND = re.compile(r"([GMT])[ \t]*([0-9]+(?:\.[0-9]+)?)(?![0-9.])[ \t]*")
_PARENTHESES = re.compile(r"\([^()]*\)")
_PREFIX = re.compile(r"N[ \t]*[0-9]+[ \t]*")
_FIGURES = re.compile(r"[0-9]{1,5}")
_CRC_DIGITS = 5  # RepRapFirmware's CRC-16; fewer are the usual exclusive or
_CODE_MOST = 4096  # no firmware reads a longer line
_NUMBER_MOST = 1e9
_TEXT_WORDS = frozenset({"M117", "M118", "M23", "M28", "M30", "M32", "M928"})  # take free text, never motion
# G90 and G91 set E too on these; the others leave E to M82 and M83 (Klipper: E is relative while either says so).
_G90_SETS_E = frozenset({"marlin", "smoothieware"})


def read(text: str, dialect: str = "marlin") -> ReadBack:
    """Return what a program does, whatever wrote it; lines that cannot be read become problems, never guesses."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    machine = Machine(dialect)
    payloads = [np.empty(0, dtype=np.int64)]
    begun = before = 0
    while begun < len(text):
        after = text.find("\n", begun + PIECE) + 1 or len(text)
        payloads.append(_read_piece(machine, text[begun:after], before))
        before += len(payloads[-1])
        begun = after
    moves = machine.moves()
    return ReadBack(
        moves,
        joined(machine.arcs),
        tuple(machine.commands),
        tuple(machine.origins),
        machine.words,
        np.concatenate(payloads),
        tuple(machine.lower),
        tuple(machine.radius_forms),
        tuple(_problems(machine.unread)),
    )


def _read_piece(machine: Machine, text: str, before: int) -> Ints:
    """Read some whole lines, of which the file has `before` others; return how many characters each sends."""
    data = text.encode("utf-8")
    plain = scan(data)
    payload = np.zeros(len(plain.length), dtype=np.int64)
    begin = np.concatenate(([0], np.cumsum(plain.length + 1)))  # where each line does, and the end

    def singly(first: int, after: int) -> None:
        lines = data[begin[first] : begin[after]].decode("utf-8").split("\n")[:-1]
        _read_singly(machine, lines, before + first + 1, payload[first:after])

    done = row = 0
    for first, after in plain.runs:
        singly(done, first)
        rows = slice(row, row + after - first)
        masks = plain.is_rapid[rows], plain.is_origin[rows], plain.is_wait[rows], plain.is_move[rows]
        columns = plain.table[rows], *masks, plain.turn[rows]
        if machine.is_relative or machine.plane != "G17" or not machine.run(before + first + 1, *columns):
            singly(first, after)
        else:
            payload[first:after] = plain.length[first:after]
        done, row = after, rows.stop
    singly(done, len(payload))
    return payload


def _read_singly(machine: Machine, lines: list[str], first_line: int, payload: Ints) -> None:
    for place, text in enumerate(lines):
        code = text.partition(";")[0].strip(" \t")
        if not code:
            continue
        payload[place] = len(code)
        if not _read_line(machine, first_line + place, code):
            machine.unread.append((first_line + place, code[:40]))


def _problems(unread: list[tuple[int, str]]) -> list[Finding]:
    """Return a finding for each line that could not be read, and one for all beyond the first hundred."""
    remedy = "Write one command per line, letters each with a plain number."
    findings = [
        error("E_GATE_MALFORMED", f"Line {line} cannot be read as a command: “{code}”.", remedy, f"line {line}")
        for line, code in unread[:PROBLEMS_MOST]
    ]
    if len(unread) > PROBLEMS_MOST:
        told = f"{len(unread) - PROBLEMS_MOST} more lines cannot be read."
        findings.append(error("E_GATE_MALFORMED", told, remedy, f"line {unread[PROBLEMS_MOST][0]}"))
    return findings


def _read_line(machine: Machine, line: int, code: str) -> bool:
    """Take one line; False where the firmware could not be foretold."""
    if not code.isascii() or len(code) > _CODE_MOST:
        return False
    if "*" in code:
        summed, _, figures = code.rpartition("*")
        if ")" not in figures:  # else the star stands in a remark
            if not _is_whole(summed, figures.strip(" \t")):
                return False
            code = summed.rstrip(" \t")
    if "(" in code:
        code = _PARENTHESES.sub("", code).strip(" \t")
    if not code:
        return True
    written, code = code, code.upper()
    if code[:1] == "N":
        code = _PREFIX.sub("", code, count=1)
    head = _COMMAND.match(code)
    if head is None:
        return False
    word = head.group(1) + _plain(head.group(2))
    if written != written.upper() and word not in _TEXT_WORDS:
        machine.lower.append(line)
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
            number = float(found.group(2))
            if abs(number) > _NUMBER_MOST:
                return False
            letters[found.group(1)] = number
            at = found.end()
    motion = _MOTION.get(word)
    if motion is not None:
        return motion(machine, line, word, letters)
    machine.commands.append(Command(line, word, tuple(letters.items()), machine.count, machine.tool))
    modal = _MODAL.get(word)
    if modal is not None:
        modal(machine, line, letters)
    elif word[0] == "T":
        machine.tool = int(float(word[1:]))
    elif word in _PLANES:
        machine.plane = word
    return True


def _is_whole(code: str, figures: str) -> bool:
    """Whether a line's checksum is its own; what was garbled on the way is nobody's command."""
    if _FIGURES.fullmatch(figures) is None:
        return False
    if len(figures) < _CRC_DIGITS:
        return int(figures) == reduce(xor, code.encode("ascii"), 0)
    return int(figures) == _crc16(code.encode("ascii"))


def _crc16(data: bytes) -> int:
    """Return CRC-16/CCITT from 0, as RepRapFirmware sums a line (devices.md §3)."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
    return crc & 0xFFFF


def _plain(number: str) -> str:
    """Return a command's number as documents write it: G01 is G1."""
    whole, point, rest = number.partition(".")
    return (whole.lstrip("0") or "0") + point + rest


def _target(machine: Machine, letters: dict[str, float]) -> tuple[list[float], float]:
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
        is_relative = bool(machine.flags & RELATIVE_E)
        e_mm = commanded if is_relative else commanded - machine.e
        # Absolute E is what the line states: a sum of differences would drift from it.
        machine.e = machine.e + e_mm if is_relative else commanded
    return target, e_mm


def _straight(machine: Machine, line: int, word: str, letters: dict[str, float]) -> bool:
    if not letters.keys() <= _STRAIGHT_LETTERS:
        return False
    if "F" in letters:
        machine.feed_mm_min = letters["F"] * machine.scale
    if letters.keys() <= {"F"}:
        return True
    target, e_mm = _target(machine, letters)
    flags = machine.flags | (RAPID if word == "G0" else 0)
    machine.move(line, target, e_mm, flags)
    return True


def _arc(machine: Machine, line: int, word: str, letters: dict[str, float]) -> bool:
    """Take an arc in the XY plane."""
    has_radius = "R" in letters
    if not letters.keys() <= _ARC_LETTERS or has_radius == bool(letters.keys() & {"I", "J"}) or machine.plane != "G17":
        return False
    turn = -1 if word == "G2" else 1
    before = machine.feed_mm_min, machine.e
    if "F" in letters:
        machine.feed_mm_min = letters["F"] * machine.scale
    target, e_mm = _target(machine, letters)
    offset: tuple[float, float] | None = letters.get("I", 0.0) * machine.scale, letters.get("J", 0.0) * machine.scale
    if has_radius:
        machine.radius_forms.append(line)
        offset = centre_offset(machine.place, target, letters["R"] * machine.scale, turn)
    if offset is None or not machine.arc(line, target, offset, turn, e_mm):
        machine.feed_mm_min, machine.e = before
        return False
    return True


def _origin(machine: Machine, line: int, letters: dict[str, float]) -> None:
    names = set(letters) & set("XYZE") or set("XYZE")
    for axis, letter in enumerate("XYZ"):
        if letter in names:
            machine.offset[axis] = machine.place[axis] - letters.get(letter, 0.0) * machine.scale
    if "E" in names:
        machine.e = letters.get("E", 0.0) * machine.scale
        machine.origins.append(line)


def _home(machine: Machine, line: int, letters: dict[str, float]) -> None:
    named = [letter in letters for letter in "XYZ"]
    for axis in range(3):
        if named[axis] or not any(named):
            machine.place[axis] = machine.offset[axis] = 0.0
            machine.homed[axis] = True


def _absolute(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative = False
    if machine.dialect in _G90_SETS_E:
        machine.is_relative_e = False


def _relative(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative = True
    if machine.dialect in _G90_SETS_E:
        machine.is_relative_e = True


def _absolute_e(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative_e = False


def _relative_e(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.is_relative_e = True


def _millimetres(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.scale = 1.0


def _inches(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.scale = MM_PER_INCH


def _speed(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.speed = letters.get("S", machine.speed * 100) / 100


def _flow(machine: Machine, line: int, letters: dict[str, float]) -> None:
    machine.flow = letters.get("S", machine.flow * 100) / 100


def _volumetric(machine: Machine, line: int, letters: dict[str, float]) -> None:
    diameter = letters.get("D", 0.0)
    machine.volumetric_mm2 = math.pi * diameter**2 / 4 if letters.get("S", 1.0) else 0.0


_STRAIGHT_LETTERS = frozenset("XYZEF")
_ARC_LETTERS = frozenset("XYZEFIJR")
_PLANES = frozenset({"G17", "G18", "G19"})
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
