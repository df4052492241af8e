"""Render every page of the window to docs/pictures, from a real rehearsal on the emulated bench; run by hand."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from hands import ORDER
from PySide6.QtWidgets import QApplication, QLabel

from printcare.app import Workstation
from printcare.domain.policy import REHEARSAL
from printcare.ui.conductor import Conductor
from printcare.ui.frame import Frame, tabular
from printcare.ui.models import Fact
from printcare.ui.tokens import THEMES

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_S = 300.0
TYPED = {"weight": "16.0", "height_cm": "102", "dose": "17"}
FACTS = (
    Fact("Version", "0.1.0"),
    Fact("Workstation", "pharmacy-1"),
    Fact("Mode", "locked, rehearsal"),
    Fact("Printer, balance, pressure sensor", "emulated", "", "started with the job"),
    Fact("Records and documents", "in this user's data folder", "", "one folder for each rehearsal"),
    Fact("Language", "English"),
)


class Camera:
    """A window driven through the whole job, photographed in every theme at each page."""

    def __init__(self, application: QApplication, folder: Path, faults: tuple[str, ...]) -> None:
        self.application = application
        self.frame = Frame(REHEARSAL, FACTS, lambda: datetime(2026, 11, 23, 14, 32), THEMES["light"])
        self.conductor = Conductor(self.frame, Workstation(folder, faults))
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
            self.frame.grab().save(str(PICTURES / f"{name}-{theme.name}.png"))
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

    def sign(self, name: str, *, pictures: bool) -> None:
        """Sign in the dialog with the rehearsal passwords."""
        session = self.conductor.session
        self.wait(lambda: session.dialog is not None, "the signature dialog")
        dialog = session.dialog
        dialog.rehearse.click()
        if pictures:
            for theme in THEMES.values():
                self.frame.show_theme(theme)
                self.application.processEvents()
                dialog.grab().save(str(PICTURES / f"{name}-{theme.name}.png"))
            self.frame.show_theme(THEMES["light"])
        dialog.sign.click()
        self.wait(lambda: session.dialog is not dialog, "the signature")

    def on(self, key: str) -> Callable[[], bool]:
        """Return whether a page is open and nothing is under way."""
        return lambda: self.frame.current.key == key and not self.conductor.worker.is_busy


def up_to_run(camera: Camera, *, pictures: bool) -> None:
    """Lead the window from Start to a running job."""
    frame = camera.frame
    shoot = camera.take if pictures else lambda _: None
    shoot("start")
    frame.start.begin.click()
    camera.wait(camera.on("sign-in"), "the people")
    shoot("sign-in")
    camera.enter("b.pharmacist")
    shoot("worklist")
    frame.worklist.open_asked.emit(ORDER)
    camera.wait(camera.on("prescription"), "the prescription")
    camera.wait(lambda: frame.prescription.sheet.shown >= 19, "the calculation sheet")
    shoot("prescription")
    frame.prescription.ask_second.click()
    for name, typed in (TYPED | {"weight": "61.0"}).items():
        line = getattr(frame.prescription, name).line
        line.setText(typed)
        line.textEdited.emit(typed)
    frame.prescription.confirm.click()
    camera.wait(lambda: not camera.conductor.worker.is_busy, "the comparison")
    shoot("second-person")
    frame.prescription.weight.line.setText(TYPED["weight"])
    frame.prescription.confirm.click()
    camera.sign("signature", pictures=pictures)
    camera.wait(camera.on("plan"), "the plan")
    shoot("plan")
    frame.plan.prepare_asked.emit()
    for step in frame.prepare.steps[:3]:
        step.click()
    shoot("prepare")
    for step in frame.prepare.steps[3:]:
        step.click()
    frame.prepare.start.click()
    camera.sign("signature-prepare", pictures=False)
    camera.wait(camera.on("run"), "the run")


def whole_job(application: QApplication) -> None:
    """Photograph a batch that ends rehearsed."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Camera(application, Path(folder), ())
        up_to_run(camera, pictures=True)
        frame, conductor = camera.frame, camera.conductor
        camera.wait(lambda: conductor.lead.run is not None and conductor.lead.run.unit >= 7, "unit 7")
        camera.wait(lambda: len(conductor.lead.run.live) > 12, "the middle of a unit")
        camera.take("run")
        frame.lock.click()
        camera.take("run-locked")
        frame.strip.unlock_asked.emit(conductor.journey.here.rehearsal_password("a.operator"))
        camera.wait(lambda: not conductor.session.is_locked, "the unlocked window")
        camera.wait(lambda: conductor.lead.run.is_over, "the end of the job")
        camera.wait(lambda: frame.run.review.isVisible(), "the way to the review")
        camera.take("run-ended")
        frame.run.review.click()
        camera.wait(camera.on("finish"), "the finishing")
        frame.finish.steps[0].click()
        camera.take("finish")
        for step in frame.finish.steps[1:]:
            step.click()
        frame.finish.start.click()
        camera.sign("signature-finish", pictures=False)
        camera.wait(camera.on("review"), "the review")
        camera.take("review")
        frame.review.rehearse.click()
        camera.sign("signature-release", pictures=False)
        camera.wait(lambda: frame.review.documents.isVisible() and not conductor.worker.is_busy, "the signature")
        frame.review.documents.click()
        camera.wait(camera.on("documents"), "the documents")
        camera.wait(lambda: frame.documents.findChild(QLabel, "preview-page-1") is not None, "the preview")
        frame.documents.subtitle.setText("rehearsals/0001/documents")  # the picture names no machine
        camera.take("documents")
        registers(camera)
        frame.close()


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


def an_alarm(application: QApplication) -> None:
    """Photograph a clogged nozzle."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Camera(application, Path(folder), ("clog@unit:3",))
        up_to_run(camera, pictures=False)
        conductor = camera.conductor
        camera.wait(lambda: conductor.lead.run is not None and conductor.lead.run.is_over, "the end of the job")
        camera.wait(lambda: camera.frame.run.review.isVisible(), "the way to the review")
        camera.take("run-alarm")
        camera.frame.run.review.click()
        camera.wait(camera.on("review"), "the review")
        camera.take("review-quarantined")
        camera.frame.close()


def main() -> int:
    """Render every page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    tabular(application)
    whole_job(application)
    an_alarm(application)
    return 0


if __name__ == "__main__":
    sys.exit(main())
