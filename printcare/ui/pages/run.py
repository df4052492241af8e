"""The run: tray, masses, pressure and readings as they are, with Hold and Stop always in reach."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QProgressBar, QVBoxLayout, QWidget

from printcare.domain.batch import UnitState
from printcare.ui.figures import clock_words, figure
from printcare.ui.pages.page import Page
from printcare.ui.run_state import RunAlarm, RunState
from printcare.ui.widgets.alarm_banner import AlarmBanner
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, rule
from printcare.ui.widgets.label import label
from printcare.ui.widgets.mass_plot import MassPlot, MassPoint
from printcare.ui.widgets.notice import Notice, alarm_notice
from printcare.ui.widgets.pressure_plot import PressurePlot
from printcare.ui.widgets.reading import Reading
from printcare.ui.widgets.tray import TrayView
from printcare.ui.words import tr

JUDGED = (UnitState.ACCEPTED.value, UnitState.REJECTED.value)
OVER = ("NORMAL", "LATCH_ACK")  # alarm states in which nobody has to answer any more


class RunPage(Page):
    """Draws a RunState; asks for hold, resume and stop and decides nothing."""

    hold_asked = Signal()
    placed_asked = Signal(int)  # the unit a person put on the balance, or took off
    resume_asked = Signal()
    stop_asked = Signal()
    review_asked = Signal()
    acknowledge_asked = Signal(object, str)  # alarm, reason
    shelve_asked = Signal(object, str)

    def __init__(self) -> None:
        super().__init__("run", tr("Run"))
        self.title.setText(tr("No job is running"))
        self.subtitle.setText(tr("A job starts when the preparation is signed."))
        self._run: RunState | None = None
        self._alarms_shown = 0
        self._refusals_shown = 0
        self._banners: dict[int, AlarmBanner] = {}
        self._ended_shown = False
        self._is_locked, self._is_signed_in = False, False
        self._attachment: Notice | None = None
        self._build_head()
        self.progress = QProgressBar()
        self.progress.setObjectName("run-progress")
        self.progress.setAccessibleName(tr("Progress of the batch"))
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.body.addWidget(self.progress)
        self._build_plots()
        self._build_context()
        self.setEnabled(True)
        self._show_buttons()

    # ---- what it shows

    def first(self) -> QWidget | None:
        """Return the way to the review of a run that is over; while it goes on, no key presses anything by chance."""
        return self.review if self._run is not None and self._run.is_over else None

    def begin(self, run: RunState) -> None:
        """Show a run from its beginning."""
        self._run, self._alarms_shown, self._ended_shown = run, 0, False
        self._refusals_shown = 0
        self._forget_banners()
        self.forget_notices()
        clear(self._alarms)
        plan = run.plan
        self._show_mass_plots(run)
        self.ink.setText(tr("Lot {} · cartridge {}").format(plan.lot, plan.cartridge))
        self.show_run()

    def show_run(self) -> None:
        """Draw the state as it is now."""
        run = self._run
        if run is None:
            return
        self._show_head(run)
        self.tray.show_units(run.units, run.plan.rows, run.plan.columns)
        for part, plot in enumerate((self.masses, *self._further_masses), start=1):
            plot.show_points(_points(run, part))
        self.pressure.show_run(run)
        self._show_readings(run)
        self._show_facts(run)
        self._show_alarms(run)
        self._show_buttons()

    def show_locked(self, is_locked: bool) -> None:
        """Take no answer and no resumption while the window is locked; hold and stop only make safe and stay."""
        self._is_locked = is_locked
        self.review.setEnabled(not is_locked)
        if self._run is not None:
            self._show_alarms(self._run)
        self._show_buttons()

    def show_signed_in(self, is_signed_in: bool) -> None:
        """Say that nothing but hold and stop goes out before somebody has signed in."""
        self._is_signed_in = is_signed_in
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
        self.hold = button(tr("❙❙ Hold"), "hold", told=tr("Hold after the running unit"))
        self.resume = button(tr("▶ Go on"), "resume", "primary", tr("Go on printing"))
        self.stop = button(tr("■ Stop   Esc Esc"), "stop", "stop", tr("Stop the job now"))
        self.review = button(tr("Review the batch →"), "to-review", "primary")
        self.placed = button("", "placed", "primary", tr("It is done, at the balance"))
        self.placed.clicked.connect(self._on_placed)
        self.hold.clicked.connect(self.hold_asked)
        self.resume.clicked.connect(self.resume_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.review.clicked.connect(self.review_asked)
        for made in (self.placed, self.hold, self.resume, self.stop, self.review):
            self.head.addWidget(made)

    def _build_plots(self) -> None:
        cards = []
        self.tray, self.masses, self.pressure = TrayView(), MassPlot(), PressurePlot()
        for caption, name, chart in (
            (tr("Tray"), "card-run-tray", self.tray),
            (tr("Unit mass · mg"), "card-run-mass", self.masses),
        ):
            card = Card(caption, name)
            card.body.addWidget(chart, 1)
            cards.append(card)
            self._mass_card = card
        self.body.addWidget(Beside(cards), 3)
        self._pressure_card = Card(
            tr("Extrusion pressure · kPa"),
            "card-run-pressure",
            tr("— measured, band = reference ± recipe window"),
        )
        self._pressure_card.body.addWidget(self.pressure, 1)
        self._further_masses: list[MassPlot] = []
        self.body.addWidget(self._pressure_card, 3)

    def _build_context(self) -> None:
        self.context_body.addWidget(label(tr("NOW"), "caption"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        self.kpa = Reading("pressure", tr("Pressure"), "kPa")
        self.celsius = Reading("temperature", tr("Cartridge"), "°C")
        self.mass = Reading("mass", tr("Last unit"), "mg")
        self.left = Reading("units", tr("Accepted"), "")
        for place, made in enumerate((self.kpa, self.celsius, self.mass, self.left)):
            grid.addWidget(made, place // 2, place % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.context_body.addLayout(grid)
        self.context_body.addWidget(rule())
        self.context_body.addWidget(label(tr("ALARMS"), "caption"))
        self.no_alarm = label(tr("✓ none"), state="accepted", name="no-alarm")
        self.context_body.addWidget(self.no_alarm)
        self._alarms = QVBoxLayout()
        self._alarms.setSpacing(8)
        self.context_body.addLayout(self._alarms)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(4)
        self.context_body.addLayout(self._facts)
        self._facts_shown: dict[str, str] = {}
        self.context_body.addWidget(label(tr("INK"), "caption"))
        self.ink = label("–", name="run-ink", wraps=True)
        self.context_body.addWidget(self.ink)
        self.context_body.addStretch(1)
        told = tr("Everything on this page is in the record before it is shown here.")
        self.context_body.addWidget(label(told, "small", wraps=True))

    # ---- drawing, one function a part

    def _show_head(self, run: RunState) -> None:
        accepted, rejected = run.count(UnitState.ACCEPTED), run.count(UnitState.REJECTED)
        total = len(run.units)
        counts = tr("{} accepted, {} rejected").format(accepted, rejected)
        self.progress.setValue(round(run.done * 1000) if run.unit or run.is_over else 0)
        if run.is_over:
            words = {"completed": tr("Printed"), "stopped": tr("Stopped"), "failed": tr("Failed")}
            self.title.setText(f"{words.get(run.outcome, run.outcome)} · {counts}")
            self.subtitle.setText(f"{run.reason} · {run.safe}" if run.safe else run.reason)
            return
        if run.held is not None:
            self.title.setText(tr("Held before unit {} of {}").format(min(run.unit + 1, total), total))
            self.subtitle.setText(f"{run.held} · {counts}" if run.held else counts)
            return
        if run.placing is not None:
            index, position, what = run.placing
            is_to_place = what == "place"
            asks = (
                tr("Put unit {} from {} on the balance")
                if is_to_place
                else tr("Take unit {} off the balance, back to {}")
            )
            self.title.setText(asks.format(index, position))
            self.placed.setText(tr("✓ It lies on the balance") if is_to_place else tr("✓ It is off the balance"))
        elif run.unit:
            self.title.setText(tr("Printing unit {} of {}").format(run.unit, total))
        else:
            self.title.setText(tr("Getting ready: {}").format(run.phase or tr("starting")))
        left = tr("{} left").format(clock_words(run.left_s)) if run.left_s else ""
        self.subtitle.setText(" · ".join(part for part in (left, counts) if part))

    def _show_readings(self, run: RunState) -> None:
        plan = run.plan
        reference = run.reference_kpa or plan.predicted_kpa
        told = tr("reference {}").format(figure(reference, 1, fixed=True))
        self.kpa.show_value(figure(run.pressure_kpa, 1, fixed=True), told)
        self.celsius.show_value(figure(run.temperature_c, 1, fixed=True), *self._heat_note(run))
        weighed = [unit for unit in run.units if unit.mass_mg is not None]
        if weighed:
            last = weighed[-1]
            target = tr("target {}").format(figure(plan.target_mg, 1))
            title = tr("Unit {}").format(last.index)
            self.mass.show_value(figure(last.mass_mg, 1, fixed=True), target, title=title)
        rejected = run.count(UnitState.REJECTED)
        note = tr("✕ {} rejected").format(rejected) if rejected else tr("of {}").format(len(run.units))
        self.left.show_value(str(run.count(UnitState.ACCEPTED)), note, "rejected" if rejected else "")

    def _heat_note(self, run: RunState) -> tuple[str, str]:
        low, high = run.plan.cartridge_c
        told = f"{figure(low, 0)}–{figure(high, 0, '°C')}"
        if run.temperature_c is None:
            return told, ""
        return (f"✓ {told}", "accepted") if low <= run.temperature_c <= high else (f"▲ {told}", "attention")

    def _show_mass_plots(self, run: RunState) -> None:
        """Give every drug of a unit a plot of its own: masses of two drugs have nothing in common."""
        for plot in self._further_masses:
            plot.setParent(None)
            plot.deleteLater()
        self._further_masses = []
        plan, count = run.plan, len(run.plan.positions)
        self.masses.show_limits(plan.target_mg, plan.low_mg, plan.high_mg, count)
        for number, part in enumerate(plan.further, start=2):
            plot = MassPlot()
            plot.setObjectName(f"mass-plot-{number}")
            plot.setAccessibleName(tr("Mass of {} between its limits").format(part.product))
            plot.show_theme(self.masses.theme)
            plot.show_limits(part.target_mg, part.low_mg, part.high_mg, count)
            self._mass_card.body.addWidget(plot, 1)
            self._further_masses.append(plot)

    def _show_facts(self, run: RunState) -> None:
        """Show what was corrected, predicted and summed, small: nobody has to act on it."""
        if run.facts == self._facts_shown:
            return
        self._facts_shown = dict(run.facts)
        clear(self._facts)
        for name, told in run.facts.items():
            self._facts.addWidget(label(name.upper(), "caption"))
            self._facts.addWidget(label(told, "small", name=f"run-fact-{name}", wraps=True))

    def _show_alarms(self, run: RunState) -> None:
        self.no_alarm.setVisible(not run.alarms)
        for alarm in run.alarms[self._alarms_shown :]:
            self._alarms.insertWidget(0, alarm_notice(alarm))
            if alarm.priority == 1 or alarm.may_acknowledge or alarm.may_shelve:
                self._raise_banner(alarm)
        self._alarms_shown = len(run.alarms)
        for number, banner in list(self._banners.items()):
            alarm = run.alarms[number - 1]
            banner.show_alarm(alarm, is_locked=self._is_locked)
            if alarm.state in OVER and not run.is_over:
                self._forget_banner(number)
        for told in run.refusals[self._refusals_shown :]:
            self.tell(Notice("attention", tr("The job did not follow a command"), told, can_dismiss=True))
        self._refusals_shown = len(run.refusals)
        if run.is_over and not self._ended_shown:
            self._ended_shown = True
            self.forget_attachment()
            self._banners.clear()
            self.forget_notices()  # the alarms stay in the panel on the right
            self.tell(self._ending(run))
            self._show_buttons()
            if self.isVisible() and not self._is_locked:
                self.review.setFocus()

    def _raise_banner(self, alarm: RunAlarm) -> None:
        """Show an alarm above the page, in place of an earlier one of the same number: the job has one answer."""
        earlier = [number for number, banner in self._banners.items() if banner.alarm_id == alarm.id]
        typed = [self._banners[number].reason.text() for number in earlier]
        for number in earlier:
            self._forget_banner(number)
        banner = AlarmBanner(alarm)
        banner.reason.setText(typed[0] if typed else "")
        banner.acknowledged.connect(self.acknowledge_asked)
        banner.shelved.connect(self.shelve_asked)
        self._banners[alarm.number] = banner
        self.tell(banner)

    def _forget_banner(self, number: int) -> None:
        banner = self._banners.pop(number)
        self.notices.removeWidget(banner)
        banner.hide()
        banner.deleteLater()

    def _forget_banners(self) -> None:
        for number in list(self._banners):
            self._forget_banner(number)

    def _ending(self, run: RunState) -> Notice:
        if run.outcome == "completed":
            told = tr("Every unit was printed, weighed and judged.")
            return Notice("accepted", tr("The batch is printed"), told, tr("What to do: review it."))
        told = tr("The batch stands in quarantine; nothing is printed twice.")
        remedy = tr("What to do: remove the tray only when the nozzle is cold, then review the batch.")
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
        self.resume.setEnabled(not self._is_locked and self._is_signed_in)
        self.stop.setEnabled(runs)
        self.review.setVisible(is_over)
        self.placed.setVisible(run is not None and run.placing is not None)
        self.placed.setEnabled(not self._is_locked and self._is_signed_in)

    @Slot()
    def _on_placed(self) -> None:
        if self._run is not None and self._run.placing is not None:
            self.placed_asked.emit(self._run.placing[0])


def _points(run: RunState, part: int) -> list[MassPoint]:
    """Return the judged masses of one drug."""
    points = []
    for unit in run.units:
        mass_mg = unit.masses_mg.get(part, unit.mass_mg if part == 1 else None)
        state = unit.part_states.get(part, unit.state)
        if mass_mg is not None and state in JUDGED:
            points.append(MassPoint(unit.index, mass_mg, state))
    return points
