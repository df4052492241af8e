"""The one dialog in which people sign: who, in which role, what it means, when, and the password of each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from printcare.ui.models import Entered, SignatureRequest, Signer
from printcare.ui.widgets.button import button
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.label import label
from printcare.ui.words import tr

WIDTH_PX = 640


class SignatureDialog(QDialog):
    """Asks for passwords and a reason; it stays open, with the objection, until the signature is taken."""

    signed = Signal(object, str)  # tuple of Entered, reason

    def __init__(
        self,
        request: SignatureRequest,
        time_words: str,
        rehearsed: Callable[[str], str | None] | None,
        parent: QWidget,
    ) -> None:
        """`rehearsed` gives a made-up person's password and exists in rehearsals alone."""
        super().__init__(parent)
        self.setObjectName("signature-dialog")
        self.setWindowTitle(tr("Sign"))
        self.setAccessibleName(request.title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(WIDTH_PX)
        self.setProperty("role", "ground")
        self._rehearsed, self._request = rehearsed, request
        self.lines: list[tuple[QLineEdit, QLineEdit]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(request.title, "title", name="signature-title", wraps=True))
        column.addWidget(label(request.what, wraps=True, name="signature-what"))
        column.addWidget(label(tr("Today, {}").format(time_words), "muted", name="signature-time"))
        for number, signer in enumerate(request.signers, start=1):
            column.addWidget(self._signer(signer, number))
        self.reason = _line("signature-reason", tr("Reason"))
        self._reason_box = _boxed(tr("Reason, it stands in the record"), self.reason)
        self._reason_box.setVisible(request.wants_reason)
        column.addWidget(self._reason_box)
        self.objection = label("", name="signature-objection", wraps=True, state="rejected")
        self.objection.hide()
        column.addWidget(self.objection)
        column.addLayout(self._buttons())
        first = next((entry for pair in self.lines for entry in pair if not entry.isReadOnly()), self.reason)
        first.setFocus()

    def show_objection(self, told: str) -> None:
        """Show why it was not signed; the reason stays, the passwords are typed again."""
        self.objection.setText(f"■ {told}")
        self.objection.setVisible(bool(told))
        self.show_busy(False)
        self.forget_passwords()

    def show_busy(self, is_busy: bool) -> None:
        """Allow no second click while the signature is made."""
        self.sign.setEnabled(not is_busy)

    def forget_passwords(self) -> None:
        """Empty every password."""
        for _, password in self.lines:
            password.clear()

    def _signer(self, signer: Signer, number: int) -> QWidget:
        role = tr(signer.role)
        card = Card(role, f"signer-{number}", tr("signs: {}").format(signer.meaning))
        login = _line(f"signer-login-{number}", tr("Sign-in name, {}").format(role))
        login.setText(signer.login)
        login.setReadOnly(signer.is_fixed)
        password = _line(f"signer-password-{number}", tr("Password, {}").format(role))
        password.setEchoMode(QLineEdit.EchoMode.Password)
        password.returnPressed.connect(self._on_sign)
        self.lines.append((login, password))
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(_boxed(tr("Sign-in name"), login), 1)
        row.addWidget(_boxed(tr("Password"), password), 1)
        card.body.addLayout(row)
        return card

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.rehearse = button(tr("Use the rehearsal password"), "signature-rehearsal")
        self.rehearse.setVisible(self._rehearsed is not None)
        cancel = button(tr("Cancel"), "signature-cancel")
        self.sign = button(tr("Sign"), "signature-sign", "primary")
        self.rehearse.clicked.connect(self._on_rehearse)
        cancel.clicked.connect(self.reject)
        self.sign.clicked.connect(self._on_sign)
        row.addWidget(self.rehearse)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.sign)
        return row

    @Slot()
    def _on_rehearse(self) -> None:
        for login, password in self.lines:
            known = None if self._rehearsed is None else self._rehearsed(login.text().strip())
            password.setText(known or "")
        self.sign.setFocus()

    @Slot()
    def _on_sign(self) -> None:
        for entries in self.lines:
            for entry in entries:
                if not entry.text().strip():
                    entry.setFocus()
                    return
        self.show_busy(True)
        self.objection.hide()
        entered = tuple(Entered(login.text().strip(), password.text()) for login, password in self.lines)
        self.signed.emit(entered, self.reason.text().strip())


def _line(name: str, told: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(told)
    made.setMaxLength(400)
    return made


def _boxed(title: str, line: QLineEdit) -> QWidget:
    """Return a line in its frame below its title."""
    holder = QWidget()
    holder.setObjectName(f"box-{line.objectName()}")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(label(title, "small"))
    frame = QFrame()
    frame.setObjectName(f"frame-{line.objectName()}")
    frame.setProperty("role", "given" if line.isReadOnly() else "field")
    inner = QHBoxLayout(frame)
    inner.setContentsMargins(12, 0, 12, 0)
    inner.addWidget(line)
    column.addWidget(frame)
    return holder
