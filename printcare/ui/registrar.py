"""Leads the page Records: its questions go to the worker, answers come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any  # a task returns what its own callback takes

from PySide6.QtCore import QObject, Slot

from printcare.domain.people import may
from printcare.ui import exports, recall_list
from printcare.ui.event_view import event_rows
from printcare.ui.frame import Frame
from printcare.ui.journey import Journey
from printcare.ui.messages import said
from printcare.ui.models import objections
from printcare.ui.station import Station
from printcare.ui.words import tr
from printcare.ui.worker import Worker
from printcare.workflow.authority import Refused
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
        frame.records.recall_asked.connect(self._recall)

    @Slot(str)
    def show_register(self, key: str) -> None:
        """Read the events for their page; other pages are none of ours."""
        if key == "records":
            roles = self._journey.here.account.roles
            page = self._frame.records
            mine = {name: tr(each.words) for name, each in exports.EXPORTS.items() if may(roles, name)}
            page.show_rights(may_trace=may(roles, "ink_lot.trace"), exports=mine)
            page.ask()

    def _run(self, task: Callable[..., object], done: Callable[[Any], None], *more: object) -> None:
        def read() -> object:
            return task(self._journey.here.records, self._journey.here.account, *more)

        self._worker.run(read, done, self._on_fault)

    @Slot(object)
    def _show_events(self, typed: Mapping[str, str]) -> None:
        self._run(event_rows, self._frame.records.show_events, typed)

    @Slot(str)
    def _recall(self, asked: str) -> None:
        self._frame.records.asked.object_to("")
        self._run(recall_list.written, self._on_listed, asked, self._station.documents())

    def _on_listed(self, told: str) -> None:
        self._frame.records.show_told("accepted", tr("The recall list is written"), told)

    @Slot(str)
    def _verify(self, anchor: str) -> None:
        self._frame.records.anchor.object_to("")
        self._frame.records.show_busy(True)
        self._run(trail.verdict, self._on_verdict, anchor)

    def _on_verdict(self, told: tuple[bool, str, str]) -> None:
        self._frame.records.show_busy(False)
        is_whole, report, paper = told
        words = "\n".join(said(line.strip()) for line in report.splitlines())
        state, title = "accepted", tr("The record is whole")
        if not is_whole:
            state, title = "rejected", tr("The record was changed")
        elif report.startswith(UNANCHORED):  # it agrees with itself; only what is outside could say it was not replaced
            state, title = "attention", tr("The record agrees with itself; compare it with the line on paper")
        self._frame.records.show_told(state, title, f"{tr('Line for paper: {}').format(paper)}\n{words}")

    @Slot(str)
    def _export(self, name: str) -> None:
        self._frame.records.show_busy(True)
        self._run(exports.EXPORTS[name].does, self._on_exported, self._station.documents())

    def _on_exported(self, told: str) -> None:
        self._frame.records.show_busy(False)
        self._frame.records.show_told("accepted", tr("The export is written"), told)
        self._frame.records.ask()

    def _on_fault(self, fault: BaseException) -> None:
        self._frame.records.show_busy(False)
        if isinstance(fault, Refused):
            self._frame.records.show_objections(objections(fault.findings))
        else:
            self._frame.show_fault(fault)
