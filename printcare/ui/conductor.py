"""Leads the pages through one order: what a page asks goes to the journey, what comes back goes to a page."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter

from printcare.domain.people import Role
from printcare.ui import requests
from printcare.ui.balance_now import balance_now
from printcare.ui.caretaker import Caretaker
from printcare.ui.drafts import Drafts
from printcare.ui.frame import Frame
from printcare.ui.intake import Intake
from printcare.ui.journey import Journey
from printcare.ui.models import OrderView, Person, PlanChoice, PlanView, ReviewView, SecondTyped, objections
from printcare.ui.preview import preview, print_pages, save_copy
from printcare.ui.registrar import Registrar
from printcare.ui.run_lead import RunLead, batch_words
from printcare.ui.session import Session
from printcare.ui.stages import TO_PLAN
from printcare.ui.station import RunningJob, Station
from printcare.ui.words import tr
from printcare.ui.worker import Worker
from printcare.workflow.authority import Refused
from printcare.workflow.release.review import FINISHING


class Conductor(QObject):
    """Owns worker, journey and every lead of one window."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame)
        self._frame, self._station = frame, station
        self.journey = Journey(station)
        self.worker = Worker(self)
        self.session = Session(frame, self.journey, self.worker, lambda: self.lead.is_running)
        self.lead = RunLead(frame, self.journey, self.session, station.job_died)
        self.registrar = Registrar(frame, self.journey, station, self.worker)
        self.caretaker = Caretaker(frame, self.journey, station, self.worker, self.session)
        self.intake = Intake(frame, self.journey, station, self.worker, self.session)
        self._drafts = Drafts(station.drafts())
        self._plan: PlanView | None = None
        self._order_id = ""
        self._connect()

    def look_around(self) -> None:
        """Ask whether a job of an earlier window is still running, and whether there is a site's record."""
        self.worker.run(self._station.running_job, self._on_found, self._frame.show_fault)
        self.intake.show_site()

    @Slot()
    def close(self) -> None:
        """Let go of the job, end the worker and close the record."""
        self._keep_draft()
        self.intake.close()
        self.lead.close()
        self.session.idle.end()
        self.worker.close()
        self.journey.close()

    def _connect(self) -> None:
        frame = self._frame
        frame.closed.connect(self.close)
        frame.documents.again_asked.connect(self._to_start)
        frame.worklist.open_asked.connect(self.open_order)
        self.intake.begun.connect(self._on_record)
        self.session.entered.connect(self._on_person)
        self.session.left.connect(self._on_left)
        frame.prescription.entered.connect(self.verify)
        frame.prescription.refuse.clicked.connect(self.refuse)
        frame.plan.cancel_asked.connect(self.cancel)
        frame.prescription.edited.connect(self._keep_draft)
        frame.plan.plan_asked.connect(self.plan)
        frame.review.replan_asked.connect(self.choose_batch)
        frame.plan.prepare_asked.connect(self._to_prepare)
        frame.prepare.start_asked.connect(self.start)
        frame.prepare.scanned.connect(self._scan)
        frame.prepare.balance_asked.connect(self._to_balance)
        frame.page_opened.connect(self._on_page)
        frame.run.review_asked.connect(self.after_run)
        frame.finish.start_asked.connect(self.finish)
        self.lead.ended.connect(self.intake.refresh)
        frame.review.sign_asked.connect(self.sign)
        frame.review.trail_asked.connect(self.sign_trail)
        frame.review.safe_asked.connect(self.make_safe)
        frame.review.interruption_closed.connect(self.close_interruption)
        frame.review.documents_asked.connect(self._to_documents)
        frame.documents.preview_asked.connect(self._on_preview)
        frame.documents.print_asked.connect(self._on_print)
        frame.documents.copy_asked.connect(self._on_copy)

    # ---- who and which order

    @Slot()
    def _on_record(self) -> None:
        self._plan, self._order_id = None, ""
        self.lead.forget()

    @Slot(object)
    def _on_person(self, person: Person) -> None:
        self.lead.admit(self.journey.here.admitted)
        if self._frame.current is self._frame.sign_in:
            first = "administration" if Role.ADMINISTRATOR in person.roles else "worklist"
            self._frame.show_page("run" if self.lead.is_running else first)
            self.caretaker.show_register(self._frame.current.key)
        self.worker.run(self._station.chosen, self.intake.watch_again, self._frame.show_fault)

    @Slot()
    def _on_left(self) -> None:
        self.lead.admit(self.journey.here.admitted)

    @Slot(str)
    def open_order(self, order_id: str) -> None:
        """Open an order at the page where it stands; one that is being worked on stays as it is."""
        self._keep_draft()
        self.worker.run(partial(self.journey.open, order_id), partial(self._on_opened, order_id), self._on_fault)

    def _on_opened(self, order_id: str, stage: str) -> None:
        is_same, self._order_id = order_id == self._order_id, order_id
        self._frame.band.batch.setText(tr("Order {}").format(order_id))
        if stage == "prescription":
            if is_same and self._frame.prescription.has_order:
                self._frame.show_page("prescription")
            else:
                self.worker.run(self.journey.calculate, self._on_calculated, self._on_fault)
        elif stage == TO_PLAN:
            self.choose_batch()
        elif stage in ("plan", "prepare"):
            self.worker.run(self.journey.planned_view, partial(self._on_planned, stage), self._on_fault)
        elif stage == "run" and self.lead.run is not None:
            self._frame.show_page("run")
        else:
            self.after_run()

    def _on_calculated(self, order: OrderView) -> None:
        self._frame.prescription.show_order(order)
        self._frame.prescription.take_draft(self._drafts.kept(self._order_id))
        self._frame.show_page("prescription")

    @Slot()
    def _keep_draft(self) -> None:
        typed = self._frame.prescription.draft()
        if self._order_id and typed:
            self._drafts.keep(self._order_id, typed)

    # ---- up to the plan

    @Slot(object)
    def verify(self, typed: SecondTyped) -> None:
        """Let the second person's entry be compared; when both agree, both sign."""
        self._frame.prescription.show_busy(True)
        task = partial(self.journey.compare, typed)
        self.worker.run(task, lambda _: self._on_compared(typed), self._on_verify_failed)

    def _on_compared(self, typed: SecondTyped) -> None:
        self._frame.prescription.show_busy(False)
        self._frame.prescription.show_objections(())
        request = requests.to_verify(self.journey, self._frame.prescription.title.text())
        done = partial(self._on_planned, "plan")
        self.session.ask(request, lambda entered, _: self.journey.verify(typed, *entered), done)

    def _on_planned(self, page: str, plan: PlanView) -> None:
        self._plan = plan
        self._drafts.forget(self._order_id)
        self._frame.prescription.forget()
        self._frame.plan.show_plan(plan)
        self._frame.plan.show_theme(self._frame.theme)
        self._frame.band.batch.setText(batch_words(plan.run))
        told = tr("An operator signs off each step; a pharmacist checks, and both sign at the end.")
        self._frame.prepare.show_steps(plan.steps, told, plan.scans)
        self._frame.prepare.show_theme(self._frame.theme)
        self._frame.rail.open_up("prepare")
        positions = plan.run.positions
        show = self._frame.plan.show_toolpath
        self.worker.run(self.journey.toolpath, lambda units: show(units, positions), self._on_fault)
        self._frame.show_page(page)

    @Slot()
    def choose_batch(self) -> None:
        """Offer what a batch of the open order may be planned of: a first one, the next dose of a step, one more."""
        self.worker.run(self.journey.plan_choices, self._on_choices, self._on_fault)

    def _on_choices(self, choices: tuple[PlanChoice, ...]) -> None:
        self._frame.plan.show_choices(self._order_id, choices)
        self._frame.show_page("plan")

    @Slot(object)
    def plan(self, choice: PlanChoice) -> None:
        """Plan the batch that was chosen; the workflow refuses what is made already."""
        self.worker.run(partial(self.journey.plan, choice), partial(self._on_planned, "plan"), self._on_fault)

    @Slot()
    def refuse(self) -> None:
        """Let a pharmacist sign that the open order is not made."""
        request = requests.to_refuse(self.journey, self._frame.prescription.title.text())
        self.session.ask(request, lambda entered, reason: self.journey.refuse(reason, *entered), self._on_refused)

    def _on_refused(self, _: object) -> None:
        self._drafts.forget(self._order_id)
        self._frame.prescription.forget()
        self.intake.refresh()
        self._frame.show_page("worklist")

    @Slot()
    def cancel(self) -> None:
        """Let who is signed in sign that the planned batch is not printed."""
        request = requests.to_cancel(self.journey)
        self.session.ask(
            request, lambda entered, reason: self.journey.cancel(reason, *entered), lambda _: self.choose_batch()
        )

    def _on_verify_failed(self, fault: BaseException) -> None:
        self._frame.prescription.show_busy(False)
        if isinstance(fault, Refused):
            self._frame.prescription.show_objections(objections(fault.findings))
        else:
            self._frame.show_fault(fault)

    # ---- the print

    @Slot()
    def _to_prepare(self) -> None:
        self._frame.show_page("prepare")

    @Slot(str)
    def _on_page(self, key: str) -> None:
        """Look at the balance each time the preparation is opened: its checks may be made in between."""
        if key == "prepare" and self._plan is not None:
            here, batch_id = self.journey.here, self._plan.run.batch_id
            look = self._frame.prepare.show_balance
            self.worker.run(lambda: balance_now(here.records, batch_id), look, self._on_fault)

    @Slot(str)
    def _to_balance(self, name: str) -> None:
        self.caretaker.lead_to("equipment", f"equipment|{name}")

    @Slot(str, str)
    def _scan(self, what: str, scanned: str) -> None:
        taken = partial(self._frame.prepare.show_scanned, what)
        self.worker.run(
            partial(self.journey.compare_scan, what, scanned), lambda _: taken(()), partial(self._on_not_scanned, what)
        )

    def _on_not_scanned(self, what: str, fault: BaseException) -> None:
        if isinstance(fault, Refused):
            self._frame.prepare.show_scanned(what, objections(fault.findings))
        else:
            self._frame.show_fault(fault)

    @Slot()
    def start(self) -> None:
        """Let two people sign the preparation, and start the job."""
        request = requests.to_prepare(self.journey)
        self.session.ask(request, lambda entered, _: self.journey.prepare_and_start(*entered), self._on_started)

    def _on_started(self, endpoint: str) -> None:
        self.session.show_person(self.journey.here.person())  # the job runs in the operator's session
        if self._plan is not None:
            self.lead.attach(self._plan.run, endpoint, is_reattaching=False)

    def _on_found(self, job: RunningJob | None) -> None:
        if job is None:
            return
        self.journey.attach(job.desk, job.order_id, job.batch_id)
        self._order_id = job.order_id
        self._frame.show_policy(self.journey.policy())
        self.session.offer()
        self.lead.attach(job.plan, job.endpoint, is_reattaching=True)

    # ---- after the print

    @Slot()
    def after_run(self) -> None:
        """Finish a printed batch first; one that ended early is reviewed as it stands."""
        self.worker.run(self.journey.needs_finishing, self._on_ended, self._on_fault)

    def _on_ended(self, needs_finishing: bool) -> None:
        if not needs_finishing:
            self.review()
            return
        told = tr("Batch {} is printed; sign off what you have done.").format(self.journey.batch_id())
        self._frame.finish.show_steps(tuple(map(tr, FINISHING)), told)
        self._frame.finish.show_theme(self._frame.theme)
        self._frame.show_page("finish")

    @Slot()
    def finish(self) -> None:
        """Let the operator sign the finishing."""
        request = requests.to_finish(self.journey)
        self.session.ask(request, lambda entered, _: self.journey.finish(*entered), lambda _: self.review())

    @Slot()
    def review(self) -> None:
        """Review the batch."""
        self.worker.run(self.journey.review, self._on_reviewed, self._on_fault)

    def _on_reviewed(self, review: ReviewView) -> None:
        self._frame.review.show_busy(False)
        self._frame.review.show_review(review)
        self._frame.review.show_theme(self._frame.theme)
        self._frame.show_page("review")

    @Slot(str)
    def sign(self, wanted: str) -> None:
        """Let a releaser sign a decision."""
        request = requests.to_decide(self.journey, wanted)
        self.session.ask(request, lambda entered, _: self.journey.sign(wanted, *entered), self._on_reviewed)

    @Slot(object)
    def sign_trail(self, seen: tuple[int, ...]) -> None:
        """Let quality sign that the critical events were looked at, and what was found."""
        request = requests.to_review_trail(self.journey)
        self.session.ask(
            request, lambda entered, note: self.journey.sign_trail(seen, note, *entered), self._on_reviewed
        )

    @Slot()
    def make_safe(self) -> None:
        """Make the printer of a batch whose job has died safe."""
        self.worker.run(self.journey.make_safe, self._on_safe, self._on_not_safe)

    def _on_safe(self, is_confirmed: bool) -> None:
        told = (
            tr("✓ It stands still and its heaters are off.")
            if is_confirmed
            else tr("■ It was told to stop and has NOT confirmed it: switch it off.")
        )
        self._frame.review.show_safe(told, "accepted" if is_confirmed else "rejected")

    def _on_not_safe(self, fault: BaseException) -> None:
        self._frame.review.show_safe("", "")
        self._frame.show_fault(fault)

    @Slot(str)
    def close_interruption(self, reason: str) -> None:
        """Open the deviation of a batch whose job has died."""
        self.worker.run(partial(self.journey.close_interruption, reason), self._on_reviewed, self._on_fault)

    @Slot()
    def _to_documents(self) -> None:
        self._frame.review.show_busy(True)
        self.worker.run(self.journey.documents, self._on_documents, self._on_fault)

    def _on_documents(self, written: tuple[Path, tuple[str, ...]]) -> None:
        self._frame.review.show_busy(False)
        self._frame.documents.show_documents(*written, self.journey.batch_id())
        self._frame.show_page("documents")

    @Slot(str)
    def _on_preview(self, path: str) -> None:
        self.worker.run(partial(preview, Path(path)), self._on_previewed, self._on_fault)

    @Slot(str, object)
    def _on_print(self, path: str, printer: QPrinter) -> None:
        words, name = tr("{}: {} pages went to the printer."), Path(path).name
        done = self._frame.documents.show_saved
        self.worker.run(
            partial(print_pages, Path(path), printer), lambda count: done(words.format(name, count)), self._on_fault
        )

    @Slot(str, str)
    def _on_copy(self, path: str, target: str) -> None:
        done = self._frame.documents.show_saved
        saved = partial(save_copy, Path(path), Path(target))
        self.worker.run(saved, lambda where: done(tr("Saved as {}.").format(where)), self._on_fault)

    def _on_previewed(self, shown: tuple[QImage, ...] | str) -> None:
        if isinstance(shown, str):
            self._frame.documents.show_told(shown)
        else:
            self._frame.documents.show_pages(shown)

    @Slot()
    def _to_start(self) -> None:
        self.lead.forget()
        self._frame.show_page("start")

    def _on_fault(self, fault: BaseException) -> None:
        self._frame.review.show_busy(False)
        self._frame.show_fault(fault)
