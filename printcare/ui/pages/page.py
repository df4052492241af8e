"""The ground every page stands on: title, subtitle, notices, a scrolling body up to 1280 px, a footer and a context."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from printcare.ui.tokens import CONTENT_PX, Theme
from printcare.ui.widgets.chart import Chart
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import Notice
from printcare.ui.widgets.step_box import StepBox

SCROLL_ROOM_PX = 96  # above and below what is gone to: its title, its objection


class Page(QWidget):
    """One page; `key` names it in the rail, `context` is what stands in the panel on the right."""

    def __init__(self, key: str, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.key = key
        self.setObjectName(f"page-{key}")
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = scroll = QScrollArea()
        scroll.setObjectName(f"scroll-{key}")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        ground = QWidget()
        ground.setObjectName(f"ground-{key}")
        ground.setMaximumWidth(CONTENT_PX)
        self._column = QVBoxLayout(ground)
        self._column.setContentsMargins(24, 16, 24, 16)
        self._column.setSpacing(16)
        self.head = QHBoxLayout()
        self.head.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = label(title, "title", name=f"title-{key}", wraps=True)
        self.subtitle = label(subtitle, "subtitle", name=f"subtitle-{key}", wraps=True)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        self.head.addLayout(words, 1)
        self._column.addLayout(self.head)
        self._hint = label("", name=f"hint-{key}", wraps=True)
        self._hint.setProperty("role", "hint")
        self._hint.hide()
        self._column.addWidget(self._hint)
        self.notices = QVBoxLayout()
        self.notices.setSpacing(8)
        self._column.addLayout(self.notices)
        self.body = QVBoxLayout()
        self.body.setSpacing(16)
        self._column.addLayout(self.body, 1)
        scroll.setWidget(ground)
        outer.addWidget(scroll, 1)
        self._foot = QFrame()
        self._foot.setObjectName(f"footer-{key}")
        self._foot.setMaximumWidth(CONTENT_PX)
        self.footer = QHBoxLayout(self._foot)
        self.footer.setContentsMargins(24, 8, 24, 16)
        self.footer.setSpacing(16)
        self._foot.hide()
        outer.addWidget(self._foot)
        self.context = QWidget()
        self.context.setObjectName(f"context-{key}")
        self.context_body = QVBoxLayout(self.context)
        self.context_body.setContentsMargins(20, 16, 20, 16)
        self.context_body.setSpacing(12)

    def first(self) -> QWidget | None:
        """Return where the work of this page begins, for who has no mouse; None where there is no such place."""
        return None

    def show_hint(self, told: str) -> None:
        """Say what to do on this page; an empty text takes it away."""
        self._hint.setText(f"→ {told}")
        self._hint.setVisible(bool(told))

    def show_footer(self) -> None:
        """Show the row of actions at the foot of the page."""
        self._foot.show()

    def tell(self, notice: Notice) -> None:
        """Show a notice above the body until it is closed."""
        notice.dismissed.connect(notice.deleteLater)
        self.notices.insertWidget(0, notice)

    def forget_notices(self) -> None:
        """Take the notices away."""
        while (held := self.notices.takeAt(0)) is not None:
            if (widget := held.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def go_to(self, widget: QWidget) -> None:
        """Give a widget the keys as Tab would, and scroll to where it stands."""
        widget.setFocus(Qt.FocusReason.TabFocusReason)  # a line selects what stood there before
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # else it is looked for where it stood
        self._scroll.ensureWidgetVisible(widget, 0, SCROLL_ROOM_PX)

    def show_theme(self, theme: Theme) -> None:
        """Give every plot of this page the colours of a theme."""
        for holder in (self, self.context):
            for chart in holder.findChildren(Chart):
                chart.show_theme(theme)
            for box in holder.findChildren(StepBox):
                box.theme = theme
                box.update()
