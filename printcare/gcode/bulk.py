"""Plain moves of a whole file, read at once as arrays; part of the independent reader.

A plain line is `G0` or `G1`, then some of X Y Z E F once each, or `G2` or `G3` with I or J besides, or `G92` with E
alone, or `M400`: one blank before each letter, every number in figures with at most one point and a leading minus.
Everything else, and everything doubtful, is left to the reading word by word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LETTERS = "XYZEFIJ"
_ONE, _RAPID, _FIRST = 1, 2, 3  # the marks for G1, G0, and X; Y Z E F I J follow
_AFTER = _FIRST + len(LETTERS)  # a line feed is no mark
_ORIGIN, _CLOCKWISE, _WAIT, _COUNTER, _FILLER = 11, 12, 13, 14, 15  # for G92, G2, M400 and G3, and what fills up
_PLAIN = re.compile(
    rb"\x0f(?:[\x01\x02](?: [\x03-\x07]-?\.?)+"
    rb"|[\x0c\x0e](?: [\x03-\x07]-?\.?)*(?: [\x08\x09]-?\.?)(?: [\x03-\x09]-?\.?)*"
    rb"|\x0f\x0b \x06-?\.?|\x0f\x0f\x0d)"
)
_DIGITS = b"0123456789"
_LINE_FEED, _BLANK, _POINT, _MINUS, _OTHER = 10, ord(" "), ord("."), ord("-"), ord("?")
_MOTION_MARKS = np.array([_RAPID, _ONE, _CLOCKWISE, _COUNTER], dtype=np.uint8)  # of G0, G1, G2 and G3
# Letters become marks; bytes that would look like marks become something no plain line holds.
_TO_MARKS = bytes(
    _FIRST + LETTERS.index(chr(byte))
    if chr(byte) in LETTERS
    else _OTHER
    if byte <= _FILLER and byte != _LINE_FEED
    else byte
    for byte in range(256)
)
_TO_BLANKS = bytes(_BLANK if byte <= _FILLER else byte for byte in range(256))
# whole numbers below 10¹⁵ are exact as doubles, and so is their quotient by a power of ten, rounded once
_DIGITS_MOST = 15
_POWERS = 10.0 ** np.arange(_DIGITS_MOST + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Runs of plain lines: 0-based (first line, line after) each, and a row for every line of every run.

    table (m, 7) X Y Z E F I J as written, NaN where absent; is_rapid, is_origin, is_wait, is_move (m,) bool, waits
    being M400; turn (m,) 1 for G3, −1 for G2, else 0; length (lines,) characters of every line of the file
    """

    runs: tuple[tuple[int, int], ...]
    table: Floats
    is_rapid: Bools
    is_origin: Bools  # G92
    is_wait: Bools
    is_move: Bools
    turn: Ints
    length: Ints


@dataclass(frozen=True, slots=True)
class _Template:
    """A plain line without its digits: the mark of its command, whether each number has a point, and if it moves."""

    command: int
    points: tuple[bool, ...]
    is_move: bool


def scan(data: bytes) -> Plain:
    """Return all plain moves of a text whose lines end in line feeds; no runs at all where a number is doubtful."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _LINE_FEED)
    length = np.diff(ends, prepend=-1) - 1
    marked = _marked(data, np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends)
    templates, kind = _templates(marked)
    plain = kind >= 0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], plain.view(np.int8), [0]))))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if not runs:
        return _nothing(length)
    breaks = np.append(0, ends + 1)  # a line feed stands before the first line
    kind = kind[plain]
    counts = np.array([len(template.points) for template in templates], dtype=np.int64)[kind]
    lasts = np.cumsum(counts) - 1
    joined = b"".join([marked[breaks[first] : breaks[after]] for first, after in runs]) + b"\n"
    has_point = _by_line([template.points for template in templates], kind, lasts - counts + 1)
    table = _table(joined, counts, lasts, has_point)
    if table is None:
        return _nothing(length)
    command = np.array([template.command for template in templates], dtype=np.uint8)
    rapid, origin, wait = ((command == mark)[kind] for mark in (_RAPID, _ORIGIN, _WAIT))
    turn = (command == _COUNTER).astype(np.int64) - (command == _CLOCKWISE)
    is_move = np.array([template.is_move for template in templates])[kind]
    return Plain(tuple(runs), table, rapid, origin, wait, is_move, turn[kind], length)


def _marked(data: bytes, starts: Ints) -> bytes:
    """Return the bytes behind a line feed, with marks for letters and for each line's command."""
    marked = np.frombuffer(b"\n" + data.translate(_TO_MARKS) + b"\n\n\n", dtype=np.uint8).copy()
    first = starts + 1
    head, second, third, fourth = (marked[first + place] for place in range(4))
    is_command = head == ord("G")
    motion = is_command & (third == _BLANK) & (second >= ord("0")) & (second <= ord("3"))
    marked[first[motion] + 1] = _MOTION_MARKS[second[motion] - ord("0")]
    marked[first[motion]] = _FILLER
    origin = is_command & (second == ord("9")) & (third == ord("2")) & (fourth == _BLANK)
    marked[first[origin]] = marked[first[origin] + 1] = _FILLER
    marked[first[origin] + 2] = _ORIGIN
    wait = (head == ord("M")) & (second == ord("4")) & (third == ord("0")) & (fourth == ord("0"))
    wait[wait] = marked[first[wait] + 4] == _LINE_FEED
    for place in range(3):
        marked[first[wait] + place] = _FILLER
    marked[first[wait] + 3] = _WAIT
    return marked[:-3].tobytes()


def _nothing(length: Ints) -> Plain:
    none = np.empty(0, dtype=bool)
    return Plain((), np.empty((0, len(LETTERS))), none, none, none, none, np.empty(0, dtype=np.int64), length)


def _templates(marked: bytes) -> tuple[list[_Template], Ints]:
    """Return the plain templates, and for each line which one it is, −1 for none."""
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)  # each as it is first met
    bare = marked.translate(None, _DIGITS).split(b"\n")[1:-1]
    which = np.fromiter(map(numbers.__getitem__, bare), dtype=np.int64, count=len(bare))
    every = [_template(each) for each in numbers]
    is_plain = np.array([template is not None for template in every], dtype=bool)
    kinds = np.where(is_plain, np.cumsum(is_plain) - 1, -1)
    return [template for template in every if template is not None], kinds[which]


@lru_cache(maxsize=1024)  # the next file has the same few
def _template(bare: bytes) -> _Template | None:
    marks = [mark for mark in bare if _FIRST <= mark < _AFTER]
    if _PLAIN.fullmatch(bare) is None or len(set(marks)) != len(marks):
        return None
    points = tuple(point == b"." for point in re.findall(rb"[\x03-\x09]-?(\.?)", bare))
    command = bare.lstrip(b"\x0f")[0]
    drives = command in (_ONE, _RAPID) and any(mark < _FIRST + 4 for mark in marks)
    return _Template(command, points, drives or command in (_CLOCKWISE, _COUNTER))


def _by_line(of_template: list[tuple[bool, ...]], kind: Ints, starts: Ints) -> Bools:
    """Return what is true of each number of a template for the numbers of all lines in order."""
    flat = np.array([each for template in of_template for each in template], dtype=bool)
    counts = np.array([len(template) for template in of_template], dtype=np.int64)
    begun = np.cumsum(counts) - counts
    where = np.arange(counts[kind].sum()) + np.repeat(begun[kind] - starts, counts[kind])
    return np.asarray(flat[where])


def _table(marked: bytes, counts: Ints, lasts: Ints, has_point: Bools) -> Floats | None:
    """Return the numbers of plain lines in columns by letter; None where one has no digit, too many, or any misplaced.

    They are read as whole numbers, several times faster than decimals, and divided by the power of ten their places
    say. `counts` (lines,) says how many numbers a line has, `lasts` (lines,) which ends it, `has_point` (numbers,)
    whether there is a point.
    """
    table = np.full((len(LETTERS), len(counts)), np.nan)
    raw = np.frombuffer(marked, dtype=np.uint8)
    mark = np.flatnonzero((raw >= _FIRST) & (raw < _AFTER))
    if not len(mark):
        return table.T  # nothing but waits
    numbered = counts > 0
    after = np.append(mark[1:] - 1, len(raw) - 1)  # the blank before the next letter
    after[lasts[numbered]] = np.flatnonzero(raw == _LINE_FEED)[1:][numbered]  # a line's last number ends with it
    is_negative = raw[mark + 1] == _MINUS
    figures = after - mark - 1 - is_negative - has_point
    in_place = (raw[mark - 1] == _BLANK).all() and np.count_nonzero(raw == _MINUS) == np.count_nonzero(is_negative)
    if not in_place or figures.min() < 1 or figures.max() > _DIGITS_MOST:
        return None
    whole = np.fromstring(marked.translate(_TO_BLANKS, b"."), dtype=np.int64, sep=" ")
    point = after - 1  # behind a whole number as well
    point[has_point] = np.flatnonzero(raw == _POINT)
    row = np.repeat(np.arange(len(counts)), counts)
    table[raw[mark] - _FIRST, row] = whole / _POWERS[after - 1 - point]
    return table.T
