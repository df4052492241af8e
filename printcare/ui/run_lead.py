"""Leads the run page: follows the job by its endpoint, and passes on what somebody who is signed in asks of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from printcare.domain.batch import UnitState
from printcare.errors import PrintcareError
from printcare.ui import requests
from printcare.ui.bridge import Bridge
from printcare.ui.figures import local
from printcare.ui.frame import Frame
from printcare.ui.journey import Journey
from printcare.ui.models import Admitted, RunPlan
from printcare.ui.run_state import RunAlarm, RunState
from printcare.ui.session import Session
from printcare.ui.words import tr

REDRAW_MS = 50  # 20 frames a second carry every event; more would only cost time of the job
WATCH_MS = 1000
PRINTING, REJECTED = UnitState.PRINTING.value, UnitState.REJECTED.value
ASKED = "asked for at the window"
MAKES_SAFE = ("hold", "stop")  # also of a locked window, or before a sign-in: whoever sees smoke knows no password


class RunLead(QObject):
    """Owns the bridge to one job; a window without a sign-in shows it, holds and stops it, and does nothing else."""

    ended = Signal()

    def __init__(self, frame: Frame, journey: Journey, session: Session, died: Callable[[], str | None]) -> None:
        super().__init__(frame)
        self._frame, self._journey, self._session, self._died = frame, journey, session, died
        self.bridge: Bridge | None = None
        self.run: RunState | None = None
        self._admitted = Admitted("", "")
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self._draw)
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_MS)
        self._watch.timeout.connect(self._on_watch)
        page = frame.run
        page.hold_asked.connect(self.hold)
        page.placed_asked.connect(self.placed)
        page.resume_asked.connect(self.resume)
        page.stop_asked.connect(self.stop)
        page.acknowledge_asked.connect(self.acknowledge)
        page.shelve_asked.connect(self.shelve)
        frame.escaped_once.connect(self._on_escaped_once)
        frame.escaped_twice.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether a job is under way."""
        return self.run is not None and not self.run.is_over

    def attach(self, plan: RunPlan, endpoint: str, *, is_reattaching: bool) -> None:
        """Show a run and follow its job."""
        self.run = RunState(plan)
        self._frame.run.begin(self.run)
        self._frame.show_page("run")
        self._frame.band.batch.setText(batch_words(plan))
        self.bridge = Bridge(endpoint, self, is_reattaching=is_reattaching)
        self.bridge.received.connect(self._on_event)
        self.bridge.attached.connect(self._on_attached)
        self.bridge.lost.connect(self._on_lost)
        self.bridge.refused.connect(self._on_refused)
        self.bridge.broken.connect(self._on_broken)
        self.admit(self._admitted)
        self.bridge.attach()
        self._watch.start()

    def admit(self, admitted: Admitted) -> None:
        """Let who has shown their password speak to the job; an empty id lets nobody."""
        self._admitted = admitted
        self._frame.run.show_signed_in(bool(admitted.user_id))
        if self.bridge is not None and not self.bridge.is_over:
            self.bridge.sign_in(admitted.user_id, admitted.ticket)

    def forget(self) -> None:
        """Let go of a job that is over."""
        self.run = None

    def close(self) -> None:
        """Let go of the job; it goes on by itself."""
        self._watch.stop()
        self._redraw.stop()
        if self.bridge is not None:
            self.bridge.detach()

    # ---- what the job tells

    @Slot(str, object, int)
    def _on_event(self, name: str, told: dict[str, object], _seq: int) -> None:
        if self.run is None:
            return
        self.run.apply(name, told)
        if not self._redraw.isActive():
            self._redraw.start()
        if self.run.is_over:
            self._watch.stop()
            self.ended.emit()

    @Slot()
    def _draw(self) -> None:
        self._frame.run.show_run()

    @Slot(bool)
    def _on_attached(self, is_again: bool) -> None:
        self._frame.run.forget_attachment()
        if is_again:
            told = tr("The job went on by itself; everything it recorded meanwhile is shown here.")
            if not self._admitted.user_id:
                told += " " + tr("Hold and Stop work at once; sign in before anything else.")
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
        died = self._died()
        if died is None or self.run is None or self.run.is_over:
            return
        if self.bridge is not None:
            self.bridge.detach()
        begun = [(unit.index, REJECTED) for unit in self.run.units if unit.state == PRINTING]  # as the record has it
        self._on_event("JobEnded", {"outcome": "failed", "reason": "the job ended without a word", "units": begun}, 0)
        self._draw()
        remedy = "In danger, use the printer's own emergency stop. The review's first step makes the printer safe."
        self._frame.show_fault(PrintcareError("JOB_DIED", f"The job process ended without a word. {died}", remedy))

    # ---- what is asked of it

    @Slot()
    def hold(self) -> None:
        """Hold after the running unit."""
        self._command("hold")

    @Slot()
    def resume(self) -> None:
        """Go on."""
        if not self._command("resume") and self._may_act():
            self._on_lost()

    @Slot(int)
    def placed(self, index: int) -> None:
        """Tell the job that what it asked for was done with this unit at the balance beside the printer."""
        self._command("placed", str(index))

    @Slot()
    def stop(self) -> None:
        """Stop the job now."""
        if not self.is_running:
            return
        if self._command("stop"):
            told = tr("The printer is being made safe.")
            self._frame.run.show_attachment("attention", tr("Stop is asked for"), told)
        else:
            self._on_lost()

    @Slot(object, str)
    def acknowledge(self, alarm: RunAlarm, reason: str) -> None:
        """Answer an alarm; where the core asks for a signature, it is made before the job is told."""
        run, words = self.run, f"{alarm.id} {reason}"
        if run is None or not alarm.wants_signature or not self._journey.here.is_signed_in:
            self._command("acknowledge", words)
            return
        meaning = f"acknowledged: {reason}"
        request = requests.to_acknowledge(self._journey, alarm, meaning)
        self._session.ask(
            request,
            lambda entered, _: self._journey.sign_alarm(run.plan.batch_id, alarm.number, meaning, *entered),
            partial(self._tell_acknowledged, words),
        )

    def _tell_acknowledged(self, words: str, _: object) -> None:
        self._command("acknowledge", words)

    @Slot(object, str)
    def shelve(self, alarm: RunAlarm, reason: str) -> None:
        """Put a warning aside."""
        self._command("shelve", f"{alarm.id} {reason}")

    def _may_act(self) -> bool:
        return bool(self._admitted.user_id) and not self._session.is_locked

    def _command(self, name: str, reason: str = ASKED) -> bool:
        if name not in MAKES_SAFE and not self._may_act():
            if not self._session.is_locked:
                remedy = "Sign in on the page Sign in; the job goes on meanwhile."
                self._frame.show_fault(PrintcareError("SESSION_NONE", "Nobody is signed in at this window.", remedy))
            return False
        return self.bridge is not None and self.bridge.command(name, self._admitted.user_id, reason)

    @Slot()
    def _on_escaped_once(self) -> None:
        if self.is_running:
            told = tr("Press Esc once more to stop the job.")
            self._frame.run.show_attachment("attention", tr("Stop?"), told)


def batch_words(plan: RunPlan) -> str:
    """Return a batch in the words of the band: drug and dose first, which a narrow window keeps."""
    words = tr("Batch {} · {} {} · {} units")
    return words.format(plan.batch_id, plan.product, local(plan.dose), len(plan.positions))
