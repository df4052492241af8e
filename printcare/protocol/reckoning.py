"""Where a printer should stand after the lines it was sent, as far as those lines say it for certain."""

from __future__ import annotations

import re

from printcare.protocol.marlin_reply import Position

TOLERANCE_MM = 0.02  # positions are told with two or three decimals
_WORD = re.compile(r"([XYZE])(-?\d+(?:\.\d+)?)")
_CODE = re.compile(r"([GM]\d+)\b")


class Reckoning:
    """Follows absolute moves; what relative moves or homing leave behind is unknown until the printer tells it."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}
        self._is_relative = False
        self._is_e_relative = False

    def told(self, position: Position) -> None:
        """Take what the printer itself says."""
        self._known = {"X": position.x_mm, "Y": position.y_mm, "Z": position.z_mm, "E": position.e_mm}

    def take(self, line: str) -> None:
        """Take a line as executed."""
        found = _CODE.match(line)
        code = found[1] if found else ""
        words = {letter: float(digits) for letter, digits in _WORD.findall(line)}
        if code in ("G90", "G91"):
            self._is_relative = self._is_e_relative = code == "G91"
        elif code in ("M82", "M83"):
            self._is_e_relative = code == "M83"
        elif code == "G92":
            self._known.update(words)
        elif code == "G28":
            self._known = {axis: mm for axis, mm in self._known.items() if axis == "E"}
        elif code in ("G0", "G1", "G2", "G3"):
            self._move(words)

    def _move(self, words: dict[str, float]) -> None:
        for axis, mm in words.items():
            if self._is_e_relative if axis == "E" else self._is_relative:
                self._known.pop(axis, None)
            else:
                self._known[axis] = mm

    def agrees(self, line: str, position: Position) -> bool:
        """Whether the printer stands where this line ends; False where the line alone does not say it."""
        words = {letter: float(digits) for letter, digits in _WORD.findall(line)}
        stands = {"X": position.x_mm, "Y": position.y_mm, "Z": position.z_mm, "E": position.e_mm}
        if not words or any(self._is_e_relative if axis == "E" else self._is_relative for axis in words):
            return False
        # A move that changes nothing proves nothing: where it ends is where the line before it ended.
        if all(abs(self._known.get(axis, mm + 1) - mm) <= TOLERANCE_MM for axis, mm in words.items()):
            return False
        return all(abs(stands[axis] - mm) <= TOLERANCE_MM for axis, mm in words.items())

    def stands_before(self, line: str, position: Position) -> bool:
        """Whether the printer stands exactly where it stood before this line, which would have moved it: not executed.

        Only after M400, with nothing else on the wire. False where a move is relative or the place before is not known.
        """
        words = {letter: float(digits) for letter, digits in _WORD.findall(line)}
        stands = {"X": position.x_mm, "Y": position.y_mm, "Z": position.z_mm, "E": position.e_mm}
        if not words or any(self._is_e_relative if axis == "E" else self._is_relative for axis in words):
            return False
        known = self._known
        if any(axis not in known or abs(stands[axis] - known[axis]) > TOLERANCE_MM for axis in words):
            return False
        return any(abs(known[axis] - mm) > 2 * TOLERANCE_MM for axis, mm in words.items())
