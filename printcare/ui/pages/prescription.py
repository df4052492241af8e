"""The prescription: what was ordered beside the growing calculation sheet, then the second person's blind entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from printcare.domain.checks import Finding
from printcare.domain.typed_number import from_comma_locale
from printcare.ui.drafts import Draft
from printcare.ui.models import DoseAsked, Fact, Objection, OrderView, SecondTyped, objections
from printcare.ui.pages.page import Page
from printcare.ui.spoken_number import spoken
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear, rule
from printcare.ui.widgets.field import EntryField, GivenField
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import objection_notice
from printcare.ui.widgets.sheet import Sheet
from printcare.ui.words import decimal_sign, tr

ORDER, SECOND = 0, 1
REASON_MISSING = "E_ACKNOWLEDGEMENT_MISSING"
SECOND_WEIGHT, SECOND_HEIGHT = "second.weight", "second.height"  # what an objection to them names


class PrescriptionPage(Page):
    """Two sides of one order; on the second side nothing the first person saw is shown."""

    second_opened = Signal(bool)
    entered = Signal(object)  # SecondTyped
    edited = Signal()

    def __init__(self) -> None:
        super().__init__("prescription", tr("Prescription"))
        self.title.setText(tr("Prescription"))
        self.subtitle.setText(tr("Open an order on the worklist."))
        self._order: OrderView | None = None
        self.reasons: dict[str, EntryField] = {}
        self.own: dict[str, EntryField] = {}  # by drug, the first person's dose where the order states no mg
        self._given = QVBoxLayout()
        self._given.setSpacing(16)
        self._first_side = QWidget()
        self._first_side.setLayout(self._given)
        self._given.setContentsMargins(0, 0, 0, 0)
        self._second_side = self._made_second_side()
        self._second_side.hide()
        self.body.addWidget(self._first_side)
        self.body.addWidget(self._second_side)
        self.body.addStretch(1)
        self.sheet = Sheet()
        self._source = QVBoxLayout()
        self._source_panel = QWidget()
        self._source_panel.setObjectName("source-document")
        self._source_panel.setLayout(self._source)
        self._source.setContentsMargins(0, 0, 0, 0)
        self.context_body.addWidget(self.sheet)
        self.context_body.addWidget(self._source_panel)
        self.summary = label("", "strong", name="prescription-summary", wraps=True)
        self.context_body.addWidget(self.summary)
        self.context_body.addStretch(1)
        self._build_footer()
        self._ask_again(())

    @property
    def is_second_side(self) -> bool:
        """Whether the second person's side is open."""
        return not self._second_side.isHidden()

    @property
    def has_order(self) -> bool:
        """Whether an order stands here that is not verified yet."""
        return self._order is not None

    def first(self) -> QWidget | None:
        """Return the second entry where it is open, else the way to it."""
        return self._asked()[0] if self.is_second_side else self.ask_second

    def forget(self) -> None:
        """Let go of the order: it is verified, and the next one is read anew."""
        self._order = None

    def draft(self) -> Draft:
        """Return what both people typed and nobody has signed yet."""
        if self._order is None:
            return {}
        return {name: field.text for name, field in self._named().items() if field.text}

    def take_draft(self, typed: Draft) -> None:
        """Fill in what was typed before a crash or another order."""
        fields = self._named()
        for name, text in typed.items():
            if name in fields:
                fields[name].line.setText(text)
        self._echo()

    def _named(self) -> dict[str, EntryField]:
        """Return every field that can be typed into, by the name its draft is kept under."""
        return {field.name: field for field in (*self._entries(), *self.own.values())} | self.reasons

    def _entries(self) -> tuple[EntryField, ...]:
        return (self.weight, self.height_cm, *self.doses)

    def _asked(self) -> list[EntryField]:
        """Return the fields this order asks for."""
        return [field for field in self._entries() if not field.isHidden()]

    def show_order(self, order: OrderView) -> None:
        """Show an order and let its sheet grow."""
        self._order = order
        self.title.setText(order.product)
        self.subtitle.setText(order.subtitle)
        clear(self._given)
        self._given.addWidget(_fields(tr("Patient"), "card-patient", order.patient))
        self._given.addWidget(_fields(tr("Order"), "card-order", order.order))
        self._ask_own(order.doses)
        self.reasons = {}
        wanted = {objection.where: objection for objection in order.reasons}
        for code in dict.fromkeys(finding.code for finding in order.findings):
            for finding in order.findings:
                if finding.code == code:
                    self._given.addWidget(objection_notice(finding))
            if code in wanted:
                self._ask_reason(wanted.pop(code))
        for objection in wanted.values():  # of the comparison of ordered and recomputed dose
            self._given.addWidget(objection_notice(replace(objection, code=objection.where, severity="warning")))
            self._ask_reason(objection)
        if not (order.findings or order.reasons):
            quiet = tr("✓ Nothing speaks against this calculation. Look at each line before you verify.")
            self._given.addWidget(label(quiet, "", state="accepted", wraps=True, name="no-findings"))
        self._ask_again(order.doses)
        self.weight.setVisible(order.asks_weight)
        self.height_cm.setVisible(order.asks_height)
        self._show_source(order)
        self.summary.setText(order.summary)
        self.sheet.show_lines(order.sheet)
        self.show_side(ORDER)
        self.show_footer()

    def _ask_own(self, doses: tuple[DoseAsked, ...]) -> None:
        """Ask the first person for each dose the order states no mg of; the proposal is told, never filled in."""
        self.own = {}
        for number, asked in enumerate(doses, start=1):
            if asked.proposed:
                title = tr("{}: the order states no mg, the calculation proposes {} mg; enter what is to be printed")
                field = EntryField(f"own-dose-{number}", title.format(asked.name, asked.proposed), "mg")
                field.edited.connect(self._echo)
                field.edited.connect(self.edited)
                self.own[asked.drug] = field
                self._given.addWidget(field)

    def _ask_again(self, doses: tuple[DoseAsked, ...]) -> None:
        """Ask the second person for weight, height and each dose of the order, nothing filled in."""
        clear(self._again)
        self.weight = EntryField("weight", tr("Weight"), "kg")
        self.height_cm = EntryField("height", tr("Height"), "cm")
        names = ("dose", *(f"dose-{number}" for number in range(2, len(doses) + 1)))
        self.doses = [EntryField(name, asked.name, "mg") for name, asked in zip(names, doses, strict=False)]
        body = (self.weight, self.height_cm)
        one_row = len(doses) < 2
        for row in ((*body, *self.doses),) if one_row else (body, self.doses):
            self._again.addWidget(Beside(row, most=0 if one_row else len(body)))  # doses below weight and height
        for field in self._entries():
            self._listen(field)
        for one, after in pairwise((*(field.line for field in self._entries()), self.back)):
            QWidget.setTabOrder(one, after)

    def _listen(self, field: EntryField) -> None:
        field.edited.connect(self._echo)
        field.edited.connect(self.edited)
        field.line.returnPressed.connect(self._next)

    def _ask_reason(self, objection: Objection) -> None:
        """Ask for the reason without which a warning stands in the way."""
        if objection.where in self.reasons:
            return
        field = EntryField(objection.where, tr("Your reason to go on in spite of {}").format(objection.where), "")
        field.line.setAccessibleName(tr("Reason for {}").format(objection.where))
        field.line.setMaxLength(400)
        field.edited.connect(self.edited)
        self.reasons[objection.where] = field
        self._given.addWidget(field)

    def show_side(self, side: int) -> None:
        """Open the order or the second person's side; the latter hides every value of the former."""
        of_order = (self._first_side, self.sheet, self.summary, self.refuse, self.ask_second)
        of_second = (self._second_side, self._source_panel, self.back, self.confirm)
        gone, here = (of_order, of_second) if side == SECOND else (of_second, of_order)
        for widget in gone:  # before the others come: with both there the window would be made wider, and stay so
            widget.hide()
        for widget in here:
            widget.show()
        self.second_opened.emit(side == SECOND)
        if side == SECOND:
            self.go_to(self._asked()[0].line)

    def show_objections(self, objections: Iterable[Objection]) -> None:
        """Show each objection below the field it concerns, and the others above the page."""
        asked = zip((dose.where for dose in self._doses()), self.doses, strict=False)
        fields = dict(asked) | {SECOND_WEIGHT: self.weight, SECOND_HEIGHT: self.height_cm}
        own = {dose.own_where: self.own[dose.drug] for dose in self._doses() if dose.drug in self.own}
        self.forget_notices()
        first: EntryField | None = None
        for objection in objections:
            # Weight and height are typed once, whichever dose of several their objection came with.
            place = next((each for each in (SECOND_WEIGHT, SECOND_HEIGHT) if each in objection.where), objection.where)
            field = next((field for where, field in fields.items() if place.startswith(where)), None)
            if objection.code == REASON_MISSING:
                self._ask_reason(objection)  # of a warning the first person's own dose raised, it was not asked before
            if objection.where in own or objection.where in self.reasons:
                field = own.get(objection.where) or self.reasons[objection.where]
                self.show_side(ORDER)
            if field is None:
                self.tell(objection_notice(objection))
                continue
            field.object_to(f"{objection.reason} {objection.remedy}")
            first = first or field
        if first is not None:
            self.go_to(first.line)

    def _doses(self) -> tuple[DoseAsked, ...]:
        return () if self._order is None else self._order.doses

    def show_busy(self, is_busy: bool) -> None:
        """Allow no second click while the entry is judged."""
        self.confirm.setEnabled(not is_busy)

    def _made_second_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        card = Card(tr("Second person"), "card-second")
        told = tr(
            "Type weight, height and dose again, from the source document on the right. What the first person read is "
            "hidden until both agree."
        )
        card.body.addWidget(label(told, "muted", wraps=True))
        self._again = QVBoxLayout()
        card.body.addLayout(self._again)
        column.addWidget(card)
        column.addStretch(1)
        return side

    def _build_footer(self) -> None:
        self.footer.addWidget(label(tr("What you type is kept."), "muted", wraps=True), 1)
        self.refuse = button(tr("Refuse this order …"), "order-refuse")
        self.back = button(tr("← Back to the order"), "second-back")
        self.ask_second = button(tr("Verify with a second person →"), "ask-second", "primary")
        self.confirm = button(tr("Compare and verify"), "second-confirm", "primary")
        self.back.clicked.connect(self._to_order)
        self.ask_second.clicked.connect(self._to_second)
        self.confirm.clicked.connect(self._send)
        for made in (self.refuse, self.back, self.ask_second, self.confirm):
            self.footer.addWidget(made)

    def _show_source(self, order: OrderView) -> None:
        clear(self._source)
        self._source.addWidget(label(tr("SOURCE DOCUMENT"), "caption"))
        told = tr("As the hospital sent it, digit for digit. The calculation sheet is hidden.")
        self._source.addWidget(label(told, "small", wraps=True))
        for fact in order.source:
            self._source.addWidget(label(fact.name, "small"))
            # A place to break the line at, where the names of several drugs are written as one word.
            value = fact.value.replace("+", "+\u200b")
            self._source.addWidget(label(f"{value} {fact.unit}".strip(), "strong", wraps=True))
            if fact.note:
                self._source.addWidget(label(fact.note, "small"))
            self._source.addWidget(rule())
        self._source.addStretch(1)

    @Slot()
    def _to_order(self) -> None:
        self.show_side(ORDER)

    @Slot()
    def _to_second(self) -> None:
        self.show_side(SECOND)

    @Slot()
    def _next(self) -> None:
        """Go to the next field, or send after the last: a scanner ends with Enter as well."""
        fields = self._asked()
        here = next((place for place, field in enumerate(fields) if field.line.hasFocus()), -1)
        if 0 <= here < len(fields) - 1:
            self.go_to(fields[here + 1].line)
        else:
            self._send()

    @Slot()
    def _echo(self) -> None:
        for field in (*self._entries(), *self.own.values()):
            read = _with_point(field.text, field.objectName())
            field.echo(spoken(read) if isinstance(read, str) and read else "")

    @Slot()
    def _send(self) -> None:
        texts = []
        for field in self._entries():
            read = _with_point(field.text, f"second.{field.name}", only_comma=True)
            if isinstance(read, Finding):
                field.object_to(f"{read.reason} {read.remedy}")
                self.go_to(field.line)
                return
            texts.append(read)
        own = []
        for dose in (dose for dose in self._doses() if dose.drug in self.own):
            read = _with_point(self.own[dose.drug].text, dose.own_where, only_comma=True)
            if isinstance(read, Finding):
                self.show_objections(objections((read,)))
                return
            own.append((dose.drug, read))
        reasons = tuple((code, field.text) for code, field in self.reasons.items())
        weight, height, *doses = texts
        self.entered.emit(SecondTyped(weight, height, tuple(doses), tuple(own), reasons))


def _with_point(typed: str, where: str, *, only_comma: bool = False) -> str | Finding:
    """Return what was typed with a decimal point, read by the core where the locale has a comma."""
    if only_comma and decimal_sign() != ",":
        return typed
    return from_comma_locale(typed, where)


def _fields(caption: str, name: str, facts: tuple[Fact, ...]) -> Card:
    card = Card(caption, name)
    card.body.addWidget(Beside([GivenField(fact) for fact in facts]))
    return card
