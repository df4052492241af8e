"""A table as high as its rows and never wider than its place: what is too wide breaks into lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableWidget

from printcare.ui.widgets.table import HEAD_PX, ROW_PX, filled

LEAST_PX, EDGE_PX, PADDING_PX = 72, 4, 26
JOINT = re.compile(r"(?<=[A-Za-z0-9])([-._/])(?=[A-Za-z])")  # where a path may break; a number has none
BREAK = "\\1\u200b"
SPACED = re.compile(r"[^\s\u200b]+")
SPACE = re.compile(r"[\s\u200b]+|(?<=-)(?=\D)")  # where a line may be broken: not in a date


class WholeTable(QTableWidget):
    """Texts below heads; the page scrolls, the table does not."""

    def __init__(self, name: str, told: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(told)
        self._heads = tuple(heads)
        self._texts = [[JOINT.sub(BREAK, text) for text in row] for row in rows]
        filled(self, heads, self._texts, is_whole=True)
        self.setWordWrap(True)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(LEAST_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the width out anew, and grow as high as the broken lines need."""
        super().resizeEvent(event)
        for row, texts in enumerate(self._texts):  # words broken for a narrower place are whole again
            for column, text in enumerate(texts):
                cell = self.item(row, column)
                if cell is not None:
                    cell.setText(text)
        least = [self._word_px(column) for column in range(self.columnCount())]
        # A cell's hint is that of its text in one line.
        wanted = [max(self.sizeHintForColumn(column), word_px) for column, word_px in enumerate(least)]
        for column, width in enumerate(shared(wanted, self.viewport().width(), least)):
            self.setColumnWidth(column, width)
            if width < least[column]:
                self._break_words(column, width - PADDING_PX)
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

    def _break_words(self, column: int, room_px: int) -> None:
        """Let words that no line of a column can hold go on in the next line: nothing is cut off."""
        metrics = self.fontMetrics()
        for row in range(self.rowCount()):
            cell = self.item(row, column)
            if cell is not None:
                cell.setText(SPACED.sub(lambda word: _broken(word[0], metrics, room_px), cell.text()))

    def _lines_px(self, row: int) -> int:
        """Return how high a row's broken lines are; Qt's own hint forgets the padding of the stylesheet."""
        high, flags = ROW_PX, Qt.TextFlag.TextWordWrap
        for column in range(self.columnCount()):
            cell = self.item(row, column)
            room = QRect(0, 0, self.columnWidth(column) - PADDING_PX, 10_000)
            if cell is not None:
                high = max(high, self.fontMetrics().boundingRect(room, flags, cell.text()).height() + 16)
        return high


def _broken(word: str, metrics: QFontMetrics, room_px: int) -> str:
    """Return a word with a place to break it before each letter that would not fit."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and metrics.horizontalAdvance(pieces[-1] + letter) > room_px:
            pieces.append("")
        pieces[-1] += letter
    return "\u200b".join(pieces)


def shared(wanted: Sequence[int], width: int, least: Sequence[int] = ()) -> list[int]:
    """Return the widths of columns that fill a width: the widest give way first, what is left goes to the last.

    None becomes narrower than its `least`, where there is room for that; else those give way the same.
    """
    floors = [LEAST_PX] * len(wanted)
    if least:
        floors = list(least) if sum(least) <= width else shared(least, width)
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
