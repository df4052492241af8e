"""Render every page of the window to docs/pictures, from one rehearsed batch a language; run by hand."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hands import ORDER
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea

import printcare.app
from printcare.app import Workstation
from printcare.domain.policy import REHEARSAL
from printcare.ui.conductor import Conductor
from printcare.ui.frame import Frame, tabular
from printcare.ui.models import Fact, Objection
from printcare.ui.run_state import RunState
from printcare.ui.tokens import THEMES
from printcare.ui.words import LANGUAGES, speak, tr

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_S = 300.0
SPEED = 120.0  # of the emulated bench
TYPED = {"weight": "16.0", "height_cm": "102", "dose": "17"}
CLOG = {
    "id": "A04",
    "title": "Pressure above reference: clog",
    "cause": "The nozzle is clogging or the ink is cold.",
    "consequence": "The running unit is rejected, the batch goes to quarantine.",
    "action": "Purge, check nozzle and temperature.",
    "priority": 1,
}


class Camera:
    """A window driven through the whole job, photographed in every theme at each page."""

    def __init__(self, application: QApplication, folder: Path, language: str) -> None:
        speak(language)
        self.application, self.language = application, language
        facts = (
            Fact(tr("Version"), "0.1.0"),
            Fact(tr("Workstation"), "pharmacy-1"),
            Fact(tr("Language"), LANGUAGES[language]),
            Fact(tr("Records and documents"), tr("in this user's data folder")),
        )
        self.frame = Frame(REHEARSAL, facts, lambda: datetime(2026, 11, 23, 14, 32), THEMES["light"])
        self.conductor = Conductor(self.frame, Workstation(folder))
        self.conductor.look_around()
        self.frame.show()

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Run the window until something is so."""
        until = time.monotonic() + PATIENCE_S
        while not done():
            self.application.processEvents()
            time.sleep(0.005)
            if time.monotonic() > until:
                raise SystemExit(f"waited in vain for {what}; page says: {self.frame.current.title.text()}")

    def take(self, name: str) -> None:
        """Save the window in both themes."""
        for theme in THEMES.values():
            self.frame.show_theme(theme)
            for _ in range(5):
                self.application.processEvents()
            self._save(self.frame, name, theme.name)
        self.frame.show_theme(THEMES["light"])

    def settle(self) -> None:
        """Wait until nothing is under way, twice: an answer may ask for more."""
        for _ in range(3):
            self.wait(lambda: not self.conductor.worker.is_busy, "the worker")
            self.application.processEvents()

    def enter(self, login: str) -> None:
        """Sign in as a made-up person."""
        self.frame.show_page("sign-in")
        self.frame.sign_in.rehearsed_asked.emit(login)
        self.wait(lambda: self.frame.current.key != "sign-in" and not self.conductor.worker.is_busy, login)

    def sign(self, name: str = "") -> None:
        """Sign in the dialog with the rehearsal passwords; one with a name is photographed."""
        session = self.conductor.session
        self.wait(lambda: session.dialog is not None, "the signature dialog")
        dialog = session.dialog
        dialog.rehearse.click()
        for theme in THEMES.values() if name else ():
            self.frame.show_theme(theme)
            self.application.processEvents()
            self._save(dialog, name, theme.name)
        self.frame.show_theme(THEMES["light"])
        dialog.sign.click()
        self.wait(lambda: session.dialog is not dialog, "the signature")

    def on(self, key: str) -> Callable[[], bool]:
        """Return whether a page is open and nothing is under way."""
        return lambda: self.frame.current.key == key and not self.conductor.worker.is_busy

    def _save(self, widget, name: str, theme: str) -> None:
        folder = PICTURES if self.language == "en" else PICTURES / self.language
        folder.mkdir(parents=True, exist_ok=True)
        widget.grab().save(str(folder / f"{name}-{theme}.png"))


def up_to_plan(camera: Camera) -> None:
    """Lead the window from Start to the plan."""
    frame = camera.frame
    camera.settle()
    camera.take("start")
    frame.start.show_set_up()
    for step in range(4):
        frame.start.set_up._show_step(step)
        camera.settle()
        camera.take(f"set-up-{step + 1}")
    frame.start.set_up._show_step(0)
    frame.start.show_offer()
    frame.start.begin.click()
    camera.wait(camera.on("sign-in"), "the people")
    camera.take("sign-in")
    camera.enter("b.pharmacist")
    camera.settle()
    camera.take("worklist")
    frame.worklist.open_asked.emit(ORDER)
    camera.wait(camera.on("prescription"), "the prescription")
    camera.wait(lambda: frame.prescription.sheet.shown >= 19, "the calculation sheet")
    camera.take("prescription")
    frame.prescription.ask_second.click()
    for name, typed in (TYPED | {"weight": "61.0"}).items():
        line = getattr(frame.prescription, name).line
        line.setText(typed)
        line.textEdited.emit(typed)
    frame.prescription.confirm.click()
    camera.wait(lambda: not camera.conductor.worker.is_busy, "the comparison")
    camera.take("second-person")
    frame.prescription.weight.line.setText(TYPED["weight"])
    frame.prescription.confirm.click()
    camera.sign("signature")
    camera.wait(camera.on("plan"), "the plan")
    camera.settle()
    camera.take("plan")
    scroll = frame.plan.findChild(QScrollArea, "scroll-plan")
    scroll.verticalScrollBar().setValue(scroll.verticalScrollBar().maximum())
    camera.take("plan-toolpath")


def up_to_review(camera: Camera) -> None:
    """Lead it through preparation, print and finishing."""
    frame, conductor = camera.frame, camera.conductor
    frame.plan.prepare_asked.emit()
    for place, step in enumerate(frame.prepare.steps):
        for at, field in frame.prepare._scans.values():
            if at == place:
                field.line.setText("CP-2601-B-03" if field.scan.what == "cartridge" else field.scan.wanted)
                field.line.returnPressed.emit()
                camera.settle()
                if not field.is_taken:
                    camera.take("prepare")
                    field.line.setText(field.scan.wanted)
                    field.line.returnPressed.emit()
                    camera.settle()
        step.click()
    frame.prepare.start.click()
    camera.sign()
    camera.wait(camera.on("run"), "the run")
    run = conductor.lead.run
    camera.wait(lambda: run.unit >= 7, "unit 7")
    camera.wait(lambda: len(run.live) > 4, "the middle of a unit")
    camera.take("run")
    frame.lock.click()
    camera.take("run-locked")
    frame.strip.unlock_asked.emit(conductor.journey.here.rehearsal_password("a.operator"))
    camera.wait(lambda: not conductor.session.is_locked, "the unlocked window")
    camera.wait(lambda: run.is_over, "the end of the job")
    camera.wait(lambda: frame.run.review.isVisible(), "the way to the review")
    camera.take("run-ended")
    frame.run.review.click()
    camera.wait(camera.on("finish"), "the finishing")
    frame.finish.steps[0].click()
    camera.take("finish")
    for step in frame.finish.steps[1:]:
        step.click()
    frame.finish.start.click()
    camera.sign()
    camera.wait(camera.on("review"), "the review")
    camera.take("review")


def to_documents(camera: Camera) -> None:
    """Sign, and look at the documents."""
    frame = camera.frame
    for row in frame.review.exceptions:
        row.open_up()
    frame.review.rehearse.click()
    camera.sign()
    camera.wait(lambda: frame.review.documents.isVisible() and not camera.conductor.worker.is_busy, "the signature")
    frame.review.documents.click()
    camera.wait(camera.on("documents"), "the documents")
    camera.wait(lambda: frame.documents.findChild(QLabel, "preview-page-1") is not None, "the preview")
    frame.documents.subtitle.setText("rehearsals/0001/documents")  # the picture names no machine
    camera.take("documents")


def an_alarm(camera: Camera) -> None:
    """Photograph a clogged nozzle: the same plan, told another way."""
    frame, ended = camera.frame, camera.conductor.lead.run
    run = RunState(ended.plan)
    run.trace, run.spans, run.reference_kpa = ended.trace[: len(ended.trace) // 4], dict(), ended.reference_kpa
    run.pressure_kpa, run.temperature_c = 171.2, 38.0
    run.apply("UnitBegan", {"index": 1})
    for unit in ended.units[:2]:
        told = {"index": unit.index, "position": unit.position, "state": "accepted", "mass_mg": str(unit.mass_mg)}
        run.apply("UnitEnded", told)
    run.apply("UnitBegan", {"index": 3})
    run.apply("AlarmRaised", {"trip": {"kind": CLOG, "seen": "171.2 kPa, limit 161.5 kPa"}, "unit": 3})
    frame.run.begin(run)
    frame.show_page("run")
    camera.take("run-alarm")
    shown = camera.conductor.journey._shown(camera.conductor.journey._work.decision)
    alarm = Objection(CLOG["id"], "warning", f"171.2 kPa, limit 161.5 kPa. {CLOG['cause']}", CLOG["action"], "unit 3")
    frame.review.show_review(replace(shown, status="quarantined", alarms=(alarm,), may_be=("rejected",)))
    frame.review.exceptions[-1].open_up()
    frame.show_page("review")
    camera.take("review-quarantined")


def registers(camera: Camera) -> None:
    """Photograph the pages that are no step of an order, each as somebody sees it whose work it is."""
    frame = camera.frame
    for login, key in (
        ("p.owner", "recipes"),
        ("q.quality", "inks"),
        ("q.quality", "records"),
        ("p.owner", "administration"),
    ):
        camera.enter(login)
        frame.show_page(key)
        frame.rail.chosen.emit(key)
        camera.settle()
        if key == "records":
            frame.records.verify.click()
            camera.settle()
        camera.take(key)


def main() -> int:
    """Render every page in the languages named, in English without a name."""
    application = QApplication([])
    tabular(application)
    printcare.app.SPEED = SPEED
    for language in sys.argv[1:] or ("en",):
        with tempfile.TemporaryDirectory() as folder:
            camera = Camera(application, Path(folder), language)
            for scene in (up_to_plan, up_to_review, to_documents, an_alarm, registers):
                scene(camera)
            camera.frame.close()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    import conftest  # the whole suite's: signing costs nothing there

    with pytest.MonkeyPatch.context() as patch:
        conftest._costs_nothing(patch)
        sys.exit(main())
