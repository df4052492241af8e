"""A table as high as its rows and never wider than its place: what is too wide breaks into lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget

from printcare.ui.widgets.table import HEAD_PX, ROW_PX, filled

LEAST_PX, EDGE_PX, PADDING_PX = 72, 4, 26
JOINT = re.compile(r"(?<=[A-Za-z0-9])([._/])(?=[A-Za-z])")  # where a path may break; a number has none
BREAK = "\\1\u200b"
SPACE = re.compile(r"[\s\u200b]+|(?<=-)")  # where a line may be broken


class WholeTable(QTableWidget):
    """Texts below heads; the page scrolls, the table does not."""

    def __init__(self, name: str, told: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(told)
        self._heads = tuple(heads)
        filled(self, heads, [[JOINT.sub(BREAK, text) for text in row] for row in rows], is_whole=True)
        self.setWordWrap(True)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(LEAST_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the width out anew, and grow as high as the broken lines need."""
        super().resizeEvent(event)
        wanted = [  # a hint of a cell is that of its text in one line
            max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))
            for column in range(self.columnCount())
        ]
        least = [self._word_px(column) for column in range(self.columnCount())]
        for column, width in enumerate(shared(wanted, self.viewport().width(), least)):
            self.setColumnWidth(column, width)
        high = 0
        for row in range(self.rowCount()):
            self.setRowHeight(row, self._lines_px(row))
            high += self.rowHeight(row)
        self.setFixedHeight(high + HEAD_PX + EDGE_PX)

    def _word_px(self, column: int) -> int:
        """Return how wide a column has to be for its longest word, in its cells as in its head."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        head = max(header.sectionSizeHint(column), metrics.horizontalAdvance(self._heads[column]) + PADDING_PX)
        cells = [self.item(row, column) for row in range(self.rowCount())]
        words = [word for cell in cells if cell is not None for word in SPACE.split(cell.text())]
        return max(LEAST_PX, head, *(metrics.horizontalAdvance(word) + PADDING_PX for word in words), 0)

    def _lines_px(self, row: int) -> int:
        """Return how high a row's broken lines are; Qt's own hint forgets the padding of the stylesheet."""
        high, flags = ROW_PX, Qt.TextFlag.TextWordWrap
        for column in range(self.columnCount()):
            cell = self.item(row, column)
            room = QRect(0, 0, self.columnWidth(column) - PADDING_PX, 10_000)
            if cell is not None:
                high = max(high, self.fontMetrics().boundingRect(room, flags, cell.text()).height() + 16)
        return high


def shared(wanted: Sequence[int], width: int, least: Sequence[int] = ()) -> list[int]:
    """Return the widths of columns that fill a width: the widest give way first, what is left goes to the last.

    None becomes narrower than its `least`, where there is room for that.
    """
    floors = list(least) if least and sum(least) <= width else [LEAST_PX] * len(wanted)
    widths = list(wanted)
    while sum(widths) > width and (loose := [place for place, each in enumerate(widths) if each > floors[place]]):
        widest = max(widths[place] for place in loose)
        most = [place for place in loose if widths[place] == widest]
        bounds = [floors[place] for place in most] + [each for each in widths if each < widest]
        give = min(widest - max(bounds), -(-(sum(widths) - width) // len(most)))
        for place in most:
            widths[place] = widest - give
    if widths:
        widths[-1] += max(width - sum(widths), 0)
    return widths
