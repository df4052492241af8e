"""Leads the page Records: its questions go to the worker, answers come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any  # a task returns what its own callback takes

from PySide6.QtCore import QObject, Slot

from printcare.ui.event_view import event_rows
from printcare.ui.frame import Frame
from printcare.ui.journey import Journey
from printcare.ui.station import Station
from printcare.ui.words import tr
from printcare.ui.worker import Worker
from printcare.workflow.record import trail

UNANCHORED = "UNANCHORED"  # the verifier's own word


class Registrar(QObject):
    """Reads the events anew each time the page is opened: others may have written some meanwhile."""

    def __init__(self, frame: Frame, journey: Journey, station: Station, worker: Worker) -> None:
        super().__init__(frame)
        self._frame, self._journey, self._station, self._worker = frame, journey, station, worker
        frame.rail.chosen.connect(self.show_register)
        frame.records.shown_asked.connect(self._show_events)
        frame.records.verify_asked.connect(self._verify)
        frame.records.export_asked.connect(self._export)

    @Slot(str)
    def show_register(self, key: str) -> None:
        """Read the events for their page; other pages are none of ours."""
        if key == "records":
            self._frame.records.ask()

    def _run(self, task: Callable[..., object], done: Callable[[Any], None], *more: object) -> None:
        def read() -> object:
            return task(self._journey.here.records, self._journey.here.account, *more)

        self._worker.run(read, done, self._on_fault)

    @Slot(str, str)
    def _show_events(self, what: str, action: str) -> None:
        self._run(event_rows, self._frame.records.show_events, what, action)

    @Slot()
    def _verify(self) -> None:
        self._frame.records.show_busy(True)
        self._run(trail.verdict, self._on_verdict)

    def _on_verdict(self, told: tuple[bool, str]) -> None:
        self._frame.records.show_busy(False)
        is_whole, words = told
        state, title = "accepted", tr("The record is whole")
        if not is_whole:
            state, title = "rejected", tr("The record was changed")
        elif words.startswith(UNANCHORED):  # it agrees with itself; only what is outside could say it was not replaced
            state, title = "attention", tr("The record agrees with itself; compare it with the line on paper")
        self._frame.records.show_told(state, title, words)

    @Slot()
    def _export(self) -> None:
        self._frame.records.show_busy(True)
        self._run(trail.exported, self._on_exported, self._station.documents())

    def _on_exported(self, told: str) -> None:
        self._frame.records.show_busy(False)
        self._frame.records.show_told("accepted", tr("The record is exported"), told)
        self._frame.records.ask()

    def _on_fault(self, fault: BaseException) -> None:
        self._frame.records.show_busy(False)
        self._frame.show_fault(fault)
