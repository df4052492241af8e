"""The plan: what will be made, from which ink, where on the tray, by which checked program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QTableWidget, QVBoxLayout, QWidget

from printcare.ui.models import PlanChoice, PlanView
from printcare.ui.pages.page import Page
from printcare.ui.run_state import RunState
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, fact_grid
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import objection_notice
from printcare.ui.widgets.tray import TrayView
from printcare.ui.widgets.whole_table import WholeTable
from printcare.ui.words import tr

if TYPE_CHECKING:
    from printcare.gcode.preview import UnitView
    from printcare.ui.widgets.toolpath_card import ToolpathCard


class PlanPage(Page):
    """A planned batch; nothing on it can be changed in locked mode."""

    prepare_asked = Signal()
    plan_asked = Signal(object)  # PlanChoice
    cancel_asked = Signal()

    def __init__(self) -> None:
        super().__init__("plan", tr("Plan"))
        self.title.setText(tr("Plan"))
        self.subtitle.setText(tr("The plan stands here when two people have verified the dose."))
        self.tray = TrayView()
        self.toolpath: ToolpathCard | None = None
        self._content = QVBoxLayout()
        self._content.setSpacing(16)
        self.body.addLayout(self._content)
        self.body.addStretch(1)
        self._panel = QVBoxLayout()
        self._panel.setSpacing(12)
        self.context_body.addLayout(self._panel)
        self.context_body.addStretch(1)
        self.footer.addStretch(1)
        self.cancel = button(tr("Cancel this batch …"), "plan-cancel")
        self.cancel.clicked.connect(self.cancel_asked)
        self.footer.addWidget(self.cancel)
        self._goes = button(tr("Prepare →"), "plan-prepare", "primary")
        self._goes.clicked.connect(self.prepare_asked)
        self.footer.addWidget(self._goes)

    def first(self) -> QWidget | None:
        """Return the way on."""
        return self._goes

    def show_choices(self, order_id: str, choices: tuple[PlanChoice, ...]) -> None:
        """Offer what a batch of a verified order may be planned of."""
        self.title.setText(tr("Order {}").format(order_id))
        self.subtitle.setText(tr("The dose is verified; say what this batch is made for."))
        clear(self._content)
        clear(self._panel)
        self.toolpath = None
        self.cancel.hide()
        card = Card(tr("Plan a batch"), "card-choices")
        for number, choice in enumerate(choices, start=1):
            made = button(choice.words, f"plan-choice-{number}", "primary")
            made.clicked.connect(lambda _, asked=choice: self.plan_asked.emit(asked))
            card.body.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        self._content.addWidget(card)
        self._goes.setEnabled(False)

    def show_plan(self, plan: PlanView) -> None:
        """Show a planned batch."""
        self._goes.setEnabled(True)
        self.title.setText(plan.headline)
        self.subtitle.setText(tr("Batch {} · {}").format(plan.run.batch_id, plan.uses))
        clear(self._content)
        cards = []
        for caption, name, facts in (
            (tr("Units"), "card-units", plan.units),
            (tr("Recipe"), "card-recipe", plan.recipe),
        ):
            card = Card(caption, name)
            card.body.addWidget(fact_grid(facts, 2))
            card.body.addStretch(1)
            cards.append(card)
        self._content.addWidget(Beside(cards))
        tray = Card(tr("Tray layout"), "card-tray", tr("one unit a place"))
        self.tray = TrayView()
        self.tray.show_units(RunState(plan.run).units, plan.run.rows, plan.run.columns)
        tray.body.addWidget(self.tray)
        card = Card(tr("Process parameters"), "card-parameters", tr("from the approved recipe"))
        card.body.addWidget(_table(plan, (tr("Parameter"), tr("Target"), tr("Normal"))))
        self._content.addWidget(Beside((tray, card), (5, 7)))
        from printcare.ui.widgets.toolpath_card import ToolpathCard  # numpy and the reader, not before they are needed

        self.toolpath = ToolpathCard()
        self._content.addWidget(self.toolpath)
        self._show_panel(plan)
        self.cancel.show()
        self.show_footer()

    def show_toolpath(self, units: tuple[UnitView, ...], positions: tuple[str, ...]) -> None:
        """Show what the program lays down, as it was read back."""
        if self.toolpath is not None:
            self.toolpath.show_units(units, positions)

    def _show_panel(self, plan: PlanView) -> None:
        clear(self._panel)
        self._panel.addWidget(label(tr("INK"), "caption"))
        self._panel.addWidget(fact_grid(plan.materials, 1))
        bar = QProgressBar()
        bar.setObjectName("ink-needed")
        bar.setAccessibleName(tr("Ink needed of what the cartridge holds"))
        bar.setRange(0, 1000)
        bar.setValue(round(plan.ink_share * 1000))
        bar.setTextVisible(False)
        self._panel.addWidget(bar)
        self._panel.addWidget(label(tr("CHECKS"), "caption"))
        for finding in plan.findings:
            self._panel.addWidget(objection_notice(finding))
        told = (
            tr("Lot and cartridge fit the recipe"),
            tr("Dose inside the validated range"),
            tr("Balance can judge the mass gate"),
            tr("Program read back and checked"),
        )
        for line in told:
            self._panel.addWidget(label(f"✓ {line}", state="accepted", wraps=True))


def _table(plan: PlanView, heads: tuple[str, ...]) -> QTableWidget:
    rows = [(name, target, normal) for name, target, normal, _ in plan.parameters]
    table = WholeTable("parameters", tr("Process parameters"), heads, rows)
    table.setAlternatingRowColors(False)
    table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    for row, (*_, proven) in enumerate(plan.parameters):
        for column in range(len(heads)):
            shown = table.item(row, column)
            if shown is not None:
                shown.setToolTip(tr("proven acceptable range {}").format(proven))
    return table
