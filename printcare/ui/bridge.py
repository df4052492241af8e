"""The window's end of the job's endpoint: replays from the last event seen, comes back when the line breaks."""

from __future__ import annotations

import json
from typing import Any  # a message is parsed JSON

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalSocket

RETRY_MS = 500
LONGEST_LINE = 4_000_000  # bytes; a block of readings of one unit is far below it
ENDS, REFUSED, SIGNED_IN = "JobEnded", "Refused", "SignedIn"


class Bridge(QObject):
    """Speaks JSON lines with one job: events in, hold, resume and stop out.

    The first line out is {"from": last seq seen}; what comes back at or below it was seen already and is dropped. The
    second says who is signed in here, by the ticket their password gave; without it the job lets nobody but make safe.
    A stop or hold asked for while the line is down goes out as soon as it is back; a resume does not.
    """

    received = Signal(str, object, int)  # event, data, seq
    attached = Signal(bool)  # True when it is a re-attachment
    lost = Signal()
    refused = Signal(object)  # the finding that speaks against a command
    signed_in = Signal(str)  # account the job takes commands from on this line, empty for nobody
    broken = Signal(str)  # the endpoint does not speak the protocol

    def __init__(self, path: str, parent: QObject | None = None, *, is_reattaching: bool = False) -> None:
        super().__init__(parent)
        self.path = path
        self.last_seq = 0
        self.is_over = False
        self._was_attached = is_reattaching
        self._is_up = False
        self._user_id, self._ticket = "", ""
        self._waiting: list[dict[str, str]] = []
        self._socket = QLocalSocket(self)
        self._socket.connected.connect(self._on_connected)
        self._socket.disconnected.connect(self._on_disconnected)
        self._socket.errorOccurred.connect(self._on_error)
        self._socket.readyRead.connect(self._on_ready)
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self.attach)

    @Slot()
    def attach(self) -> None:
        """Connect, now or as soon as the endpoint is there."""
        if not self.is_over and self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._socket.connectToServer(self.path)

    def detach(self) -> None:
        """Let go of the job; it goes on by itself."""
        self.is_over = True
        self._retry.stop()
        self._socket.abort()

    def sign_in(self, user_id: str, ticket: str) -> None:
        """Speak for somebody from now on, on every line; an empty id speaks for nobody."""
        self._user_id, self._ticket = user_id, ticket
        if self._is_up:
            self._write({"sign_in": user_id, "ticket": ticket})

    def command(self, name: str, user_id: str, reason: str) -> bool:
        """Send a command; returns False when it has to wait for the line, or is dropped because it is a resume."""
        words = {"command": name, "user": user_id, "reason": reason}
        if self._is_up:
            self._write(words)
            return True
        if name != "resume":
            self._waiting.append(words)
        return False

    @Slot()
    def _on_connected(self) -> None:
        self._is_up = True
        self._write({"from": self.last_seq})
        if self._user_id:
            self._write({"sign_in": self._user_id, "ticket": self._ticket})
        for words in self._waiting:
            self._write(words)
        self._waiting.clear()
        self.attached.emit(self._was_attached)
        self._was_attached = True

    @Slot()
    def _on_disconnected(self) -> None:
        was_up, self._is_up = self._is_up, False
        if self.is_over:
            return
        if was_up:
            self.lost.emit()
        self._retry.start()

    @Slot()
    def _on_error(self) -> None:
        # A refused connection reports an error and no disconnection; a broken one reports both, and the timer is one.
        if not self.is_over and self._socket.state() != QLocalSocket.LocalSocketState.ConnectedState:
            self._retry.start()

    @Slot()
    def _on_ready(self) -> None:
        while self._socket.canReadLine():
            self._take(bytes(self._socket.readLine().data()))
        if self._socket.bytesAvailable() > LONGEST_LINE:
            self._refuse("a line without end")

    def _take(self, line: bytes) -> None:
        try:
            message: dict[str, Any] = json.loads(line)
            seq, event, told = int(message["seq"]), str(message["event"]), message["data"]
        except (ValueError, KeyError, TypeError):
            self._refuse(repr(line[:80]))
            return
        if event == REFUSED:
            self.refused.emit(told)  # an answer, numbered 0 and no part of the history
            return
        if event == SIGNED_IN:
            self.signed_in.emit(str(told.get("user", "")))
            return
        if seq <= self.last_seq:
            return
        self.last_seq = seq
        if event == ENDS:
            self.is_over = True
        self.received.emit(event, told, seq)

    def _refuse(self, what: str) -> None:
        self.detach()
        self.broken.emit(what)

    def _write(self, words: dict[str, Any]) -> None:
        self._socket.write(json.dumps(words).encode("utf-8") + b"\n")
        self._socket.flush()
