"""Widgets side by side where the room is wide enough for them, in fewer columns where it is not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

GAP_PX = 16


class Beside(QWidget):
    """As many columns as fit: all of them, half of them, two, or one; nothing on a page is ever wider than its place.

    `shares` say how the room is divided while all stand in one row; in fewer columns they are equal.
    """

    def __init__(self, placed: Sequence[QWidget], shares: Sequence[int] = (), *, most: int = 0) -> None:
        """`most` is the largest number of columns, 0 as many as there are widgets."""
        super().__init__()
        self._most = most
        self.setObjectName("beside")
        self._placed, self._shares = tuple(placed), tuple(shares)
        self._arranged: tuple[tuple[QWidget, ...], int] = ((), 0)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP_PX)
        for place, widget in enumerate(self._placed):
            self._grid.addWidget(widget, place, 0)  # until there is a width to judge by

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return what one column needs: the columns give way before the page does."""
        margins = self.contentsMargins()
        widest_px = max(map(_least_px, self._shown()), default=0) + margins.left() + margins.right()
        return QSize(widest_px, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take as many columns as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Close the gap of a widget that was hidden, and make room for one that was shown."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _shown(self) -> tuple[QWidget, ...]:
        return tuple(each for each in self._placed if not each.isHidden())

    def _arrange(self) -> None:
        shown, room_px = self._shown(), self.contentsRect().width()
        count = min(len(shown), self._most or len(shown))
        tried = (count, (count + 1) // 2, min(count, 2))
        columns = next((each for each in tried if self._needed_px(shown, each) <= room_px), 1)
        if (shown, columns) == self._arranged:
            return
        self._arranged = (shown, columns)
        for place, widget in enumerate(shown):
            self._grid.removeWidget(widget)
            self._grid.addWidget(widget, place // columns, place % columns)
        for column, share in enumerate((*self._shares_of(columns), *(0,) * len(self._placed))):
            self._grid.setColumnStretch(column, share)

    def _needed_px(self, shown: Sequence[QWidget], columns: int) -> int:
        widths = [max(map(_least_px, shown[column::columns])) for column in range(columns)]
        shares = self._shares_of(columns)
        # What stands in a column may need more than its share of the room: then all are wider.
        room_px = max((width * sum(shares) / share for width, share in zip(widths, shares, strict=True)), default=0)
        return int(room_px) + self._grid.horizontalSpacing() * (columns - 1)

    def _shares_of(self, columns: int) -> tuple[int, ...]:
        return self._shares if columns == len(self._shares) else (1,) * columns


def _least_px(widget: QWidget) -> int:
    return max(widget.minimumSizeHint().width(), widget.minimumWidth())
