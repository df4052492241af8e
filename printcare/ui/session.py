"""Who is at the window: signing in and out, the lock, and the one dialog in which anybody signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any  # a task returns what its own callback takes

from PySide6.QtCore import QObject, Signal, Slot

from printcare.domain.people import Role, may
from printcare.errors import PrintcareError
from printcare.ui.frame import ORDER_PAGES, Frame
from printcare.ui.idle import ADMINISTRATOR_MS, LOCK_AFTER_MS, Idle
from printcare.ui.journey import Journey
from printcare.ui.messages import said
from printcare.ui.models import Entered, Person, SignatureRequest
from printcare.ui.widgets.signature_dialog import SignatureDialog
from printcare.ui.worker import Worker
from printcare.workflow.authority import Refused

Task = Callable[[tuple[Entered, ...], str], object]
Takes = Callable[[Refused], bool]
# Pages only some roles see, by the commands of which one is enough.
SEEN_BY = {
    "recipes": ("recipe.show",),
    "inks": ("ink_lot.show",),
    "experiment": ("experiment.write", "research.export"),
    "equipment": ("record.read",),
    "cleaning": ("record.read",),
    "training": ("record.read",),
    "quality": ("deviation.open", "change.propose", "quality.review"),
    "records": ("record.read", "audit.verify"),
    "administration": ("mode.switch", "account.manage", "hold.place"),
}

# Commands of which one is enough to see the way of an order from its prescription to its documents.
ON_THE_WAY = ("order.verify", "batch.prepare", "batch.release", "audit.review")


class Session(QObject):
    """Nobody, somebody, or somebody behind a locked window."""

    entered = Signal(object)  # Person
    left = Signal()

    def __init__(self, frame: Frame, journey: Journey, worker: Worker, is_running: Callable[[], bool]) -> None:
        super().__init__(frame)
        self._frame, self._journey, self._worker, self._is_running = frame, journey, worker, is_running
        self.idle = Idle(self)
        self.dialog: SignatureDialog | None = None
        self.is_locked = False
        self._name = ""
        self.idle.lapsed.connect(self.lock)
        frame.sign_in.sign_in_asked.connect(self.sign_in)
        frame.sign_in.rehearsed_asked.connect(self.sign_in_as)
        frame.strip.unlock_asked.connect(self.unlock)
        frame.strip.sign_out_asked.connect(self.sign_out)
        frame.lock_asked.connect(self.lock)
        frame.escaped_once.connect(self.close)
        frame.sign_out_asked.connect(self.sign_out)

    def offer(self) -> None:
        """Ask who is here: a record was opened."""
        self._frame.sign_in.forget()
        self._frame.sign_in.show_people(self._journey.here.people())
        self._frame.show_user("")
        self._frame.show_page("sign-in")

    @Slot(str, str)
    def sign_in(self, login: str, password: str) -> None:
        """Begin somebody's session."""
        self._worker.run(partial(self._journey.here.sign_in, login, password), self.show_person, self._on_not_entered)

    @Slot(str)
    def sign_in_as(self, login: str) -> None:
        """Begin a made-up person's session; a real record knows no password here."""
        self.sign_in(login, self._journey.here.rehearsal_password(login) or "")

    def show_person(self, person: Person) -> None:
        """Show who is signed in, and the pages they may see."""
        self._name = person.name
        self._frame.show_user(person.name)
        self._frame.sign_in.forget()
        self._frame.rail.open_up("worklist")
        self._show_pages(person.roles)
        self.idle.begin(ADMINISTRATOR_MS if Role.ADMINISTRATOR in person.roles else LOCK_AFTER_MS)
        self.entered.emit(person)

    @Slot()
    def lock(self) -> None:
        """Lock the window; what is typed stays, and a print goes on in sight."""
        if not self._journey.here.is_signed_in or self.is_locked:
            return
        self.is_locked = True
        self.idle.end()
        if self.dialog is not None:
            self.dialog.forget_passwords()
            self.dialog.hide()
        self._frame.show_locked(True, self._name, runs=self._is_running())

    @Slot(str)
    def unlock(self, password: str) -> None:
        """Open the window again for who is signed in."""
        self._worker.run(partial(self._journey.here.unlock, password), self._on_unlocked, self._on_still_locked)

    @Slot()
    def sign_out(self) -> None:
        """End the session; a running print stays in sight and can be made safe."""
        if self._journey.here.is_signed_in:
            self._worker.run(self._journey.here.sign_out, self._on_left, self._frame.show_fault)

    def ask(
        self, request: SignatureRequest, task: Task, done: Callable[[Any], None], takes: Takes | None = None
    ) -> None:
        """Ask for signatures; `task` gets what was typed on the worker, and the dialog stays until it was taken.

        A refusal that `takes` has shown beside the fields it concerns ends the dialog: there it is put right. What is
        asked for again before the dialog has taken the keys is asked once: the first dialog stayed open over the run.
        """
        if self.dialog is not None:
            return
        rehearsed = self._journey.here.rehearsal_password if self._journey.here.people() else None
        dialog = SignatureDialog(request, self._frame.time_words(), rehearsed, self._frame)
        dialog.signed.connect(partial(self._run, task, done, takes))
        dialog.rejected.connect(self.close)
        self.dialog = dialog
        dialog.open()

    @Slot()
    def close(self) -> None:
        """Take the dialog away."""
        if self.dialog is not None:
            dialog, self.dialog = self.dialog, None
            dialog.hide()
            dialog.deleteLater()
            self._frame.activateWindow()  # without a window manager nobody gives the keys back

    def _run(
        self, task: Task, done: Callable[[Any], None], takes: Takes | None, typed: tuple[Entered, ...], reason: str
    ) -> None:
        not_signed = partial(self._on_not_signed, takes)
        self._worker.run(partial(task, typed, reason), partial(self._on_signed, done), not_signed)

    def _on_signed(self, done: Callable[[Any], None], result: object) -> None:
        self.close()
        done(result)

    def _on_not_signed(self, takes: Takes | None, fault: BaseException) -> None:
        if takes is not None and isinstance(fault, Refused) and takes(fault):
            self.close()
        elif self.dialog is not None and isinstance(fault, PrintcareError):
            self.dialog.show_objection(told_in_words(fault))
        else:
            self.close()
            self._frame.show_fault(fault)

    def _on_not_entered(self, fault: BaseException) -> None:
        told = told_in_words(fault) if isinstance(fault, PrintcareError) else str(fault)
        self._frame.sign_in.show_objection(told)

    def _on_unlocked(self, _: Person) -> None:
        self.is_locked = False
        self._frame.show_locked(False, self._name, runs=self._is_running())
        if self.dialog is not None:
            self.dialog.show()
        self.idle.begin()

    def _on_still_locked(self, fault: BaseException) -> None:
        told = told_in_words(fault) if isinstance(fault, PrintcareError) else str(fault)
        self._frame.strip.show_objection(told)

    def _on_left(self, _: object) -> None:
        self.close()
        self.is_locked = False
        self.idle.end()
        self._frame.show_locked(False, "", runs=False)
        self.offer()
        self._frame.rail.open_up("worklist", False)
        self._show_pages(())
        self.left.emit()

    def _show_pages(self, roles: Sequence[str]) -> None:
        """Open the pages of these roles; without any, those that lead in."""
        rail = self._frame.rail
        for key, commands in SEEN_BY.items():
            is_seen = any(may(roles, command) for command in commands)
            rail.open_up(key, is_seen)
            rail.offer(key, is_seen)
        is_on_the_way = not roles or any(may(roles, command) for command in ON_THE_WAY)
        for key in ORDER_PAGES:
            rail.offer(key, is_on_the_way or rail.buttons[key].isEnabled())
        rail.offer("sign-in", not roles)


def told_in_words(fault: PrintcareError) -> str:
    """Return every reason and remedy of a refusal, each with its code."""
    if isinstance(fault, Refused):
        return "\n".join(f"{each.code}: {said(each.reason)} {said(each.remedy)}" for each in fault.findings)
    return f"{fault.code}: {said(fault.message)} {said(fault.remedy)}"
