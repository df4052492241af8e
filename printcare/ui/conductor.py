"""Leads the pages through one order: what a page asks goes to the journey, what comes back goes to a page."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QImage

from printcare.domain.people import Role
from printcare.errors import PrintcareError
from printcare.ui import requests
from printcare.ui.bridge import Bridge
from printcare.ui.frame import Frame
from printcare.ui.journey import Journey
from printcare.ui.models import OrderCard, OrderView, Person, PlanView, ReviewView, RunPlan, SecondTyped, objections
from printcare.ui.preview import preview
from printcare.ui.registrar import Registrar
from printcare.ui.run_state import RunAlarm, RunState
from printcare.ui.session import Session
from printcare.ui.station import RunningJob, Station
from printcare.ui.words import tr
from printcare.ui.worker import Worker
from printcare.workflow.authority import Refused
from printcare.workflow.review import FINISHING

REDRAW_MS = 50  # 20 frames a second carry every event; more would only cost time of the job
WATCH_MS = 1000
ASKED = "asked for at the window"
MAKES_SAFE = ("hold", "stop")  # also of a locked window: whoever sees smoke knows no password


class Conductor(QObject):
    """Owns worker, journey and bridge of one window."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame)
        self._frame, self._station = frame, station
        self._journey = Journey(station)
        self.worker = Worker(self)
        self.session = Session(frame, self._journey, self.worker, self.is_running)
        self.registrar = Registrar(frame, self._journey, station, self.worker, self.session)
        self.bridge: Bridge | None = None
        self.run: RunState | None = None
        self._plan: PlanView | None = None
        self._card: OrderCard | None = None
        self._operator_id = ""
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self._draw)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self._on_watch)
        self._replayed = 0
        self._connect()

    def is_running(self) -> bool:
        """Whether a job is under way."""
        return self.run is not None and not self.run.is_over

    def look_for_running_job(self) -> None:
        """Ask whether a job of an earlier window is still running, and show it."""
        self.worker.run(self._station.running_job, self._on_found, self._frame.show_fault)

    def attach(self, plan: RunPlan, endpoint: str, operator_id: str, *, is_reattaching: bool) -> None:
        """Show a run and follow its job."""
        self._operator_id = operator_id
        self.run = RunState(plan)
        self._frame.run.begin(self.run)
        self._frame.show_page("run")
        self._frame.band.batch.setText(
            tr("Batch {} · {} {} · {} units").format(plan.batch_id, plan.product, plan.dose, len(plan.positions))
        )
        self.bridge = Bridge(endpoint, self, is_reattaching=is_reattaching)
        self.bridge.received.connect(self._on_event)
        self.bridge.attached.connect(self._on_attached)
        self.bridge.lost.connect(self._on_lost)
        self.bridge.refused.connect(self._on_refused)
        self.bridge.broken.connect(self._on_broken)
        self.bridge.attach()
        self._watch.start()

    @Slot()
    def close(self) -> None:
        """Let go of the job, end the worker and close the record."""
        self._watch.stop()
        self._redraw.stop()
        self.session.idle.end()
        if self.bridge is not None:
            self.bridge.detach()
        self.worker.close()
        self._journey.close()

    def _connect(self) -> None:
        frame = self._frame
        frame.closed.connect(self.close)
        frame.start.rehearse_asked.connect(self.begin)
        frame.documents.again_asked.connect(self._to_start)
        frame.worklist.open_asked.connect(self.open_order)
        self.session.entered.connect(self._on_person)
        frame.prescription.entered.connect(self.verify)
        frame.plan.prepare_asked.connect(self._to_prepare)
        frame.prepare.start_asked.connect(self.start)
        frame.run.hold_asked.connect(self.hold)
        frame.run.resume_asked.connect(self.resume)
        frame.run.stop_asked.connect(self.stop)
        frame.run.review_asked.connect(self.after_run)
        frame.finish.start_asked.connect(self.finish)
        frame.run.acknowledge_asked.connect(self.acknowledge)
        frame.run.shelve_asked.connect(self.shelve)
        frame.escaped_once.connect(self._on_escaped_once)
        frame.escaped_twice.connect(self.stop)
        frame.review.sign_asked.connect(self.sign)
        frame.review.documents_asked.connect(self._to_documents)
        frame.documents.preview_asked.connect(self._on_preview)
        self.worker.told.connect(frame.start.show_doing)

    # ---- up to the plan

    @Slot()
    def begin(self) -> None:
        """Begin a rehearsal."""
        self._frame.start.show_busy(True)
        self.worker.run(partial(self._journey.begin, self.worker.told.emit), self._on_begun, self._on_begin_failed)

    def _on_begun(self, card: OrderCard) -> None:
        self._frame.start.show_busy(False)
        self._card = card
        for key in ("prescription", "plan", "prepare", "run", "finish", "review", "documents"):
            self._frame.rail.open_up(key, False)
        self._frame.worklist.show_orders((card,))
        self._frame.band.batch.setText(tr("Order {} · {}").format(card.id, card.status))
        self._frame.show_policy(self._journey.policy())
        self.session.offer()

    @Slot(object)
    def _on_person(self, person: Person) -> None:
        self._operator_id = self._journey.operator_id()
        if self._frame.current is self._frame.sign_in:
            self._frame.show_page("administration" if Role.ADMINISTRATOR in person.roles else "worklist")
            self.registrar.show_register(self._frame.current.key)

    def _on_begin_failed(self, fault: BaseException) -> None:
        self._frame.start.show_busy(False)
        self._frame.show_fault(fault)

    @Slot()
    def open_order(self) -> None:
        """Open the order; one that is being worked on stays as it is."""
        if self._plan is not None or self._frame.rail.buttons["prescription"].isEnabled():
            self._frame.show_page("prescription")
            return
        self.worker.run(self._journey.calculate, self._on_calculated, self._on_fault)

    def _on_calculated(self, order: OrderView) -> None:
        self._frame.prescription.show_order(order)
        self._frame.show_page("prescription")

    @Slot(object)
    def verify(self, typed: SecondTyped) -> None:
        """Let the second person's entry be compared; when both agree, both sign."""
        self._frame.prescription.show_busy(True)
        task = partial(self._journey.compare, typed)
        self.worker.run(task, lambda _: self._on_compared(typed), self._on_verify_failed)

    def _on_compared(self, typed: SecondTyped) -> None:
        self._frame.prescription.show_busy(False)
        self._frame.prescription.show_objections(())
        request = requests.to_verify(self._journey, self._frame.prescription.title.text())
        self.session.ask(request, lambda entered, _: self._journey.verify(typed, *entered), self._on_verified)

    def _on_verified(self, plan: PlanView) -> None:
        self._plan = plan
        self._frame.plan.show_plan(plan)
        self._frame.plan.show_theme(self._frame.theme)
        self._frame.band.batch.setText(tr("Batch {} · {}").format(plan.run.batch_id, plan.headline))
        told = tr("An operator signs off each step; a pharmacist checks, and both sign at the end.")
        self._frame.prepare.show_steps(plan.steps, told)
        self._frame.prepare.show_theme(self._frame.theme)
        self._set_status(tr("ready"))
        self._frame.show_page("plan")

    def _on_verify_failed(self, fault: BaseException) -> None:
        self._frame.prescription.show_busy(False)
        if isinstance(fault, Refused):
            self._frame.prescription.show_objections(objections(fault.findings))
        else:
            self._frame.show_fault(fault)

    # ---- the run

    @Slot()
    def _to_prepare(self) -> None:
        self._frame.show_page("prepare")

    @Slot()
    def start(self) -> None:
        """Let two people sign the preparation, and start the job."""
        request = requests.to_prepare(self._journey)
        self.session.ask(request, lambda entered, _: self._journey.prepare_and_start(*entered), self._on_started)

    def _on_started(self, endpoint: str) -> None:
        self.session.show_person(self._journey.person())  # the job runs in the operator's session
        if self._plan is not None:
            self._set_status(tr("printing"))
            self.attach(self._plan.run, endpoint, self._journey.operator_id(), is_reattaching=False)

    def _on_found(self, job: RunningJob | None) -> None:
        if job is not None:
            self.attach(job.plan, job.endpoint, job.operator_id, is_reattaching=True)

    @Slot(str, object, int)
    def _on_event(self, name: str, told: dict[str, object], _seq: int) -> None:
        if self.run is None:
            return
        self.run.apply(name, told)
        self._replayed += 1
        if not self._redraw.isActive():
            self._redraw.start()
        if self.run.is_over:
            self._watch.stop()
            self._set_status(tr("to release"))

    @Slot()
    def _draw(self) -> None:
        self._frame.run.show_run()

    @Slot(bool)
    def _on_attached(self, is_again: bool) -> None:
        self._frame.run.forget_attachment()
        if is_again:
            told = tr("The job went on by itself; everything it recorded meanwhile is shown here.")
            self._frame.run.show_attachment("notice", tr("Re-attached to the running job"), told)

    @Slot()
    def _on_lost(self) -> None:
        told = tr(
            "The job finishes its unit and then holds. The window keeps trying to reach it. In danger, use the "
            "printer's own emergency stop."
        )
        self._frame.run.show_attachment("attention", tr("The window has lost the job"), told)

    @Slot(object)
    def _on_refused(self, told: dict[str, str]) -> None:
        fault = PrintcareError(told.get("code", "REFUSED"), told.get("reason", ""), told.get("remedy", ""))
        self._frame.show_fault(fault)

    @Slot(str)
    def _on_broken(self, what: str) -> None:
        told = f"The job's endpoint sent {what}, which is no message of this version."
        self._frame.show_fault(PrintcareError("ENDPOINT_PROTOCOL", told, "Close the window and open it again."))

    @Slot()
    def _on_watch(self) -> None:
        died = self._station.job_died()
        if died is not None and self.run is not None and not self.run.is_over:
            self._watch.stop()
            if self.bridge is not None:
                self.bridge.detach()
            remedy = "Open the window again: the batch then stands in quarantine with its last recorded unit."
            self._frame.show_fault(PrintcareError("JOB_DIED", f"The job process ended without a word. {died}", remedy))

    @Slot()
    def hold(self) -> None:
        """Hold after the running unit."""
        self._command("hold")

    @Slot()
    def resume(self) -> None:
        """Go on."""
        if not self._command("resume"):
            self._on_lost()

    @Slot()
    def stop(self) -> None:
        """Stop the job now."""
        if self.run is None or self.run.is_over:
            return
        if self._command("stop"):
            told = tr("The printer is being made safe.")
            self._frame.run.show_attachment("attention", tr("Stop is asked for"), told)
        else:
            self._on_lost()

    @Slot(object, str)
    def acknowledge(self, alarm: RunAlarm, reason: str) -> None:
        """Answer an alarm; where the core asks for a signature, it is made before the job is told."""
        if not alarm.wants_signature or not self._journey.is_signed_in:
            self._command("acknowledge", f"{alarm.id} {reason}")
            return
        meaning = f"acknowledged: {reason}"
        request = requests.to_acknowledge(self._journey, alarm, meaning)
        self.session.ask(
            request,
            lambda entered, _: self._journey.sign_alarm(alarm.number, meaning, *entered),
            partial(self._tell_acknowledged, f"{alarm.id} {reason}"),
        )

    def _tell_acknowledged(self, words: str, _: object) -> None:
        self._command("acknowledge", words)

    @Slot(object, str)
    def shelve(self, alarm: RunAlarm, reason: str) -> None:
        """Put a warning aside."""
        self._command("shelve", f"{alarm.id} {reason}")

    def _command(self, name: str, reason: str = ASKED) -> bool:
        if self.session.is_locked and name not in MAKES_SAFE:
            return False
        return self.bridge is not None and self.bridge.command(name, self._operator_id, reason)

    @Slot()
    def _on_escaped_once(self) -> None:
        if self.run is not None and not self.run.is_over:
            told = tr("Press Esc once more to stop the job.")
            self._frame.run.show_attachment("attention", tr("Stop?"), told)

    # ---- after the run

    @Slot()
    def after_run(self) -> None:
        """Finish a printed batch first; one that ended early is reviewed as it stands."""
        if self._plan is None:
            self.review()
            return
        self.worker.run(self._journey.needs_finishing, self._on_ended, self._on_fault)

    def _on_ended(self, needs_finishing: bool) -> None:
        if not needs_finishing:
            self.review()
            return
        told = tr("Batch {} is printed; sign off what you have done.").format(self._journey.batch_id())
        self._frame.finish.show_steps(FINISHING, told)
        self._frame.finish.show_theme(self._frame.theme)
        self._frame.show_page("finish")

    @Slot()
    def finish(self) -> None:
        """Let the operator sign the finishing."""
        request = requests.to_finish(self._journey)
        self.session.ask(request, lambda entered, _: self._journey.finish(*entered), lambda _: self.review())

    @Slot()
    def review(self) -> None:
        """Review the batch."""
        self.worker.run(self._journey.review, self._on_reviewed, self._on_fault)

    def _on_reviewed(self, review: ReviewView) -> None:
        self._frame.review.show_busy(False)
        self._frame.review.show_review(review)
        self._frame.review.show_theme(self._frame.theme)
        self._set_status(review.status if review.status != "quarantined" else tr("to release"))
        self._frame.show_page("review")

    @Slot(str)
    def sign(self, wanted: str) -> None:
        """Let a releaser sign a decision."""
        request = requests.to_decide(self._journey, wanted)
        self.session.ask(request, lambda entered, _: self._journey.sign(wanted, *entered), self._on_reviewed)

    @Slot()
    def _to_documents(self) -> None:
        self._frame.review.show_busy(True)
        self.worker.run(self._journey.documents, self._on_documents, self._on_fault)

    def _on_documents(self, written: tuple[Path, tuple[str, ...]]) -> None:
        self._frame.review.show_busy(False)
        self._frame.documents.show_documents(*written)
        self._frame.show_page("documents")

    @Slot(str)
    def _on_preview(self, path: str) -> None:
        self.worker.run(partial(preview, Path(path)), self._on_previewed, self._on_fault)

    def _on_previewed(self, shown: tuple[QImage, ...] | str) -> None:
        if isinstance(shown, str):
            self._frame.documents.show_told(shown)
        else:
            self._frame.documents.show_pages(shown)

    @Slot()
    def _to_start(self) -> None:
        self._plan, self.run = None, None
        self._frame.show_page("start")

    def _on_fault(self, fault: BaseException) -> None:
        self._frame.review.show_busy(False)
        self._frame.show_fault(fault)

    def _set_status(self, status: str) -> None:
        if self._card is not None:
            card = self._card
            self._frame.worklist.show_orders(
                (OrderCard(card.id, card.product, card.patient, card.ordered, status, card.written_on),)
            )
