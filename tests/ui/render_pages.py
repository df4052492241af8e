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

    def on(self, key: str) -> Callable[[], bool]:
        """Return whether a page is open and nothing is under way."""
        return lambda: self.frame.current.key == key and not self.conductor.worker.is_busy


def up_to_run(camera: Camera, *, pictures: bool) -> None:
    """Lead the window from Start to a running job."""
    frame = camera.frame
    shoot = camera.take if pictures else lambda _: None
    shoot("start")
    frame.start.begin.click()
    camera.wait(camera.on("worklist"), "the worklist")
    shoot("worklist")
    frame.worklist.open_asked.emit()
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
    camera.wait(camera.on("plan"), "the plan")
    shoot("plan")
    frame.plan.prepare_asked.emit()
    for step in frame.prepare.steps[:3]:
        step.click()
    shoot("prepare")
    for step in frame.prepare.steps[3:]:
        step.click()
    frame.prepare.start.click()
    camera.wait(camera.on("run"), "the run")


def whole_job(application: QApplication) -> None:
    """Photograph a batch that ends rehearsed."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Camera(application, Path(folder), ())
        up_to_run(camera, pictures=True)
        frame, conductor = camera.frame, camera.conductor
        camera.wait(lambda: conductor.run is not None and conductor.run.unit >= 7, "unit 7")
        camera.wait(lambda: len(conductor.run.live) > 12, "the middle of a unit")
        camera.take("run")
        camera.wait(lambda: conductor.run.is_over, "the end of the job")
        camera.wait(lambda: frame.run.review.isVisible(), "the way to the review")
        camera.take("run-ended")
        frame.run.review.click()
        camera.wait(camera.on("review"), "the review")
        camera.take("review")
        frame.review.rehearse.click()
        camera.wait(lambda: frame.review.documents.isVisible() and not conductor.worker.is_busy, "the signature")
        frame.review.documents.click()
        camera.wait(camera.on("documents"), "the documents")
        camera.wait(lambda: frame.documents.findChild(QLabel, "preview-page-1") is not None, "the preview")
        frame.documents.subtitle.setText("rehearsals/0001/documents")  # the picture names no machine
        camera.take("documents")
        frame.close()


def an_alarm(application: QApplication) -> None:
    """Photograph a clogged nozzle."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Camera(application, Path(folder), ("clog@unit:3",))
        up_to_run(camera, pictures=False)
        conductor = camera.conductor
        camera.wait(lambda: conductor.run is not None and conductor.run.is_over, "the end of the job")
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
