"""The mode band across the top of every page: mode by colour and word, batch, user, clock, and SIMULATED in stripes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from printcare.ui.messages import said
from printcare.ui.tokens import BAND_PX, Theme
from printcare.ui.widgets.button import button
from printcare.ui.widgets.label import label
from printcare.ui.words import tr

STRIPE_PX = 10
BADGE_PX = 26


class Badge(QLabel):
    """The word SIMULATED on diagonal stripes."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setObjectName("band-simulated")
        self.setAccessibleName(text)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setContentsMargins(16, 2, 16, 2)
        self.setFixedHeight(BADGE_PX)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the stripes, then a quiet ground for the word, then the word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(255, 255, 255, 40))
        painter.setPen(QPen(QColor(255, 255, 255, 110), STRIPE_PX / 2))
        painter.setClipRect(self.rect())
        for x in range(-self.height(), self.width() + self.height(), STRIPE_PX * 2):
            painter.drawLine(x, self.height() + 4, x + self.height() + 8, -4)
        words = self.fontMetrics().horizontalAdvance(self.text())
        ground = QRectF((self.width() - words) / 2 - 6, 2, words + 12, self.height() - 4)
        painter.fillRect(ground, QBrush(QColor(11, 59, 90)))
        painter.setPen(QColor("#FFFFFF"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class BatchLabel(QLabel):
    """What is worked on, shortened where the band has no room for all of it; a screen reader reads the whole."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("band-batch")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give way before anything else of the band does."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw as much as there is room for."""
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


class Band(QWidget):
    """One line that never leaves the screen."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._mode = theme, "locked"
        self.setObjectName("band")
        self.setFixedHeight(BAND_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(16)
        self._word, self._rule = self._text("mode"), self._text("rule")
        self.batch = BatchLabel()
        self.batch.setStyleSheet(self._look())
        bold = QFont(self._word.font())
        bold.setBold(True)
        self._word.setFont(bold)
        self._badge = Badge(tr("SIMULATED"))
        self._badge.setStyleSheet("font-weight: 700; font-size: 14px;")
        self.user, self.clock = self._text("user"), self._text("clock")
        self.lock = button(f"▣ {tr('Lock')}", "lock", "band", tr("Lock the window"))
        self.leave = button(f"⇤ {tr('Sign out')}", "sign-out", "band", tr("Sign out"))
        for widget in (self._word, self._rule):
            row.addWidget(widget)
        row.addWidget(self.batch, 1)
        for shown in (self._badge, self.user, self.lock, self.leave, self.clock):
            row.addWidget(shown)

    def show_mode(self, mode: str, words: str) -> None:
        """Show the mode's colour and its words: the name, then the rule behind the dot."""
        self._mode = mode
        name, _, told = words.partition(" · ")
        self._word.setText(said(name))
        self._rule.setText(said(told))
        self.setAccessibleName(f"{self._word.text()} · {self._rule.text()}")
        self.update()

    def show_simulated(self, is_simulated: bool) -> None:
        """Show or hide the striped badge."""
        self._badge.setVisible(is_simulated)

    def show_user(self, name: str) -> None:
        """Show who is signed in, and let them lock or leave."""
        self.user.setText(name)
        for made in (self.lock, self.leave):
            made.setVisible(bool(name))

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Fill the band with the mode's colour."""
        painter = QPainter(self)
        colour = self._theme.research_band if self._mode == "research" else self._theme.locked_band
        painter.fillRect(self.rect(), QColor(colour))
        painter.end()

    def _text(self, name: str) -> QLabel:
        made = label("", name=f"band-{name}")
        made.setStyleSheet(self._look())
        return made

    def _look(self) -> str:
        return f"color: {self._theme.on_band}; font-size: 15px;"
