"""The window's frame: mode band on top, rail on the left, the page, and the context panel on the right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from printcare.domain.policy import Policy
from printcare.ui.hints import hints_of_the_tutorial
from printcare.ui.models import Fact, objections
from printcare.ui.pages.page import Page
from printcare.ui.pages.start import StartPage
from printcare.ui.tokens import CONTEXT_PX, DARK, DENSITY_OF_MODE, LARGE, LIGHT, Density, Theme, stylesheet
from printcare.ui.widgets.band import Band
from printcare.ui.widgets.lock_strip import LockStrip
from printcare.ui.widgets.notice import fault_notice, objection_notice
from printcare.ui.widgets.rail import Rail
from printcare.ui.words import tr

ESC_WITHIN_MS = 1500
# The way of an order, which everybody sees; of the other pages nobody sees more than their roles open.
ORDER_PAGES = ("prescription", "plan", "prepare", "run", "finish", "review", "documents")
ALWAYS_OFFERED = ("start", "sign-in", "worklist", *ORDER_PAGES)
SIGNS = {
    "start": "⌂",
    "sign-in": "◍",
    "worklist": "☰",
    "prescription": "℞",
    "plan": "▦",
    "prepare": "✓",
    "run": "▶",
    "finish": "⚑",
    "review": "✎",
    "documents": "▤",
    "recipes": "≣",
    "inks": "◉",
    "experiment": "∿",
    "equipment": "⚒",
    "cleaning": "≈",
    "training": "✦",
    "quality": "◇",
    "records": "▥",
    "administration": "⚙",
}


class Frame(QMainWindow):
    """All pages in one window; it shows what it is told and passes on what is asked."""

    closed = Signal()
    escaped_twice = Signal()
    escaped_once = Signal()
    lock_asked = Signal()
    sign_out_asked = Signal()
    page_opened = Signal(str)

    def __init__(
        self,
        policy: Policy,
        facts: tuple[Fact, ...],
        clock: Callable[[], datetime],
        theme: Theme,
        *,
        is_whole: bool = True,
    ) -> None:
        """Stand there whole, or with the first page alone until `complete` is called: it is seen sooner then."""
        super().__init__()
        self.setObjectName("frame")
        self.setWindowTitle("printcare")
        self._clock, self.theme, self.density = clock, theme, LARGE
        self.start = StartPage(facts)
        self.pages: dict[str, Page] = {}
        self._build(policy)
        self._show_theme()
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.ApplicationShortcut)
        self._escape.activated.connect(self._on_escape)
        self._escapes = QTimer(self)
        self._escapes.setSingleShot(True)
        self._escapes.setInterval(ESC_WITHIN_MS)
        self._ticks = QTimer(self)
        self._ticks.setInterval(1000)
        self._ticks.timeout.connect(self._on_tick)
        self._ticks.start()
        self._on_tick()
        self._add(self.start)
        self.show_page("start")
        self.resize(1440, 900)
        self.rail.setEnabled(False)  # it leads nowhere yet
        if is_whole:
            self.complete()

    def complete(self) -> None:
        """Build every other page; each is imported here, and not before the first one is seen."""
        from printcare.ui.pages.cleaning import CleaningPage
        from printcare.ui.pages.documents import DocumentsPage
        from printcare.ui.pages.equipment import EquipmentPage
        from printcare.ui.pages.experiment import ExperimentPage
        from printcare.ui.pages.finish import FinishPage
        from printcare.ui.pages.plan import PlanPage
        from printcare.ui.pages.prepare import PreparePage
        from printcare.ui.pages.prescription import PrescriptionPage
        from printcare.ui.pages.quality import QualityPage
        from printcare.ui.pages.records import RecordsPage
        from printcare.ui.pages.register import AdministrationPage, InksPage, RecipesPage
        from printcare.ui.pages.review import ReviewPage
        from printcare.ui.pages.run import RunPage
        from printcare.ui.pages.sign_in import SignInPage
        from printcare.ui.pages.training import TrainingPage
        from printcare.ui.pages.worklist import WorklistPage

        self.sign_in, self.worklist = SignInPage(), WorklistPage()
        self.prescription, self.plan = PrescriptionPage(), PlanPage()
        self.prepare, self.run = PreparePage(self.time_words), RunPage()
        self.finish, self.review, self.documents = FinishPage(self.time_words), ReviewPage(), DocumentsPage()
        self.recipes, self.inks, self.records = RecipesPage(), InksPage(), RecordsPage()
        self.administration = AdministrationPage()
        self.equipment, self.cleaning = EquipmentPage(), CleaningPage()
        self.training, self.quality, self.experiment = TrainingPage(), QualityPage(), ExperimentPage()
        for page in self._further_pages():
            self._add(page)
            page.show_theme(self.theme)
        self.show_user("")
        self.rail.setEnabled(True)

    def time_words(self) -> str:
        """Return the time of day as the band shows it."""
        return self._clock().strftime("%H:%M")

    @property
    def current(self) -> Page:
        """Return the page that is open."""
        page = self._stack.currentWidget()
        return next(found for found in self.pages.values() if found is page)

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Open a page with its context."""
        self._stack.setCurrentWidget(self.pages[key])
        self._contexts.setCurrentIndex(self._stack.currentIndex())
        self.rail.open_up(key)
        self.rail.show_current(key)
        first = self.pages[key].first()
        (self.rail.buttons[key] if first is None or not first.isEnabled() else first).setFocus()
        self.page_opened.emit(key)

    def show_hints(self, is_rehearsal: bool) -> None:
        """Say on every page what to do there, in a rehearsal alone."""
        hints = hints_of_the_tutorial() if is_rehearsal else {}
        for key, page in self.pages.items():
            page.show_hint(hints.get(key, ""))

    def show_fault(self, fault: BaseException) -> None:
        """Show an error, or each objection of a refusal: the one place where the window does so."""
        from printcare.workflow.authority import Refused  # the record's library: the first page does not wait for it

        if isinstance(fault, Refused):
            for objection in reversed(objections(fault.findings)):
                self.current.tell(objection_notice(objection, can_dismiss=True))
        else:
            self.current.tell(fault_notice(fault))

    def show_policy(self, policy: Policy) -> None:
        """Show the site's mode in the band."""
        self.band.show_mode(policy.mode, policy.band)
        self._show_density(DENSITY_OF_MODE.get(policy.mode, LARGE))
        self.band.show_simulated(not policy.allows_release)

    def show_user(self, name: str) -> None:
        """Show who is signed in, and let them lock or leave."""
        self.band.show_user(name)
        self.prepare.show_who(name)
        self.finish.show_who(name)

    def show_locked(self, is_locked: bool, name: str, *, runs: bool) -> None:
        """Hide every page but a running print behind the strip that asks for the password."""
        if is_locked and runs:
            self.show_page("run")
        self.rail.setEnabled(not is_locked)
        self.run.show_locked(is_locked)
        for hidden in (self._stack, self._panel):
            hidden.setVisible(not is_locked or runs)
        if is_locked:
            self.strip.show_locked(name, runs=runs)
        else:
            self.strip.hide()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of a theme everywhere."""
        self.theme = theme
        self._show_theme()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell that the window goes; a running job does not."""
        self._ticks.stop()
        self._escapes.stop()
        self.closed.emit()
        super().closeEvent(event)

    def _add(self, page: Page) -> None:
        self.pages[page.key] = page
        self._stack.addWidget(page)
        self._contexts.addWidget(_scrolling(page.context))

    def _further_pages(self) -> tuple[Page, ...]:
        return (
            self.sign_in,
            self.worklist,
            self.prescription,
            self.plan,
            self.prepare,
            self.run,
            self.finish,
            self.review,
            self.documents,
            self.recipes,
            self.inks,
            self.experiment,
            self.equipment,
            self.cleaning,
            self.training,
            self.quality,
            self.records,
            self.administration,
        )

    def _words(self) -> dict[str, str]:
        return {
            "start": tr("Start"),
            "sign-in": tr("Sign in"),
            "worklist": tr("Worklist"),
            "prescription": tr("Prescription"),
            "plan": tr("Plan"),
            "prepare": tr("Prepare"),
            "run": tr("Run"),
            "finish": tr("Finish"),
            "review": tr("Release"),
            "documents": tr("Documents"),
            "recipes": tr("Recipes"),
            "inks": tr("Inks"),
            "experiment": tr("Experiment"),
            "equipment": tr("Equipment"),
            "cleaning": tr("Cleaning"),
            "training": tr("Training"),
            "quality": tr("Quality"),
            "records": tr("Records"),
            "administration": tr("Administration"),
        }

    def _build(self, policy: Policy) -> None:
        ground = QWidget()
        ground.setObjectName("ground")
        ground.setProperty("role", "ground")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.band = Band(self.theme)
        self.show_policy(policy)
        column.addWidget(self.band)
        self.strip = LockStrip()
        column.addWidget(self.strip)
        row = QHBoxLayout()
        row.setSpacing(0)
        words = self._words()
        self.rail = Rail([(key, sign, words[key]) for key, sign in SIGNS.items()])
        self.rail.chosen.connect(self.show_page)
        self.lock, self.leave = self.band.lock, self.band.leave
        self.lock.clicked.connect(self.lock_asked)
        self.leave.clicked.connect(self.sign_out_asked)
        self.start.theme_asked.connect(self._on_theme)
        self._stack, self._contexts = QStackedWidget(), QStackedWidget()
        self._stack.setObjectName("pages")
        self._panel = panel = QFrame()
        panel.setObjectName("context")
        panel.setFixedWidth(CONTEXT_PX)
        inner = QVBoxLayout(panel)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._contexts)
        row.addWidget(self.rail)
        row.addWidget(self._stack, 1)
        row.addWidget(panel)
        column.addLayout(row, 1)
        self.setCentralWidget(ground)
        for key in SIGNS:
            self.rail.open_up(key, key in ("start", "worklist"))
            self.rail.offer(key, key in ALWAYS_OFFERED)
        self.band.show_user("")

    def _show_density(self, density: Density) -> None:
        if density is not self.density:
            self.density = density
            self.setStyleSheet(stylesheet(self.theme, density))

    def _show_theme(self) -> None:
        self.setStyleSheet(stylesheet(self.theme, self.density))
        self.band.show_theme(self.theme)
        self.start.light.setText(f"◐ {tr('Light') if self.theme is DARK else tr('Dark')}")
        for page in self.pages.values():
            page.show_theme(self.theme)

    @Slot()
    def _on_theme(self) -> None:
        self.show_theme(LIGHT if self.theme is DARK else DARK)

    @Slot()
    def _on_tick(self) -> None:
        self.band.clock.setText(self.time_words())

    @Slot()
    def _on_escape(self) -> None:
        if self._escapes.isActive():
            self._escapes.stop()
            self.escaped_twice.emit()
        else:
            self._escapes.start()
            self.escaped_once.emit()


def _scrolling(widget: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setObjectName("contextScroll")
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(widget)
    return scroll


def tabular(application: QApplication) -> None:
    """Give every figure the same width, where the system's font can."""
    font = QFont(application.font())
    font.setFeature(QFont.Tag("tnum"), 1)
    application.setFont(font)
