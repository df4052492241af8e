"""Leads the registers, from Recipes to Administration: forms, signatures, runs and protocols on the bench."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any  # a task returns what its own callback takes

from PySide6.QtCore import QObject, Slot

from printcare.domain.people import Role
from printcare.ui import (
    cleaning_view,
    equipment_view,
    experiment_view,
    hand_over_view,
    ink_view,
    quality_view,
    recipe_view,
    site_view,
    training_view,
)
from printcare.ui.experiment_run import ExperimentRun
from printcare.ui.forms import FormDeed, Given, Shelf
from printcare.ui.frame import Frame
from printcare.ui.journey import Journey
from printcare.ui.models import Entered, SignatureRequest, Signer, objections
from printcare.ui.pages.deed_page import DeedPage
from printcare.ui.prompt import Prompt
from printcare.ui.protocol_run import ProtocolRun
from printcare.ui.session import Session
from printcare.ui.station import Station
from printcare.ui.words import tr
from printcare.ui.worker import Worker
from printcare.workflow.authority import Refused
from printcare.workflow.entry import Account, authenticate


class Caretaker(QObject):
    """Reads a register anew each time its page is opened, and after everything that was done there."""

    def __init__(self, frame: Frame, journey: Journey, station: Station, worker: Worker, session: Session) -> None:
        super().__init__(frame)
        self._frame, self._journey, self._station = frame, journey, station
        self._worker, self._session = worker, session
        self._running: ProtocolRun | None = None
        self.run = ExperimentRun(station, self)
        self.run.progressed.connect(frame.experiment.show_progress)
        self.run.ended.connect(self._on_run_ended)
        self.run.broken.connect(self._on_run_broken)
        frame.experiment.cancel_asked.connect(self.run.stop)
        frame.closed.connect(self.run.close)
        self._prompt = Prompt(self)
        self._prompt.asked.connect(frame.equipment.show_asked)
        frame.equipment.answered.connect(self._prompt.answer)
        frame.closed.connect(self._cancel)
        self._shelves: dict[str, tuple[DeedPage, Shelf]] = {
            "recipes": (frame.recipes, recipe_view),
            "inks": (frame.inks, ink_view),
            "administration": (frame.administration, site_view),
            "experiment": (frame.experiment, experiment_view),
            "equipment": (frame.equipment, equipment_view),
            "training": (frame.training, training_view),
            "cleaning": (frame.cleaning, cleaning_view),
            "quality": (frame.quality, quality_view),
            "documents": (frame.documents, hand_over_view),
        }
        for key, (page, _) in self._shelves.items():
            page.opened.connect(partial(self._open, key))
            page.form_entered.connect(partial(self._ask, key))
        frame.equipment.cancel_asked.connect(self._cancel)
        frame.rail.chosen.connect(self.show_register)
        session.left.connect(self._on_left)

    @Slot(str)
    def show_register(self, key: str) -> None:
        """Read a register for its page; other pages are none of ours."""
        if key in self._shelves:
            page, shelf = self._shelves[key]
            page.forget_notices()
            self._run(shelf.rows, page.show_rows)

    def lead_to(self, key: str, named: str) -> None:
        """Open a register at one of its entries."""
        self._shelves[key][0].entry_key = named
        self._frame.show_page(key)
        self.show_register(key)

    def _run(self, task: Callable[..., object], done: Callable[[Any], None], *more: object) -> None:
        def read() -> object:
            return task(self._journey.here.records, self._journey.here.account, *more)

        self._worker.run(read, done, self._frame.show_fault)

    def _open(self, key: str, named: str) -> None:
        page, shelf = self._shelves[key]
        self._run(shelf.entry, page.show_entry, named)

    def _ask(self, key: str, named: str, deed: FormDeed, typed: Mapping[str, str]) -> None:
        if deed.is_run:
            begin = self._print if key == "experiment" else self._begin
            begin(named, deed, typed)
            return
        page, shelf = self._shelves[key]
        done = partial(self._on_done, key)
        if not deed.is_signed:
            given = Given(named, deed.verb, typed, (), self._station.documents())
            task = partial(self._do, shelf, given)
            self._worker.run(task, done, partial(self._on_refused, page))
            return
        self._sign(page, shelf, Given(named, deed.verb, typed, (), self._station.documents()), deed, done)

    def _sign(self, page: DeedPage, shelf: Shelf, given: Given, deed: FormDeed, done: Callable[[Any], None]) -> None:
        own = self._journey.here.account.login
        signers = [Signer(deed.role, deed.meaning, own, is_fixed=True)] if deed.meaning else []
        if deed.second:
            but_not = own if signers else ""
            signers.append(Signer(deed.second, deed.second_meaning, self._suggested(deed.second, but_not)))
        title = page.form.accessibleName() if page.form is not None else deed.words
        what = f"{title} · {given.named.rpartition('|')[2]}"
        request = SignatureRequest(deed.words, what, tuple(signers), wants_reason=deed.wants_reason)

        def signed(entered: tuple[Entered, ...], reason: str) -> object:
            return self._do(shelf, replace(given, signers=entered, reason=reason))

        def takes(fault: Refused) -> bool:
            found = objections(fault.findings)
            if is_of_form := page.has_place_for(found):
                page.show_objections(found)
            return is_of_form

        self._session.ask(request, signed, done, takes)

    def _do(self, shelf: Shelf, given: Given) -> str:
        return shelf.do(self._journey.here.records, self._journey.here.account, given)

    def _suggested(self, role: str, but_not: str) -> str:
        made_up = self._journey.here.people()
        return next((each.login for each in made_up if Role(role) in each.roles and each.login != but_not), "")

    def _on_done(self, key: str, told: str) -> None:
        self.show_register(key)
        self._shelves[key][0].show_done(told)
        if key == "administration":
            self._worker.run(self._journey.policy, self._frame.show_policy, self._frame.show_fault)

    def _on_refused(self, page: DeedPage, fault: BaseException) -> None:
        if isinstance(fault, Refused):
            page.show_objections(objections(fault.findings))
        else:
            self._frame.show_fault(fault)

    # ---- a run of an experiment, on a thread of its own

    def _print(self, named: str, deed: FormDeed, typed: Mapping[str, str]) -> None:
        if self.run.is_running:
            return
        request = SignatureRequest(
            deed.words,
            named.rpartition("|")[2],
            (Signer(deed.second, deed.second_meaning, self._suggested(deed.second, "")),),
        )

        def entered(who: tuple[Entered, ...], _: str) -> tuple[Account, str]:
            return authenticate(self._journey.here.records, who[0].login, who[0].password), who[0].password

        def begin(operator: tuple[Account, str]) -> None:
            here = self._journey.here
            self._frame.experiment.show_progress(tr("The bench is being prepared"), 0, 1)
            self.run.begin(here.desk, here.account, named.rpartition("|")[2], typed["cartridge"], operator)

        self._session.ask(request, entered, begin)

    @Slot(str)
    def _on_run_ended(self, told: str) -> None:
        self._frame.experiment.show_progress("", 0, 1)
        self._on_done("experiment", told)

    @Slot(object)
    def _on_run_broken(self, fault: BaseException) -> None:
        page = self._frame.experiment
        page.show_progress("", 0, 1)
        self._on_refused(page, fault)

    # ---- a protocol on the bench, one task of the worker for each step: other work goes on in between

    def _begin(self, named: str, deed: FormDeed, typed: Mapping[str, str]) -> None:
        page = self._frame.equipment
        if self._running is not None:
            return
        made = ProtocolRun(self._journey.here.records, self._journey.here.account, self._station, self._prompt.ask)
        self._running = made
        page.show_progress(tr("The bench is being prepared"), 0, 1)
        begin = partial(made.begin, named.rpartition("|")[2], deed.verb, typed)
        self._worker.run(begin, self._next, self._on_broken)

    def _next(self, _: object) -> None:
        page, run = self._frame.equipment, self._running
        if run is None:
            return
        step = run.next()
        if step is None:
            self._on_ended(run)
            return
        told = tr("Step {} of {}: {}").format(run.done + 1, run.count, step.title)
        page.show_progress(told, run.done, run.count)
        self._worker.run(run.make, self._next, self._on_broken)

    @Slot()
    def _cancel(self) -> None:
        if self._running is not None:
            self._running.is_cancelled = True
            self._frame.equipment.cancels.setEnabled(False)
            self._prompt.answer()  # the step that waits for a hand ends as it stands

    def _on_ended(self, run: ProtocolRun) -> None:
        page, self._running = self._frame.equipment, None
        page.show_progress("", 0, 1)
        page.entry_key = f"run|{run.key}"
        self.show_register("equipment")
        page.show_done(run.told())

    def _on_broken(self, fault: BaseException) -> None:
        self._running = None
        self._frame.equipment.show_progress("", 0, 1)
        self._on_refused(self._frame.equipment, fault)

    @Slot()
    def _on_left(self) -> None:
        self._cancel()
        for page, _ in self._shelves.values():
            page.forget_notices()
            page.close_form()
