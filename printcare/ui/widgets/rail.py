"""The rail: the pages by sign and word, in the order of the work."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QPushButton, QScrollArea, QVBoxLayout, QWidget

from printcare.ui.tokens import RAIL_PX
from printcare.ui.widgets.button import button

SIGN_PX = 22  # in the font before the stylesheet makes it larger
NUMBERS = "1234567890"
HAIR_SPACE = "\u200a"


class Rail(QWidget):
    """A column of pages; `chosen` tells which one was asked for."""

    chosen = Signal(str)

    def __init__(self, pages: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(RAIL_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # a plain widget draws no ground of its own
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 2, 12, 2)
        outer.setSpacing(0)
        self._scroll, ground = QScrollArea(), QWidget()
        self._scroll.setObjectName("rail-scroll")
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        ground.setObjectName("rail-pages")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._scroll.setWidget(ground)
        outer.addWidget(self._scroll, 1)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for key, sign, word in pages:
            made = button("", f"rail-{key}", "rail", word)
            made.setText(signed(sign, word, made.fontMetrics()))
            made.setCheckable(True)
            if len(self.buttons) < len(NUMBERS):
                made.setShortcut(f"Alt+{NUMBERS[len(self.buttons)]}")  # pages on the way of an order
            made.clicked.connect(lambda _, asked=key: self.chosen.emit(asked))
            self._group.addButton(made)
            self.buttons[key] = made
            column.addWidget(made)
        column.addStretch(1)

    def show_current(self, key: str) -> None:
        """Mark the page that is open, and bring its place into sight."""
        self.buttons[key].setChecked(True)
        self._scroll.ensureWidgetVisible(self.buttons[key])

    def open_up(self, key: str, is_open: bool = True) -> None:
        """Let a page be chosen, or not yet."""
        self.buttons[key].setEnabled(is_open)
        if is_open:
            self.offer(key)

    def offer(self, key: str, is_offered: bool = True) -> None:
        """Give a page its place in the rail; those who may never see it do not see its name either."""
        self.buttons[key].setVisible(is_offered)


def signed(sign: str, word: str, metrics: QFontMetrics) -> str:
    """Return sign and word with the words in line, whatever font draws the signs."""
    while metrics.horizontalAdvance(sign) < SIGN_PX:
        sign += HAIR_SPACE
    return sign + word
