"""Which lines of a file are units: the reader's own criterion, so that it does not take the writer's word for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from printcare.domain.machine import FirmwareProfile, Tray
from printcare.gcode.arcs import chords
from printcare.gcode.bulk import Floats, Ints
from printcare.gcode.moves import ReadBack

E_TINY_MM = 1e-9
PURGE_RADIUS_MM = 5.0  # around the purge place, what a drop needs
MARGIN_MM = 1.0  # beyond a position's own space before extrusion counts as elsewhere
NOWHERE, PURGE = -1, -2


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch that deposits in one place with one tool; lines 1-based, inclusive, moves up to before `after_move`."""

    kind: str  # unit | prime | stray | whole
    position: int  # 0-based tray position of a unit, else -1
    first_line: int
    last_line: int
    first_move: int
    after_move: int
    tool: int = 0


def spans(back: ReadBack, profile: FirmwareProfile, low: Floats, high: Floats) -> tuple[Span, ...]:
    """Return units, primes and strays of a file in order; `low` and `high` are the corners of every move.

    A span runs from one `G92 E…` or tool change to the next; the two together begin one. It is a unit when everything
    it pushes out lies on one tray position, a prime when all of it falls at the purge place, else a stray. Neighbouring
    spans of one tool on one position are one unit, since slicers reset E at layers; a prime's chunks are one prime. A
    file none of whose spans is a unit has no units: it is judged as one, from its first line to its last.
    """
    found = _cut(back, profile, low, high)
    if not any(span.kind == "unit" for span in found):
        strays = [span for span in found if span.kind == "stray"]
        primes = [span for span in found if span.kind == "prime"]
        if not strays:
            return tuple(primes)
        return (Span("whole", NOWHERE, 1, len(back.payload), 0, len(back.moves)),)
    merged: list[Span] = []
    begun = 0
    for number, span in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        if after is not None and span.kind != "stray" and _alike(span) == _alike(after):
            continue
        first = found[begun]
        merged.append(replace(span, first_line=first.first_line, first_move=first.first_move))
        begun = number + 1
    return tuple(merged)


def _alike(span: Span) -> tuple[str, int, int]:
    return span.kind, span.position, span.tool


def _cut(back: ReadBack, profile: FirmwareProfile, low: Floats, high: Floats) -> list[Span]:
    moves = back.moves
    firsts = _firsts(back)
    lasts = [*(first - 1 for first in firsts[1:]), len(back.payload)]
    edges = np.searchsorted(moves.line, [*firsts, len(back.payload) + 1]).tolist()
    places = _places(back, profile, low, high)
    pushing = np.flatnonzero(places > PURGE - 1)
    bounds = np.searchsorted(pushing, edges)
    filled = np.flatnonzero(np.diff(bounds))
    if not len(filled):
        return []
    least = np.minimum.reduceat(places[pushing], bounds[filled]).tolist()
    most = np.maximum.reduceat(places[pushing], bounds[filled]).tolist()
    found = []
    for index, lowest, highest in zip(filled.tolist(), least, most, strict=True):
        tool = int(moves.tool[edges[index]])
        kind = "stray" if lowest != highest or lowest == NOWHERE else "prime" if lowest == PURGE else "unit"
        place = lowest if kind == "unit" else NOWHERE
        found.append(Span(kind, place, firsts[index], lasts[index], edges[index], edges[index + 1], tool))
    return found


def _firsts(back: ReadBack) -> list[int]:
    """Return the lines spans begin at: a tool change and the origin of E that follows it at once begin one."""
    origins = set(back.origins)
    changes = [command.line for command in back.commands if command.word[0] == "T"]
    busy = np.flatnonzero(back.payload) + 1  # lines that hold a command
    for change in changes:
        following = busy[np.searchsorted(busy, change, side="right") :]
        origins.discard(int(following[0]) if len(following) else 0)
    return sorted({1, *origins, *changes})


def _places(back: ReadBack, profile: FirmwareProfile, low: Floats, high: Floats) -> Ints:
    """Return for each move the tray position it pushes ink onto, PURGE or NOWHERE; PURGE − 1 where it pushes none."""
    moves, tray, end = back.moves, profile.tray, back.moves.end_mm
    pushes = moves.e_mm > E_TINY_MM
    ends_on = _position(end.T, tray)
    same = _position(moves.start_mm.T, tray) == ends_on
    bent = back.arcs.row
    # An arc whose corners lie on the position lies on it; of the few others every chord is looked at.
    beside = _position(low.T[:2].take(bent, axis=1), tray) != ends_on[bent]
    beside |= _position(high.T[:2].take(bent, axis=1), tray) != ends_on[bent]
    doubtful = bent[beside & pushes[bent]]
    if len(doubtful):
        owner, _, way_end = chords(moves, back.arcs, doubtful)
        same[doubtful[owner[_position(way_end.T, tray) != ends_on[doubtful][owner]]]] = False
    at_purge = np.hypot(end[:, 0] - profile.purge_mm[0], end[:, 1] - profile.purge_mm[1]) <= PURGE_RADIUS_MM
    elsewhere = np.where(at_purge, PURGE, NOWHERE)
    return np.where(pushes, np.where(same & (ends_on >= 0), ends_on, elsewhere), PURGE - 1)


def _position(axes_mm: Floats, tray: Tray) -> Ints:
    """Return the tray position of points given by axis, (2 or 3, n), NOWHERE beside them all."""
    x_mm, y_mm = axes_mm[0] - tray.first_x_mm, axes_mm[1] - tray.first_y_mm
    column, row = np.rint(x_mm / tray.pitch_mm), np.rint(y_mm / tray.pitch_mm)
    away = np.hypot(x_mm - column * tray.pitch_mm, y_mm - row * tray.pitch_mm)
    inside = (column >= 0) & (column < tray.columns) & (row >= 0) & (row < tray.rows)
    inside &= away <= tray.unit_space_mm / 2 + MARGIN_MM
    return np.where(inside, row * tray.columns + column, NOWHERE).astype(np.int64)
