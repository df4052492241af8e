"""The set-up assistant: the site, its first two people, and the devices found; the record begins with the last step."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from printcare.domain.people import Role
from printcare.ui.drafts import Draft
from printcare.ui.models import Bench, NewPerson, Objection, Port, SiteSetUp
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear
from printcare.ui.widgets.field import TextField
from printcare.ui.widgets.label import label
from printcare.ui.widgets.notice import objection_notice
from printcare.ui.widgets.step_box import StepBox
from printcare.ui.words import phrase, tr

OFFERED = (Role.PHARMACIST, Role.OPERATOR, Role.RELEASER, Role.QUALITY, Role.PROCESS_OWNER)
DEVICES = {"printer": phrase("Printer"), "balance": phrase("Balance"), "pressure": phrase("Pressure sensor")}
PORT_SIGNS = 12  # of a port's name are always seen; the list shows the whole
ADMINISTRATOR, SECOND = phrase("administrator"), phrase("second person")


class SetUp(QWidget):
    """Four steps; each can be gone back to, and the workflow alone judges what was typed."""

    begin_asked = Signal(object)  # SiteSetUp
    ports_asked = Signal()
    changed = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("set-up")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._fields: dict[str, TextField] = {}
        self._roles: dict[Role, StepBox] = {}
        self._devices: dict[str, QComboBox] = {}
        self._steps = QStackedWidget()
        self._steps.setObjectName("set-up-steps")
        self._cards = (self._site(), self._administrator(), self._second(), self._bench())
        for made in self._cards:
            made.body.addStretch(1)
            self._steps.addWidget(made)
        self._told = QVBoxLayout()
        self._told.setSpacing(8)
        column.addWidget(self._steps)
        column.addLayout(self._told)
        column.addLayout(self._buttons())
        column.addStretch(1)
        self._show_step(0)

    @property
    def entered(self) -> SiteSetUp:
        """Return everything that was typed and chosen."""
        roles = tuple(role.value for role, box in self._roles.items() if box.isChecked())
        address = {name: str(box.currentData() or "") for name, box in self._devices.items()}
        return SiteSetUp(
            self._fields["site"].text,
            self._person("administrator", (Role.ADMINISTRATOR.value,)),
            self._person("second", roles),
            Bench(**address, balance_id=self._fields["balance-id"].text),
        )

    def draft(self) -> Draft:
        """Return what is worth keeping: everything but the passwords."""
        return {name: field.text for name, field in self._fields.items() if not field.is_secret and field.text}

    def take_draft(self, typed: Draft) -> None:
        """Fill in what was typed before."""
        for name, text in typed.items():
            if name in self._fields:
                self._fields[name].line.setText(text)

    def show_ports(self, ports: Iterable[Port]) -> None:
        """Offer these ports for each device; the emulated bench is always there."""
        found = tuple(ports)
        for box in self._devices.values():
            chosen = box.currentData()
            box.clear()
            box.addItem(tr("emulated bench"), "")
            for port in found:
                box.addItem(f"{port.title} · {port.url}", port.url)
            box.setCurrentIndex(max(box.findData(chosen), 0))
        count = len(found)
        words = tr("Serial ports found: {}").format(count) if count else tr("No serial port was found at this machine.")
        self._found.setText(words)

    def show_objections(self, objections: Iterable[Objection]) -> None:
        """Tell why the record was not begun, beside the field where it has one."""
        clear(self._told)
        for objection in objections:
            field = self._fields.get(objection.where)
            if field is None:
                self._told.addWidget(objection_notice(objection))
                continue
            field.object_to(f"{objection.reason} {objection.remedy}")
            self._show_step(next(place for place, card in enumerate(self._cards) if card.isAncestorOf(field)))
            field.setFocus()

    def show_busy(self, is_busy: bool) -> None:
        """Allow no second click while the record is begun."""
        self.next.setEnabled(not is_busy)

    def take_focus(self) -> None:
        """Put the cursor into the first field of the open step, and look for devices."""
        self.ports_asked.emit()
        first = self._cards[self._steps.currentIndex()].findChild(QLineEdit)
        if first is not None:
            first.setFocus()

    # ---- building

    def _site(self) -> Card:
        told = tr(
            "The site's name stands on every document and cannot be changed later. The record begins beside the keys "
            "that sign it, in this user's data folder: have that folder backed up, both together."
        )
        return self._step(1, tr("The site"), told, ("site", tr("Name of the site"), False))

    def _administrator(self) -> Card:
        told = tr(
            "The first person keeps the accounts. An administrator never verifies, prints or releases. They type "
            "their own password: at least fifteen signs."
        )
        return self._step(2, tr("First person: the administrator"), told, *self._asked("administrator"))

    def _second(self) -> Card:
        told = tr(
            "The second person works with the record, and from then on witnesses who everybody else is. They type "
            "their own password."
        )
        card = self._step(3, tr("Second person"), told, *self._asked("second"))
        for role in OFFERED:
            box = StepBox(tr(role.value))
            box.setObjectName(f"set-up-role-{role.value.replace(' ', '-')}")
            box.setAccessibleName(tr("Role: {}").format(tr(role.value)))
            box.setChecked(role is Role.PHARMACIST)
            self._roles[role] = box
        card.body.addWidget(Beside(tuple(self._roles.values())))
        return card

    def _bench(self) -> Card:
        told = tr("Without a printer the emulated bench stands in: everything works, and nothing is ever released.")
        card = self._step(4, tr("Devices"), told)
        devices = []
        for name, title in DEVICES.items():
            device = QWidget()
            column = QVBoxLayout(device)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            column.addWidget(label(tr(title), "small"))
            box = QComboBox()
            box.setObjectName(f"set-up-{name}")
            box.setAccessibleName(tr(title))
            box.addItem(tr("emulated bench"), "")
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(PORT_SIGNS)
            self._devices[name] = box
            column.addWidget(box)
            devices.append(device)
        card.body.addWidget(Beside(devices))
        look = QHBoxLayout()
        look.setSpacing(16)
        again = button(tr("Look again"), "set-up-look")
        again.clicked.connect(self.ports_asked)
        self._found = label("", "small", name="set-up-found", wraps=True)
        look.addWidget(again)
        look.addWidget(self._found, 1)
        card.body.addLayout(look)
        self._add(
            card, "balance-id", tr("Number of the balance, as its checks name it (may stay empty)"), is_secret=False
        )
        return card

    def _asked(self, who: str) -> tuple[tuple[str, str, bool], ...]:
        return (
            (f"{who}-name", tr("Name, as it stands under a signature"), False),
            (f"{who}-login", tr("Sign-in name"), False),
            (f"{who}-password", tr("Password"), True),
            (f"{who}-again", tr("Password again"), True),
        )

    def _step(self, number: int, title: str, told: str, *asked: tuple[str, str, bool]) -> Card:
        card = Card(tr("Step {} of 4").format(number), f"card-set-up-{number}")
        card.body.addWidget(label(title, "title"))
        card.body.addWidget(label(told, "muted", wraps=True))
        for name, words, is_secret in asked:
            self._add(card, name, words, is_secret=is_secret)
        return card

    def _add(self, card: Card, name: str, words: str, *, is_secret: bool) -> None:
        field = TextField(f"set-up-{name}", words, is_secret=is_secret)
        field.edited.connect(self.changed)
        field.line.returnPressed.connect(self._forward)
        self._fields[name] = field
        card.body.addWidget(field)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        self.back = button(tr("← Back"), "set-up-back")
        self.next = button("", "set-up-next", "primary")
        self.back.clicked.connect(self._backward)
        self.next.clicked.connect(self._forward)
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.next)
        return row

    # ---- going through it

    def _person(self, who: str, roles: tuple[str, ...]) -> NewPerson:
        text = {name: self._fields[f"{who}-{name}"].text for name in ("login", "name", "password")}
        return NewPerson(text["login"], text["name"], roles, text["password"])

    def _show_step(self, step: int) -> None:
        self._steps.setCurrentIndex(step)
        words = tr("Begin the record") if step == len(self._cards) - 1 else tr("Next →")
        self.next.setText(words)
        self.next.setAccessibleName(words)

    def _differing(self) -> TextField | None:
        """Return the field whose repetition is not what was typed: nobody could sign in with a slip."""
        for who in ("administrator", "second"):
            again = self._fields[f"{who}-again"]
            is_here = self._cards[self._steps.currentIndex()].isAncestorOf(again)
            if is_here and again.text != self._fields[f"{who}-password"].text:
                return again
        return None

    @Slot()
    def _forward(self) -> None:
        differing = self._differing()
        if differing is not None:
            differing.object_to(tr("Both passwords have to be the same. Type it again."))
            differing.setFocus()
            return
        step = self._steps.currentIndex()
        if step == len(self._cards) - 1:
            clear(self._told)
            self.begin_asked.emit(self.entered)
            return
        self._show_step(step + 1)
        self.take_focus()

    @Slot()
    def _backward(self) -> None:
        step = self._steps.currentIndex()
        if step == 0:
            self.left.emit()
            return
        self._show_step(step - 1)
        self.take_focus()
