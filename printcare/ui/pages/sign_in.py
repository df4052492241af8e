"""Sign in: name and password; in a rehearsal its made-up people with one click each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from printcare.ui.models import Person
from printcare.ui.pages.page import Page
from printcare.ui.widgets.beside import Beside
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card, clear
from printcare.ui.widgets.field import framed
from printcare.ui.widgets.label import label
from printcare.ui.words import tr

FIELD_PX = 460


class SignInPage(Page):
    """Everybody works under their own name; nothing is done before somebody has signed in."""

    sign_in_asked = Signal(str, str)  # login, password
    rehearsed_asked = Signal(str)  # login of a made-up person

    def __init__(self) -> None:
        super().__init__("sign-in", tr("Sign in"))
        self.title.setText(tr("Sign in"))
        self.subtitle.setText(tr("A record has to be open: begin one on the page Start."))
        card = Card(tr("Name and password"), "card-sign-in")
        self.login, self.password = QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        for line, name, title in (
            (self.login, "login", tr("Sign-in name")),
            (self.password, "password", tr("Password")),
        ):
            line.setObjectName(f"sign-in-{name}")
            line.setAccessibleName(title)
            line.setMaxLength(400)
            card.body.addWidget(label(title, "small"))
            card.body.addWidget(framed(line, FIELD_PX))
        self.login.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._ask)
        self.objection = label("", name="sign-in-objection", wraps=True, state="rejected")
        self.objection.hide()
        card.body.addWidget(self.objection)
        self.enter = button(tr("Sign in"), "sign-in", "primary")
        self.enter.clicked.connect(self._ask)
        card.body.addWidget(self.enter, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(card)
        self._people_card = Card(tr("Rehearsal"), "card-people", tr("made-up people, one click"))
        self._people = QVBoxLayout()
        self._people_card.body.addLayout(self._people)
        self._people_card.hide()
        self.body.addWidget(self._people_card)
        self.body.addStretch(1)
        self.context_body.addWidget(label(tr("WHY EVERYBODY SIGNS IN"), "caption"))
        told = tr(
            "Each step stands in the record under the name of who did it. A signature asks for the password again, "
            "whoever is signed in. After ten minutes without a touch the window locks itself; a print goes on."
        )
        self.context_body.addWidget(label(told, "small", wraps=True))
        self.context_body.addStretch(1)

    def first(self) -> QWidget | None:
        """Return the sign-in name."""
        return self.login

    def show_people(self, people: tuple[Person, ...]) -> None:
        """Offer a rehearsal's people; an empty tuple offers nobody."""
        self.subtitle.setText(tr("Everybody works under their own name."))
        clear(self._people)
        self._people_card.setVisible(bool(people))
        offered = []
        for person in people:
            roles = ", ".join(map(tr, person.roles))
            made = button(f"{person.name} · {roles}", f"sign-in-as-{person.login}")
            made.setAccessibleName(tr("Sign in as {}, {}").format(person.name, roles))
            made.clicked.connect(lambda _, login=person.login: self.rehearsed_asked.emit(login))
            offered.append(made)
        if offered:
            self._people.addWidget(Beside(offered, most=2))

    def show_objection(self, told: str) -> None:
        """Say why nobody was signed in; the name stays, the password does not."""
        self.objection.setText(f"■ {told}" if told else "")
        self.objection.setVisible(bool(told))
        self.password.clear()
        self.enter.setEnabled(True)

    def forget(self) -> None:
        """Forget who was here."""
        self.login.clear()
        self.show_objection("")

    @Slot()
    def _ask(self) -> None:
        if self.login.text().strip() and self.password.text():
            self.enter.setEnabled(False)
            self.sign_in_asked.emit(self.login.text().strip(), self.password.text())
