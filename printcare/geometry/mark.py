"""Raised marks on a flat top: text in single strokes, or Braille; their ink is part of the unit's dose."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from printcare.domain.checks import Finding, error
from printcare.domain.recipe import LATTICES, Nozzle, Range, Shape
from printcare.geometry.curve import length_mm
from printcare.geometry.form import SolvedForm, solve
from printcare.geometry.forms import SAME_LAYERS
from printcare.geometry.region import Array, Region, Rounded

FLAT_TOPS = SAME_LAYERS | {"hollow"}
WHERE = "shape.mark"
# Strokes on a grid 2 wide and 4 high, each a run of corners "xy"; strokes of a sign are parted by blanks.
STROKES = {
    "0": "0004242000",
    "1": "0314 1410",
    "2": "042422020020",
    "3": "04242000 0222",
    "4": "040222 2420",
    "5": "240402222000",
    "6": "240400202202",
    "7": "042410",
    "8": "0004242000 0222",
    "9": "002024040222",
    ".": "1010",
    "-": "0222",
    "/": "0024",
    "A": "00031423 2320 0222",
    "B": "0004142312 0212212000",
    "C": "24040020",
    "D": "00041423211000",
    "E": "24040020 0212",
    "F": "000424 0212",
    "G": "240400202212",
    "H": "0004 2024 0222",
    "I": "1014",
    "J": "24201000",
    "K": "0004 240220",
    "L": "040020",
    "M": "0004122420",
    "N": "00042024",
    "O": "0004242000",
    "P": "0004242202",
    "Q": "0004242000 1120",
    "R": "0004242202 0220",
    "S": "240402222000",
    "T": "0424 1410",
    "U": "04002024",
    "V": "041024",
    "W": "0400122024",
    "X": "0024 0420",
    "Y": "0412 241210",
    "Z": "04240020",
}
ADVANCE = 3.4  # grid steps from sign to sign: 2 wide, and a bead more than one between
DOT_ADVANCE = 1.6
LEAST_STEP = 1.0  # bead widths in a grid step; closer strokes run into one another
MOST_STEP = 2.0
# Braille, dots 1 to 6 down the left and then the right column; digits follow the number sign.
BRAILLE_LETTERS = dict(
    zip("ABCDEFGHIJ", ("1", "12", "14", "145", "15", "124", "1245", "125", "24", "245"), strict=True)
)
BRAILLE = (
    BRAILLE_LETTERS
    | {after: BRAILLE_LETTERS[letter] + "3" for letter, after in zip("ABCDEFGHIJ", "KLMNOPQRST", strict=True)}
    | {"U": "136", "V": "1236", "W": "2456", "X": "1346", "Y": "13456", "Z": "1356", ".": "256", "-": "36", "#": "3456"}
)
DIGITS = dict(zip("1234567890", "ABCDEFGHIJ", strict=True))
DOT_MM, CELL_MM = 2.5, 6.0  # between dots of a cell and between cells, as on medicine packs (Marburg Medium)
DOT_RING_MM = 0.35  # a dot is a ring this wide in radius, closed by its own bead: about 1.4 mm across
RING_CORNERS = 12
TRIES = 12  # of a smaller text; each takes a twentieth off


def solve_marked(volume_mm3: float, shape: Shape, layer: Range, nozzle: Nozzle) -> SolvedForm | tuple[Finding, ...]:
    """Return a form with its mark on top, together of exactly that volume, or why it cannot be.

    The mark is one layer high and laid with the form's own bead. A text is as large as the top allows; Braille has its
    standard spacing or is refused. Nothing is debossed: a groove narrower than a bead closes.
    """
    plain = replace(shape, mark="", mark_as="")
    if shape.kind not in FLAT_TOPS or shape.path in LATTICES:
        return (_refused(f"A {shape.kind} by {shape.path} has no flat, closed top for a mark."),)
    unknown = sorted(set(shape.mark) - set(BRAILLE if shape.mark_as == "braille" else STROKES) - set(DIGITS))
    if unknown:
        return (_refused(f"A mark has no {''.join(unknown)!r}."),)
    form = solve(volume_mm3, plain, layer, nozzle)
    step = MOST_STEP
    for _ in range(TRIES if shape.mark_as == "text" else 1):
        if not isinstance(form, SolvedForm):
            return form
        strokes = _strokes(shape, step * form.width_mm)
        mark_mm3 = sum(map(length_mm, strokes)) * form.pitch_mm * form.layer_mm
        body = solve(volume_mm3 - mark_mm3, plain, layer, nozzle) if mark_mm3 < volume_mm3 / 2 else form
        if body is not form and isinstance(body, SolvedForm) and _fits(strokes, body):
            return replace(body, volume_mm3=volume_mm3, mark=strokes, mark_mm3=mark_mm3)
        step = max(LEAST_STEP, step * 0.93)
    told = f"The mark {shape.mark!r} does not fit the top of a unit of {volume_mm3:.1f} mm³."
    return (_refused(told),)


def _refused(told: str) -> Finding:
    return error("E_GEOMETRY_MARK", told, "Use a shorter mark, text instead of Braille, or a wider unit.", WHERE)


def _strokes(shape: Shape, step_mm: float) -> tuple[Array, ...]:
    """Return a mark's lines around the middle of the top, mm."""
    lines = _braille(shape.mark) if shape.mark_as == "braille" else _text(shape.mark, step_mm)
    every = np.concatenate(lines)
    middle = (every.min(axis=0) + every.max(axis=0)) / 2
    return tuple(line - middle for line in lines)


def _text(words: str, step_mm: float) -> list[Array]:
    lines, at = [], 0.0
    for sign in words:
        for stroke in STROKES[sign].split():
            corners = np.array([[int(x), int(y)] for x, y in zip(stroke[::2], stroke[1::2], strict=True)], dtype=float)
            if sign == ".":
                corners = np.array([[0.0, 0.0], [0.0, 0.6]])
            lines.append((corners + np.array([at, 0.0])) * step_mm)
        at += DOT_ADVANCE if sign in ".I1" else ADVANCE
    return lines


def _braille(words: str) -> list[Array]:
    cells: list[str] = []
    in_number = False
    for sign in words:
        if sign in DIGITS and not in_number:
            cells.append(BRAILLE["#"])
        in_number = sign in DIGITS or (in_number and sign == ".")
        cells.append(BRAILLE[DIGITS.get(sign, sign)])
    turn = np.linspace(0, 2 * np.pi, RING_CORNERS + 1)
    ring = DOT_RING_MM * np.column_stack((np.cos(turn), np.sin(turn)))
    ring[-1] = ring[0]
    places = [
        (number * CELL_MM + DOT_MM * (dot > "3"), -DOT_MM * ((int(dot) - 1) % 3))
        for number, dots in enumerate(cells)
        for dot in sorted(dots)
    ]
    return [ring + place for place in places]


def _fits(strokes: tuple[Array, ...], form: SolvedForm) -> bool:
    """Whether a mark's beads lie wholly on the form's top."""
    top: Region = form.regions[-1] if form.regions else Rounded(0.0, form.diameter_mm / 2)
    corners = np.concatenate(strokes)
    margin_mm = form.width_mm / 2
    if isinstance(top, Rounded):
        beyond = np.maximum(np.abs(corners[:, 0]) - top.straight_mm / 2, 0.0)
        away = np.hypot(beyond, corners[:, 1])
        return bool(away.max() <= top.outer_mm - margin_mm and (not top.inner_mm))
    rim = np.concatenate(top.boundary(margin_mm))
    inside = [_winds(rim, place) for place in corners]
    return all(inside)


def _winds(rim: Array, place: Array) -> bool:
    away = rim - place
    turn = np.angle((away[1:] @ (1, 1j)) / (away[:-1] @ (1, 1j)))
    return abs(float(turn.sum())) > math.pi
