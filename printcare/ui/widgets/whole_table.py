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


class WholeTable(QTableWidget):
    """Texts below heads; the page scrolls, the table does not."""

    def __init__(self, name: str, told: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(told)
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
        for column, width in enumerate(shared(wanted, self.viewport().width())):
            self.setColumnWidth(column, width)
        high = 0
        for row in range(self.rowCount()):
            self.setRowHeight(row, self._lines_px(row))
            high += self.rowHeight(row)
        self.setFixedHeight(high + HEAD_PX + EDGE_PX)

    def _lines_px(self, row: int) -> int:
        """Return how high a row's broken lines are; Qt's own hint forgets the padding of the stylesheet."""
        high, flags = ROW_PX, Qt.TextFlag.TextWordWrap
        for column in range(self.columnCount()):
            cell = self.item(row, column)
            room = QRect(0, 0, self.columnWidth(column) - PADDING_PX, 10_000)
            if cell is not None:
                high = max(high, self.fontMetrics().boundingRect(room, flags, cell.text()).height() + 16)
        return high


def shared(wanted: Sequence[int], width: int) -> list[int]:
    """Return the widths of columns that fill a width: the widest give way first, what is left goes to the last."""
    widths = list(wanted)
    while sum(widths) > width and max(widths) > LEAST_PX:
        widest = max(widths)
        most = [place for place, each in enumerate(widths) if each == widest]
        next_px = max((each for each in widths if each < widest), default=LEAST_PX)
        give = min(widest - max(next_px, LEAST_PX), -(-(sum(widths) - width) // len(most)))
        for place in most:
            widths[place] = widest - give
    if widths:
        widths[-1] += max(width - sum(widths), 0)
    return widths
