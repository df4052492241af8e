"""Leads the pages Recipes, Inks, Administration and Records: their questions go to the worker, answers come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any  # a task returns what its own callback takes

from PySide6.QtCore import QObject, Slot

from printcare.ui import registers
from printcare.ui.frame import Frame
from printcare.ui.journey import Journey
from printcare.ui.models import Deed, Entered, EventRow, SignatureRequest, Signer
from printcare.ui.pages.register import RegisterPage
from printcare.ui.session import Session
from printcare.ui.station import Station
from printcare.ui.words import tr
from printcare.ui.worker import Worker
from printcare.workflow.record import trail

UNANCHORED = "UNANCHORED"  # the verifier's own word


class Registrar(QObject):
    """Reads a register anew each time its page is opened: others may have moved something meanwhile."""

    def __init__(self, frame: Frame, journey: Journey, station: Station, worker: Worker, session: Session) -> None:
        super().__init__(frame)
        self._frame, self._journey, self._station = frame, journey, station
        self._worker, self._session = worker, session
        self._readers = {
            "recipes": (frame.recipes, registers.recipe_rows, registers.recipe_entry),
            "inks": (frame.inks, registers.ink_rows, registers.ink_entry),
            "administration": (frame.administration, registers.site_rows, registers.site_entry),
        }
        for key, (page, _, _) in self._readers.items():
            page.opened.connect(partial(self._open, key))
            page.deed_asked.connect(partial(self._ask, key))
        frame.rail.chosen.connect(self.show_register)
        frame.records.shown_asked.connect(self._show_events)
        frame.records.verify_asked.connect(self._verify)
        frame.records.export_asked.connect(self._export)

    @Slot(str)
    def show_register(self, key: str) -> None:
        """Read a register for its page; other pages are none of ours."""
        if key == "records":
            self._frame.records.ask()
        elif key in self._readers:
            page, rows, _ = self._readers[key]
            self._run(rows, page.show_rows)

    def _run(self, task: Callable[..., object], done: Callable[[Any], None], *more: object) -> None:
        def read() -> object:
            return task(self._journey.here.records, self._journey.here.account, *more)

        self._worker.run(read, done, self._on_fault)

    def _open(self, key: str, named: str) -> None:
        page, _, entry = self._readers[key]
        self._run(entry, page.show_entry, named)

    def _ask(self, key: str, named: str, deed: Deed) -> None:
        page = self._readers[key][0]
        done = partial(self._on_done, key)
        if not deed.is_signed:
            self._run(registers.do, done, named, deed.verb, None, "")
            return
        request = SignatureRequest(
            deed.words,
            _title(page, named),
            (Signer(deed.role, deed.meaning, self._journey.here.account.login, is_fixed=True),),
            wants_reason=True,
        )

        def task(entered: tuple[Entered, ...], reason: str) -> None:
            records, account = self._journey.here.records, self._journey.here.account
            registers.do(records, account, named, deed.verb, entered[0], reason)

        self._session.ask(request, task, done)

    def _on_done(self, key: str, _: object) -> None:
        self.show_register(key)
        self._worker.run(self._journey.policy, self._frame.show_policy, self._on_fault)

    @Slot(str, str)
    def _show_events(self, what: str, action: str) -> None:
        self._run(registers.event_rows, self._on_events, what, action)

    def _on_events(self, rows: tuple[EventRow, ...]) -> None:
        self._frame.records.show_events(rows)

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


def _title(page: RegisterPage, named: str) -> str:
    line = page.list.currentItem()
    return named.rpartition("|")[2] if line is None else line.text().replace("\n", " · ")
