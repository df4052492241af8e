"""Leads Start and Worklist: opens or begins a record, takes orders in by file and watched folder, lists them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from printcare.domain.checks import Finding
from printcare.errors import PrintcareError
from printcare.ui.drafts import Drafts
from printcare.ui.frame import ORDER_PAGES, Frame
from printcare.ui.journey import Journey
from printcare.ui.models import Bench, Objection, OrderCard, SiteSetUp, objections
from printcare.ui.session import Session
from printcare.ui.station import Station
from printcare.ui.worker import Worker
from printcare.workflow.authority import Refused
from printcare.workflow.order.watched_folder import REFUSED, Scan, Sightings, Taken, scan

LOOK_MS = 2000
SET_UP = "set-up"  # the name of its draft


class Intake(QObject):
    """What comes before an order is opened."""

    begun = Signal()  # a record is open, nobody is signed in

    def __init__(self, frame: Frame, journey: Journey, station: Station, worker: Worker, session: Session) -> None:
        super().__init__(frame)
        self._frame, self._journey, self._station = frame, journey, station
        self._worker, self._session = worker, session
        self._drafts = Drafts(station.drafts())
        self._sightings: Sightings = {}
        self._watched = ""
        self._looks = QTimer(self)
        self._looks.setInterval(LOOK_MS)
        self._looks.timeout.connect(self._look)
        start, worklist, set_up = frame.start, frame.worklist, frame.start.set_up
        start.rehearse_asked.connect(self.begin)
        start.open_asked.connect(self.open_site)
        set_up.ports_asked.connect(self._find_ports)
        set_up.begin_asked.connect(self._begin_site)
        set_up.changed.connect(self._keep_draft)
        set_up.take_draft(self._drafts.kept(SET_UP))
        worklist.import_asked.connect(self.take_file)
        worklist.watch_asked.connect(self.watch)
        frame.page_opened.connect(self._on_page)
        worker.told.connect(start.show_doing)

    def show_site(self) -> None:
        """Ask whether this workstation has a site's record, and offer it."""
        self._worker.run(self._station.has_site, self._frame.start.show_site, self._frame.show_fault)

    def close(self) -> None:
        """Look no more."""
        self._looks.stop()

    # ---- a record

    @Slot()
    def begin(self) -> None:
        """Begin a rehearsal."""
        self._frame.start.show_busy(True)
        self._worker.run(partial(self._journey.begin, self._worker.told.emit), self._on_begun, self._on_failed)

    @Slot()
    def open_site(self) -> None:
        """Open the site's record."""
        self._frame.start.show_busy(True)
        task = partial(self._journey.open_site, self._worker.told.emit)
        self._worker.run(task, lambda _: self._on_begun(()), self._on_failed)

    def _on_begun(self, cards: tuple[OrderCard, ...]) -> None:
        self._frame.start.show_busy(False)
        for key in ORDER_PAGES:
            self._frame.rail.open_up(key, False)
        self._frame.worklist.show_orders(cards)
        self._frame.band.batch.setText("")
        self._frame.show_policy(self._journey.policy())
        self._frame.show_hints(self._journey.here.rehearsal is not None)
        self._session.offer()
        self.begun.emit()

    def _on_failed(self, fault: BaseException) -> None:
        self._frame.start.show_busy(False)
        self._frame.show_fault(fault)

    # ---- the set-up assistant

    @Slot()
    def _find_ports(self) -> None:
        self._worker.run(self._station.ports, self._frame.start.set_up.show_ports, self._frame.show_fault)

    @Slot(object)
    def _begin_site(self, entered: SiteSetUp) -> None:
        self._frame.start.show_busy(True)
        self._worker.run(partial(self._journey.set_up, entered), self._on_site, self._on_site_refused)

    def _on_site(self, _: object) -> None:
        self._drafts.forget(SET_UP)
        self._frame.start.show_site(True)
        self._frame.start.show_offer()
        self._on_begun(())

    def _on_site_refused(self, fault: BaseException) -> None:
        self._frame.start.show_busy(False)
        if isinstance(fault, Refused):
            self._frame.start.set_up.show_objections(objections(fault.findings))
        elif isinstance(fault, PrintcareError):
            told = Objection(fault.code, "error", fault.message, fault.remedy)
            self._frame.start.set_up.show_objections((told,))
        else:
            self._frame.show_fault(fault)

    @Slot()
    def _keep_draft(self) -> None:
        self._drafts.keep(SET_UP, self._frame.start.set_up.draft())

    # ---- the worklist

    @Slot(str)
    def _on_page(self, key: str) -> None:
        if key == "worklist":
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the worklist anew: others may have moved something meanwhile."""
        if self._journey.here.is_signed_in:
            self._worker.run(self._journey.cards, self._frame.worklist.show_orders, self._frame.show_fault)

    @Slot(str)
    def take_file(self, path: str) -> None:
        """Put the order of a file on the worklist, or tell why not."""
        file = Path(path)
        done, failed = partial(self._on_taken, file.name), partial(self._on_not_taken, file.name)
        self._worker.run(partial(self._journey.receive, file), done, failed)

    def _on_taken(self, name: str, findings: tuple[Finding, ...]) -> None:
        self._frame.worklist.show_taken(name, objections(findings), is_refused=False)
        self.refresh()

    def _on_not_taken(self, name: str, fault: BaseException) -> None:
        if isinstance(fault, Refused):
            self._frame.worklist.show_taken(name, objections(fault.findings), is_refused=True)
        else:
            self._frame.show_fault(fault)

    @Slot(str)
    def watch(self, folder: str) -> None:
        """Take every file that is put into a folder from now on; an empty name ends it. The choice is kept."""
        self._watched, self._sightings = folder, {}
        self._frame.worklist.show_watched(folder)
        if folder:
            self._looks.start()
        else:
            self._looks.stop()
        self._worker.run(partial(self._choose_watched, folder), lambda _: None, self._frame.show_fault)

    def watch_again(self, bench: Bench) -> None:
        """Go on watching what was watched before, once somebody is here who may receive orders."""
        if bench.watched and bench.watched != self._watched and self._journey.here.rehearsal is None:
            self.watch(bench.watched)

    def _choose_watched(self, folder: str) -> None:
        known = self._station.chosen()
        self._station.choose(Bench(known.printer, known.balance, known.pressure, known.balance_id, folder))

    @Slot()
    def _look(self) -> None:
        if self._watched and self._journey.here.is_signed_in and not self._worker.is_busy:
            self._worker.run(self._scan, self._on_scan, self._on_scan_failed)

    def _scan(self) -> Scan:
        desk, account = self._journey.here.desk, self._journey.here.account
        return scan(Path(self._watched), self._sightings, lambda name, data: desk.receive(account, data, name))

    def _on_scan(self, found: Scan) -> None:
        self._sightings = found.seen
        for each in found.taken:
            self._show(each)
        if found.taken:
            self.refresh()

    def _show(self, each: Taken) -> None:
        is_refused = each.outcome == REFUSED
        self._frame.worklist.show_taken(each.name, objections(each.findings), is_refused=is_refused)

    def _on_scan_failed(self, fault: BaseException) -> None:
        self.watch("")
        self._frame.show_fault(fault)
