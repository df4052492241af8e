"""The run: tray, masses, pressure and readings as they are, with Hold and Stop always in reach."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout

from printcare.domain.batch import UnitState
from printcare.ui.figures import clock_words, figure
from printcare.ui.pages.page import Page
from printcare.ui.run_state import RunState
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, rule
from printcare.ui.widgets.label import label
from printcare.ui.widgets.mass_plot import MassPlot, MassPoint
from printcare.ui.widgets.notice import Notice, alarm_notice
from printcare.ui.widgets.pressure_plot import PressurePlot
from printcare.ui.widgets.reading import Reading
from printcare.ui.widgets.tray import TrayView

JUDGED = (UnitState.ACCEPTED.value, UnitState.REJECTED.value)


class RunPage(Page):
    """Draws a RunState; asks for hold, resume and stop and decides nothing."""

    hold_asked = Signal()
    resume_asked = Signal()
    stop_asked = Signal()
    review_asked = Signal()

    def __init__(self) -> None:
        super().__init__("run", "Run")
        self.title.setText(self.tr("No job is running"))
        self.subtitle.setText(self.tr("A job starts when the preparation is signed."))
        self._run: RunState | None = None
        self._alarms_shown = 0
        self._ended_shown = False
        self._attachment: Notice | None = None
        self._build_head()
        self.progress = QProgressBar()
        self.progress.setObjectName("run-progress")
        self.progress.setAccessibleName(self.tr("Progress of the batch"))
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.body.addWidget(self.progress)
        self._build_plots()
        self._build_context()
        self.setEnabled(True)
        self._show_buttons()

    # ---- what it shows

    def begin(self, run: RunState) -> None:
        """Show a run from its beginning."""
        self._run, self._alarms_shown, self._ended_shown = run, 0, False
        self.forget_notices()
        clear(self._alarms)
        plan = run.plan
        self.masses.show_limits(plan.target_mg, plan.low_mg, plan.high_mg, len(plan.positions))
        self.ink.setText(self.tr("Lot {} · cartridge {}").format(plan.lot, plan.cartridge))
        self.show_run()

    def show_run(self) -> None:
        """Draw the state as it is now."""
        run = self._run
        if run is None:
            return
        self._show_head(run)
        self.tray.show_units(run.units, run.plan.rows, run.plan.columns)
        self.masses.show_points(
            [MassPoint(u.index, u.mass_mg, u.state) for u in run.units if u.mass_mg is not None and u.state in JUDGED]
        )
        self.pressure.show_run(run)
        self._show_readings(run)
        self._show_alarms(run)
        self._show_buttons()

    def show_attachment(self, state: str, title: str, told: str) -> None:
        """Show how the window stands to the job: re-attached, lost, asking for a second Esc."""
        self.forget_attachment()
        self._attachment = Notice(state, title, told)
        self._attachment.setObjectName("attachment")
        self.notices.insertWidget(0, self._attachment)

    def forget_attachment(self) -> None:
        """Take that banner away."""
        if self._attachment is not None:
            self.notices.removeWidget(self._attachment)
            self._attachment.hide()
            self._attachment.deleteLater()
            self._attachment = None

    # ---- building

    def _build_head(self) -> None:
        self.hold = button(self.tr("❙❙ Hold"), "hold", told=self.tr("Hold after the running unit"))
        self.resume = button(self.tr("▶ Go on"), "resume", "primary", self.tr("Go on printing"))
        self.stop = button(self.tr("■ Stop   Esc Esc"), "stop", "stop", self.tr("Stop the job now"))
        self.review = button(self.tr("Review the batch →"), "to-review", "primary")
        self.hold.clicked.connect(self.hold_asked)
        self.resume.clicked.connect(self.resume_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.review.clicked.connect(self.review_asked)
        for made in (self.hold, self.resume, self.stop, self.review):
            self.head.addWidget(made)

    def _build_plots(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(16)
        self.tray, self.masses, self.pressure = TrayView(), MassPlot(), PressurePlot()
        for caption, name, chart in (
            (self.tr("Tray"), "card-run-tray", self.tray),
            (self.tr("Unit mass · mg"), "card-run-mass", self.masses),
        ):
            card = Card(caption, name)
            card.body.addWidget(chart, 1)
            row.addWidget(card, 1)
        self.body.addLayout(row, 3)
        self._pressure_card = Card(
            self.tr("Extrusion pressure · kPa"),
            "card-run-pressure",
            self.tr("— measured, band = reference ± recipe window"),
        )
        self._pressure_card.body.addWidget(self.pressure, 1)
        self.body.addWidget(self._pressure_card, 3)

    def _build_context(self) -> None:
        self.context_body.addWidget(label(self.tr("NOW"), "caption"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        self.kpa = Reading("pressure", self.tr("Pressure"), "kPa")
        self.celsius = Reading("temperature", self.tr("Cartridge"), "°C")
        self.mass = Reading("mass", self.tr("Last unit"), "mg")
        self.left = Reading("units", self.tr("Accepted"), "")
        for place, made in enumerate((self.kpa, self.celsius, self.mass, self.left)):
            grid.addWidget(made, place // 2, place % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.context_body.addLayout(grid)
        self.context_body.addWidget(rule())
        self.context_body.addWidget(label(self.tr("ALARMS"), "caption"))
        self.no_alarm = label(self.tr("✓ none"), state="accepted", name="no-alarm")
        self.context_body.addWidget(self.no_alarm)
        self._alarms = QVBoxLayout()
        self._alarms.setSpacing(8)
        self.context_body.addLayout(self._alarms)
        self.context_body.addWidget(label(self.tr("INK"), "caption"))
        self.ink = label("–", name="run-ink", wraps=True)
        self.context_body.addWidget(self.ink)
        self.context_body.addStretch(1)
        told = self.tr("Everything on this page is in the record before it is shown here.")
        self.context_body.addWidget(label(told, "small", wraps=True))

    # ---- drawing, one function a part

    def _show_head(self, run: RunState) -> None:
        accepted, rejected = run.count(UnitState.ACCEPTED), run.count(UnitState.REJECTED)
        total = len(run.units)
        counts = self.tr("{} accepted, {} rejected").format(accepted, rejected)
        self.progress.setValue(round(run.done * 1000) if run.unit or run.is_over else 0)
        if run.is_over:
            words = {"completed": self.tr("Printed"), "stopped": self.tr("Stopped"), "failed": self.tr("Failed")}
            self.title.setText(f"{words.get(run.outcome, run.outcome)} · {counts}")
            self.subtitle.setText(f"{run.reason} · {run.safe}" if run.safe else run.reason)
            return
        if run.held is not None:
            self.title.setText(self.tr("Held before unit {} of {}").format(min(run.unit + 1, total), total))
            self.subtitle.setText(f"{run.held} · {counts}" if run.held else counts)
            return
        if run.unit:
            self.title.setText(self.tr("Printing unit {} of {}").format(run.unit, total))
        else:
            self.title.setText(self.tr("Getting ready: {}").format(run.phase or self.tr("starting")))
        left = self.tr("{} left").format(clock_words(run.left_s)) if run.left_s else ""
        self.subtitle.setText(" · ".join(part for part in (left, counts) if part))

    def _show_readings(self, run: RunState) -> None:
        plan = run.plan
        reference = run.reference_kpa or plan.predicted_kpa
        told = self.tr("reference {}").format(figure(reference, 1, fixed=True))
        self.kpa.show_value(figure(run.pressure_kpa, 1, fixed=True), told)
        self.celsius.show_value(figure(run.temperature_c, 1, fixed=True), *self._heat_note(run))
        weighed = [unit for unit in run.units if unit.mass_mg is not None]
        if weighed:
            last = weighed[-1]
            target = self.tr("target {}").format(figure(plan.target_mg, 1))
            title = self.tr("Unit {}").format(last.index)
            self.mass.show_value(figure(last.mass_mg, 1, fixed=True), target, title=title)
        rejected = run.count(UnitState.REJECTED)
        note = self.tr("✕ {} rejected").format(rejected) if rejected else self.tr("of {}").format(len(run.units))
        self.left.show_value(str(run.count(UnitState.ACCEPTED)), note, "rejected" if rejected else "")

    def _heat_note(self, run: RunState) -> tuple[str, str]:
        low, high = run.plan.cartridge_c
        told = f"{figure(low, 0)}–{figure(high, 0, '°C')}"
        if run.temperature_c is None:
            return told, ""
        return (f"✓ {told}", "accepted") if low <= run.temperature_c <= high else (f"▲ {told}", "attention")

    def _show_alarms(self, run: RunState) -> None:
        self.no_alarm.setVisible(not run.alarms)
        for alarm in run.alarms[self._alarms_shown :]:
            self._alarms.insertWidget(0, alarm_notice(alarm))
            if alarm.priority == 1:
                banner = alarm_notice(alarm)
                banner.setObjectName("alarm-banner")
                self.tell(banner)
        self._alarms_shown = len(run.alarms)
        if run.is_over and not self._ended_shown:
            self._ended_shown = True
            self.forget_attachment()
            self.forget_notices()  # the alarms stay in the panel on the right
            self.tell(self._ending(run))

    def _ending(self, run: RunState) -> Notice:
        if run.outcome == "completed":
            told = self.tr("Every unit was printed, weighed and judged.")
            return Notice("accepted", self.tr("The batch is printed"), told, self.tr("What to do: review it."))
        told = self.tr("The batch stands in quarantine; nothing is printed twice.")
        remedy = self.tr("What to do: remove the tray only when the nozzle is cold, then review the batch.")
        return Notice("rejected", run.reason, told, remedy)

    @Slot()
    def _show_buttons(self) -> None:
        run = self._run
        runs = run is not None and not run.is_over
        is_held = run is not None and run.held is not None
        is_over = run is not None and run.is_over
        self.hold.setVisible(not is_held and not is_over)
        self.hold.setEnabled(runs)
        self.stop.setVisible(not is_over)
        self.resume.setVisible(runs and is_held)
        self.stop.setEnabled(runs)
        self.review.setVisible(is_over)
