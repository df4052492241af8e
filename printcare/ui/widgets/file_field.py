"""A field that names a file or a folder: typed, or looked for."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog

from printcare.ui.widgets.button import button
from printcare.ui.widgets.field import TextField
from printcare.ui.words import tr


class FileField(TextField):
    """A line for the path, with a button that looks for it."""

    def __init__(self, name: str, title: str, *, is_folder: bool = False) -> None:
        super().__init__(name, title)
        self._is_folder = is_folder
        self.looks = button(tr("Look for it…"), f"{name}-look")
        self.looks.clicked.connect(self._look)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self.looks)

    @Slot()
    def _look(self) -> None:
        title, begun = self.line.accessibleName(), self.line.text()
        if self._is_folder:
            path = QFileDialog.getExistingDirectory(self, title, begun)
        else:
            path, _ = QFileDialog.getOpenFileName(self, title, begun)
        if path:
            self.line.setText(path)
            self.object_to("")
