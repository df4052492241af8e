"""Tells when nobody has touched keyboard or mouse for too long, so that the window locks itself."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

MINUTE_MS = 60_000
LOCK_AFTER_MS, ADMINISTRATOR_MS = 10 * MINUTE_MS, 5 * MINUTE_MS  # records.md U10
TOUCHES = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin)


class Idle(QObject):
    """Watches every event of the application while somebody is signed in."""

    lapsed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.lapsed)

    def begin(self, after_ms: int = LOCK_AFTER_MS) -> None:
        """Begin to watch."""
        self._timer.start(after_ms)
        application = QCoreApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def end(self) -> None:
        """Watch no longer."""
        self._timer.stop()
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Begin the time anew at each touch; nothing is kept from anybody."""
        if event.type() in TOUCHES and self._timer.isActive():
            self._timer.start()
        return super().eventFilter(watched, event)
