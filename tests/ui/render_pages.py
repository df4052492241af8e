"""Render every page of the window to docs/pictures, from one rehearsed batch a language; run by hand."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from hands import ORDER
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea
from test_several_doses import IN_STEPS
from virtual_job import VirtualJob

from printcare.app import RECORD, Workstation
from printcare.control.alarm_table import ALARMS
from printcare.domain.policy import REHEARSAL
from printcare.errors import PrintcareError
from printcare.formats.recipe import load_recipe
from printcare.ui.conductor import Conductor
from printcare.ui.figures import local
from printcare.ui.frame import Frame, tabular
from printcare.ui.messages import said
from printcare.ui.models import Fact, Interruption, Objection
from printcare.ui.run_state import RunState
from printcare.ui.tokens import THEMES
from printcare.ui.words import LANGUAGES, speak, tr
from printcare.workflow.quality.complaints import Kind, Report, record_report
from printcare.workflow.quality.deviations import open_capa, open_deviation, propose_change
from printcare.workflow.record.backup import make_backup
from printcare.workflow.record.retention import place_hold
from printcare.workflow.study.experiments import (
    Measured,
    Response,
    Study,
    design_experiment,
    enter_result,
    factor_of,
    settings_of,
)
from printcare.workstation.opening import open_record

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE_S = 300.0
COLOURS = 128  # a window has few; the files stay small
RECIPE_SHOWN = "recipe|cyclophosphamide-sse/1"
UNIT = 7  # during which the run is photographed
TYPED = ("16.0", "102", "17")  # weight, height, dose


class Camera:
    """A window driven through the whole job, photographed at each page."""

    def __init__(self, application: QApplication, folder: Path, language: str) -> None:
        speak(language)
        self.application, self.folder, self.language = application, folder, language
        facts = (
            Fact(tr("Version"), "0.1.0"),
            Fact(tr("Workstation"), "pharmacy-1"),
            Fact(tr("Language"), LANGUAGES[language]),
            Fact(tr("Records and documents"), tr("in this user's data folder")),
        )
        self.frame = Frame(REHEARSAL, facts, lambda: datetime(2026, 11, 23, 14, 32), THEMES["light"])
        station = Workstation(folder)
        # The job prints on virtual time in a thread: no machine is too busy for a true picture.
        self.job = VirtualJob(
            lambda: open_record(f"sqlite:///{station._current() / RECORD}", REHEARSAL)[0], folder / "job.sock"
        )
        station.start_job = self.job.start
        self.conductor = Conductor(self.frame, station)
        self.conductor.look_around()
        self.frame.show()
        self.told: list[tuple[str, dict]] = []  # every event of the job, as the run page got it
        heard = RunState.apply

        def apply(run: RunState, name: str, told: dict) -> None:
            if run is self.conductor.lead.run:
                self.told.append((name, told))
            heard(run, name, told)

        self.hear = pytest.MonkeyPatch()
        self.hear.setattr(RunState, "apply", apply)

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Run the window until something is so."""
        until = time.monotonic() + PATIENCE_S
        while not done():
            self.application.processEvents()
            time.sleep(0.005)
            if time.monotonic() > until:
                raise SystemExit(f"waited in vain for {what}; page says: {self.frame.current.title.text()}")

    def take(self, name: str) -> None:
        """Save the window in the themes of its language."""
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

    def at(self, unit: int, further: int = 60) -> RunState:
        """Return the run as it stood in the middle of a unit."""
        run = RunState(self.conductor.lead.run.plan)
        began = next(n for n, (name, told) in enumerate(self.told) if name == "UnitBegan" and told["index"] == unit)
        ends = next(n for n, (name, _) in enumerate(self.told[began:], start=began) if name == "UnitEnded")
        for name, told in self.told[: min(began + further, (began + ends) // 2)]:
            run.apply(name, told)
        return run

    def close(self) -> None:
        """Let go of everything."""
        self.job.join()
        self.hear.undo()
        self.frame.close()

    def _save(self, widget, name: str, theme: str) -> None:
        folder = PICTURES if self.language == "en" else PICTURES / self.language
        folder.mkdir(parents=True, exist_ok=True)
        taken = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = bytes(taken.constBits())
        picture = Image.frombytes("RGB", (taken.width(), taken.height()), rows, "raw", "RGB", taken.bytesPerLine())
        _in_few_colours(picture).save(folder / f"{name}-{theme}.png", optimize=True)


def _in_few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture in its most frequent colours, each exactly: a ground keeps the colour of its token."""
    channels = np.asarray(picture).astype(np.int64)
    packed = channels @ (1 << 16, 1 << 8, 1)
    found, which, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack((found >> 16, found >> 8 & 255, found & 255), axis=1)
    kept = colours[np.argsort(-counts)[:COLOURS]]
    nearest = np.abs(colours[:, None] - kept[None]).sum(axis=2).argmin(axis=1)
    few = Image.fromarray(nearest[which].reshape(packed.shape).astype(np.uint8)).convert("P")
    few.putpalette(kept.astype(np.uint8).tobytes())
    return few


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
    page = frame.prescription
    for field, typed in zip((page.weight, page.height_cm, *page.doses), ("61.0", *TYPED[1:]), strict=True):
        field.line.setText(typed)
        field.line.textEdited.emit(typed)
    frame.prescription.confirm.click()
    camera.wait(lambda: not camera.conductor.worker.is_busy, "the comparison")
    camera.take("second-person")
    page.weight.line.setText(TYPED[0])
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
    camera.wait(lambda: run.is_over, "the end of the job")
    camera.wait(lambda: frame.run.review.isVisible(), "the way to the review")
    camera.take("run-ended")
    frame.run.begin(camera.at(UNIT))
    camera.take("run")
    frame.lock.click()
    camera.take("run-locked")
    frame.strip.unlock_asked.emit(conductor.journey.here.rehearsal_password("a.operator"))
    camera.wait(lambda: not conductor.session.is_locked, "the unlocked window")
    frame.run.begin(run)
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


def several_doses(camera: Camera) -> None:
    """Photograph an order in steps: its sheets, and a second entry with two doses exchanged."""
    here, page = camera.conductor.journey.here, camera.frame.prescription
    today = f"{here.desk.today}"
    measured = {name: IN_STEPS[name] | {"measured_on": today} for name in ("weight", "height")}
    order = IN_STEPS | measured | {"authored_on": today}
    here.desk.receive(here.rehearsal.people["a.operator"], json.dumps(order).encode(), "order.json")
    camera.enter("b.pharmacist")
    camera.frame.worklist.open_asked.emit(order["id"])
    camera.wait(camera.on("prescription"), "the order in steps")
    camera.wait(lambda: page.sheet.shown >= 40, "its sheets")
    camera.take("prescription-steps")
    for field in page.reasons.values():
        field.line.setText("asked the ward" if camera.language == "en" else "demandé au service")
    page.ask_second.click()
    first, second, *rest = (dose["dose_mg"] for step in order["steps"] for dose in step["doses"])
    fields = (page.weight, page.height_cm, *page.doses)
    for field, typed in zip(fields, (*TYPED[:2], second, first, *rest), strict=True):
        field.line.setText(typed)
        field.line.textEdited.emit(typed)
    page.confirm.click()
    camera.settle()
    camera.take("second-person-steps")


def an_alarm(camera: Camera) -> None:
    """Photograph a clogged nozzle: the same run, told another way."""
    frame, kind = camera.frame, ALARMS["A04"]
    run = camera.at(3)
    row = {name: getattr(kind, name) for name in ("id", "title", "cause", "consequence", "action", "priority")}
    run.apply("AlarmRaised", {"trip": {"kind": row, "seen": "171.2 kPa, limit 161.5 kPa"}, "unit": 3})
    run.pressure_kpa = 171.2
    frame.run.begin(run)
    frame.show_page("run")
    camera.take("run-alarm")
    shown = camera.conductor.journey._shown(camera.conductor.journey._work.decision)
    told = local(f"171.2 kPa, {tr('limit')} 161.5 kPa. {said(kind.cause)}")
    alarm = Objection(kind.id, "warning", told, said(kind.action), tr("unit {}").format(3))
    frame.review.show_review(replace(shown, status="quarantined", alarms=(alarm,), may_be=("rejected",)))
    frame.review.exceptions[-1].open_up()
    frame.show_page("review")
    camera.take("review-quarantined")
    interruption = Interruption(
        "the job ended without a word; last recorded unit 3, line 1460",
        tuple(f"{place} {tr(word)}" for place, word in (("A1", "accepted"), ("A2", "accepted"), ("A3", "rejected"))),
        (f"CP-2601-A-07 {tr('quarantined')}",),
        "",
        may_close=True,
    )
    frame.review.show_review(
        replace(shown, status="quarantined", alarms=(), findings=(), may_be=("rejected",), interruption=interruption)
    )
    camera.take("review-interrupted")
    frame.show_fault(
        PrintcareError("RECORD_BUSY", "The record is in use by another station.", "Try it again in a minute.")
    )
    camera.take("error")
    frame.current.forget_notices()


def experiment(camera: Camera) -> str:
    """Put an experiment with measured runs on record, and return its key."""
    here = camera.conductor.journey.here
    scientist, master = here.rehearsal.people["f.scientist"], load_recipe("cyclophosphamide-sse")
    factors = (
        factor_of(master, "print_speed_mm_s", Decimal(10), Decimal(25), Decimal("0.5")),
        factor_of(master, "cartridge_c", *master.parameters.cartridge_c.proven, Decimal("0.1")),
    )
    limits = Response("hardness", "N", Decimal(15), Decimal(28))
    study = Study("EX-0001", tr("Speed and temperature"), Decimal(17), 4, factors, (limits,))
    design_experiment(here.records, scientist, study, master, "central-composite-faced", seed=7, centres=3)
    state = here.records.get("experiment", "EX-0001")
    for run in state["runs"]:
        speed, warm = settings_of(state, run["number"]).values()
        bent = (speed - 17) * (speed - 17) / 14
        value = 22 - bent / 2 + (warm - 38) * 3 + Decimal(run["number"] * 37 % 11 - 5) / 10
        measured = Measured("hardness", value.quantize(Decimal("0.1")), method="TA-04", analyst="Femi Scientist")
        enter_result(here.records, scientist, "EX-0001", run["number"], measured, b"raw")
    return "experiment|EX-0001"


# What people typed, in their language.
TYPED_BY_QUALITY = {
    "en": ("The door of the room stood open for two minutes while unit 5 was printed.", "Fit a door closer.",
           "Head of the pharmacy", "Another supplier of nozzles, same part number.", "None found.",
           "A unit was broken in its container.", "ward 4", "The complaint about it is not settled."),
    "fr": ("La porte de la salle est restée ouverte deux minutes pendant l’impression de l’unité 5.",
           "Poser un ferme-porte.", "Chef de la pharmacie", "Autre fournisseur de buses, même référence.",
           "Aucun impact trouvé.", "Une unité était cassée dans son récipient.", "service 4",
           "La réclamation à son sujet n’est pas réglée."),
}  # fmt: skip


def busy(camera: Camera) -> None:
    """Give the pages of quality something to show: a deviation with its action, a change, a report, a hold, a copy."""
    here = camera.conductor.journey.here
    people, (batch_id, *_) = here.rehearsal.people, here.records.all("batch")
    door, closer, head, nozzles, none, broken, ward, why = TYPED_BY_QUALITY[camera.language]
    quality = people["q.quality"]
    deviation = open_deviation(here.records, quality, batch_id, door)
    open_capa(here.records, quality, deviation, closer, head, "2026-12-31")
    propose_change(here.records, people["p.owner"], nozzles, none, "oq")
    record_report(here.records, quality, Report(batch_id, Kind.COMPLAINT, broken, ward, (2,)))
    place_hold(here.records, quality, f"batch/{batch_id}", why)
    make_backup(here.records, people["admin"], camera.folder / "backup.sqlite")


# Who opens which page, which entry of it (none: the first), and the picture's name.
SHOWN = (
    ("p.owner", "recipes", RECIPE_SHOWN, "recipes"),
    ("q.quality", "inks", "", "inks"),
    ("f.scientist", "experiment", "experiment|EX-0001", "experiment"),
    ("f.scientist", "experiment", "design|cyclophosphamide-sse", "experiment-recipe"),
    ("f.scientist", "experiment", "traces|B-0001/01 B-0001/02 B-0001/03@pressure_kpa", "experiment-traces"),
    ("q.quality", "equipment", "", "equipment"),
    ("a.operator", "cleaning", "", "cleaning"),
    ("q.quality", "training", "", "training"),
    ("q.quality", "quality", "", "quality"),
    ("q.quality", "records", "", "records"),
    ("p.owner", "administration", "", "administration"),
    ("admin", "administration", "copies|", "backups"),
    ("admin", "administration", "anchors|", "anchors"),
    ("q.quality", "administration", "holds|", "holds"),
    ("admin", "administration", "account|", "accounts"),
)
# Which form of the page last opened is photographed, by who signed in.
FORMS = (
    ("f.scientist", "experiment", "design|cyclophosphamide-sse", "design", "experiment-design"),
    ("f.scientist", "recipes", RECIPE_SHOWN, "edit", "recipe-editor"),
    ("admin", "administration", "account|", "account.add", "account-form"),
)


def registers(camera: Camera) -> None:
    """Photograph the pages that are no step of an order, each as somebody sees it whose work it is."""
    frame = camera.frame
    experiment(camera)
    busy(camera)
    for login, key, entry, name in SHOWN:
        opened(camera, login, key, entry)
        if key == "records":
            frame.records.verify.click()
            camera.settle()
        camera.take(name)
        if name == "experiment":
            bar = frame.experiment.findChild(QScrollArea, "scroll-experiment").verticalScrollBar()
            bar.setValue(bar.maximum())
            camera.take("experiment-runs")
            bar.setValue(0)
    for login, key, entry, verb, name in FORMS:
        page = opened(camera, login, key, entry)
        button = page.context.findChild(QAbstractButton, f"deed-{verb}")
        button.click()
        camera.application.processEvents()
        camera.take(name)


def opened(camera: Camera, login: str, key: str, entry: str):
    """Sign in, open a page and one entry of it."""
    frame = camera.frame
    camera.enter(login)
    page = frame.pages[key]
    frame.show_page(key)
    frame.rail.chosen.emit(key)
    camera.settle()
    if entry:
        page.entry_key = entry
        page.opened.emit(entry)
        for place in range(page.list.count()):
            if page.list.item(place).data(Qt.ItemDataRole.UserRole) == entry:
                page.list.setCurrentRow(place)
    camera.settle()
    return page


def main() -> int:
    """Render every page in the languages named, in English without a name."""
    application = QApplication([])
    tabular(application)
    for language in sys.argv[1:] or ("en",):
        with tempfile.TemporaryDirectory() as folder:
            camera = Camera(application, Path(folder), language)
            for scene in (up_to_plan, up_to_review, to_documents, an_alarm, several_doses, registers):
                scene(camera)
            camera.close()
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    import conftest  # the whole suite's: signing costs nothing there

    with pytest.MonkeyPatch.context() as patch:
        conftest._costs_nothing(patch)
        sys.exit(main())
