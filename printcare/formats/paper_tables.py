"""Tables of words in the house's paper: columns under a head, and names with their values two pairs a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any  # reportlab's cells are untyped

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from printcare.formats.batch_content import Fact
from printcare.formats.fonts import BOLD
from printcare.formats.paper import (
    ATTENTION,
    HEAD,
    ITALIC_SMALL,
    LABEL,
    MUTED,
    STRONG,
    WIDTH,
    say,
    style,
    table,
)
from printcare.formats.wording import ENGLISH, Tongue

RIGHT = style(7.2)
RIGHT.alignment = 2
HEAD_RIGHT = style(6.4, BOLD, MUTED)
HEAD_RIGHT.alignment = 2
CHANGED = style(6.4, colour=ATTENTION)
FIGURE_WIDTH, POINT_WIDTH = 4.58, 2.29  # of the house's typeface in the size of a table, in points
PADDING = 3
LONG = 46  # signs from which a value has a row of its own
TOP = ("VALIGN", (0, 1), (-1, -1), "TOP")


def head(tongue: Tongue, names: Sequence[str], right: Sequence[int] = ()) -> list[Any]:
    """Return the cells of a head; the columns in `right` stand to the right."""
    return [say(tongue(name), HEAD_RIGHT if place in right else HEAD) for place, name in enumerate(names)]


def widths(*shares: float) -> list[float]:
    """Return the paper's width shared out."""
    return [WIDTH * share / sum(shares) for share in shares]


def columns(
    tongue: Tongue,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    shares: Sequence[float],
    right: Sequence[int] = (),
    otherwise: str = "",
    measured: Sequence[int] = (),
) -> list[Flowable]:
    """Return a table of texts or flowables, or the words `otherwise` where there is no row.

    Columns in `right` stand to the right, those in `measured` too, and point under point.
    """
    if not rows:
        return [say(tongue(otherwise), ITALIC_SMALL)] if otherwise else []
    right = (*right, *measured)
    cells = [head(tongue, names, right)]
    for row in rows:
        kinds = [RIGHT if place in right else None for place in range(len(row))]
        cells.append([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])
    return [table(cells, widths(*shares), TOP, *point_under_point(rows, measured))]


def point_under_point(rows: Sequence[Sequence[Any]], measured: Sequence[int]) -> list[Any]:
    """Return the style of a table under one head by which a figure is moved left by the places it lacks.

    Set to the right as they are, 426 would stand under the last figures of 425.7.
    """
    moved: list[Any] = []
    for column in measured:
        places = [len(row[column].partition("," if "," in row[column] else ".")[2]) for row in rows]
        most = max(places, default=0)
        for number, own in enumerate(places, start=1):
            lacking = (most - own) * FIGURE_WIDTH + (POINT_WIDTH if most and not own else 0)
            if lacking:
                moved.append(("RIGHTPADDING", (column, number), (column, number), PADDING + lacking))
    return moved


def _cell(value: Any, kind: Any) -> Any:
    if not isinstance(value, str):
        return value
    return say(value) if kind is None else say(value, kind)


def facts(listed: Sequence[Fact], tongue: Tongue = ENGLISH) -> Flowable:
    """Return names and values two pairs a row; a long or a changed value gets a row of its own."""
    rows: list[list[Any]] = []
    spans: list[Any] = []
    waiting: Fact | None = None
    for fact in listed:
        if len(fact.value) > LONG or fact.changed:
            if waiting is not None:
                rows.append([say(waiting.name, LABEL), say(waiting.value), "", ""])
                waiting = None
            spans.append(("SPAN", (1, len(rows)), (3, len(rows))))
            rows.append([say(fact.name, LABEL), _value(fact), "", ""])
        elif waiting is None:
            waiting = fact
        else:
            rows.append([say(waiting.name, LABEL), say(waiting.value), say(fact.name, LABEL), say(fact.value)])
            waiting = None
    if waiting is not None:
        rows.append([say(waiting.name, LABEL), say(waiting.value), "", ""])
    if not rows:
        return say(tongue("Nothing recorded."), ITALIC_SMALL)
    made = [32 * mm, WIDTH / 2 - 32 * mm, 32 * mm, WIDTH / 2 - 32 * mm]
    return table(rows, made, ("VALIGN", (0, 0), (-1, -1), "TOP"), *spans, header=0)


def _value(fact: Fact) -> Any:
    """Return a value; under one that was changed stands what it was before and why (Annex 11, 8.2)."""
    return [say(fact.value, STRONG), say(fact.changed, CHANGED)] if fact.changed else say(fact.value)
