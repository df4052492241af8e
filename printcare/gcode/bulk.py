"""Plain moves of a whole file, read at once as arrays; part of the independent reader.

A plain line is `G0` or `G1`, then some of X Y Z E F once each, or `G2` or `G3` with I or J besides, or `G92` with E
alone, or `M400`: one blank before each letter, every number in figures with at most one point and a leading minus.
Everything else, and everything doubtful, is left to the reading word by word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
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

    table (m, 7) X Y Z E F I J as written, NaN where absent; is_rapid, is_origin, is_wait (m,) bool, the last for M400,
    which moves nothing; turn (m,) 1 for G3, −1 for G2, else 0; length (lines,) characters of every line of the file
    """

    runs: tuple[tuple[int, int], ...]
    table: Floats
    is_rapid: Bools
    is_origin: Bools  # G92
    is_wait: Bools
    turn: Ints
    length: Ints


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
    letters = [[mark - _FIRST for mark in template if _FIRST <= mark < _AFTER] for template in templates]
    counts = np.array([len(marks) for marks in letters], dtype=np.int64)[kind]
    lasts = np.cumsum(counts) - 1
    joined = b"".join([marked[breaks[first] : breaks[after]] for first, after in runs]) + b"\n"
    pointed = [re.findall(rb"[\x03-\x09]-?(\.?)", template) for template in templates]
    has_point = _by_line([[point == b"." for point in points] for points in pointed], kind, lasts - counts + 1)
    values = _numbers(joined, lasts, counts > 0, has_point)
    if values is None:
        return _nothing(length)
    table = _spread(values, letters, kind, lasts - counts + 1)
    commands = [template.lstrip(b"\x0f")[0] for template in templates]
    marks = (_RAPID, _ORIGIN, _WAIT)
    rapid, origin, wait = (np.array([command == mark for command in commands])[kind] for mark in marks)
    turns = {_CLOCKWISE: -1, _COUNTER: 1}
    turn = np.array([turns.get(command, 0) for command in commands], dtype=np.int64)[kind]
    return Plain(tuple(runs), table, rapid, origin, wait, turn, length)


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
    return Plain((), np.empty((0, len(LETTERS))), none, none, none, np.empty(0, dtype=np.int64), length)


def _templates(marked: bytes) -> tuple[list[bytes], Ints]:
    """Return the plain templates (lines without digits), and for each line which one it is, −1 for none."""
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)  # each as it is first met
    bare = marked.translate(None, _DIGITS).split(b"\n")[1:-1]
    which = np.fromiter(map(numbers.__getitem__, bare), dtype=np.int64, count=len(bare))
    templates = [template for template in numbers if _is_plain(template)]
    kinds = {template: kind for kind, template in enumerate(templates)}
    return templates, np.array([kinds.get(template, -1) for template in numbers], dtype=np.int64)[which]


def _is_plain(template: bytes) -> bool:
    marks = [mark for mark in template if _FIRST <= mark < _AFTER]
    return _PLAIN.fullmatch(template) is not None and len(set(marks)) == len(marks)


def _by_line(of_template: list[list[bool]], kind: Ints, starts: Ints) -> Bools:
    """Return what is true of each number of a template for the numbers of all lines in order."""
    flat = np.array([each for template in of_template for each in template], dtype=bool)
    counts = np.array([len(template) for template in of_template], dtype=np.int64)
    begun = np.cumsum(counts) - counts
    where = np.arange(counts[kind].sum()) + np.repeat(begun[kind] - starts, counts[kind])
    return np.asarray(flat[where])


def _numbers(marked: bytes, lasts: Ints, numbered: Bools, has_point: Bools) -> Floats | None:
    """Return all numbers of plain lines in order; None where one has no digit, too many, or any in the wrong place.

    They are read as whole numbers, several times faster than decimals, and divided by the power of ten their places
    say.
    `lasts` (lines,) says which numbers end a line, `numbered` (lines,) whether it holds any, `has_point` (numbers,)
    whether there is a point.
    """
    raw = np.frombuffer(marked, dtype=np.uint8)
    mark = np.flatnonzero((raw >= _FIRST) & (raw < _AFTER))
    if not len(mark):
        return np.empty(0)  # nothing but waits
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
    return np.asarray(whole / _POWERS[after - 1 - point])


def _spread(values: Floats, letters: list[list[int]], kind: Ints, starts: Ints) -> Floats:
    """Return the numbers in columns by letter; `starts` (lines,) says where each line's numbers begin."""
    table = np.full((len(LETTERS), len(kind)), np.nan).T
    for number, marks in enumerate(letters):
        rows = np.flatnonzero(kind == number)
        begin = starts[rows]
        for offset, letter in enumerate(marks):
            table[:, letter][rows] = values.take(begin + offset)
    return table
