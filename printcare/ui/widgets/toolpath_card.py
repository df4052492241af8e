"""The toolpath with what it is looked at by: which unit, up to which layer, from above or isometric."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSlider

from printcare.gcode.preview import UnitView
from printcare.ui.tokens import LARGE
from printcare.ui.widgets.card import Card
from printcare.ui.widgets.label import label
from printcare.ui.widgets.step_box import StepBox
from printcare.ui.widgets.toolpath_view import ToolpathView
from printcare.ui.words import tr


class ToolpathCard(Card):
    """Unit picker, layer slider and drawing; every one of them works by the keyboard."""

    def __init__(self) -> None:
        super().__init__(tr("Toolpath"), "card-toolpath", tr("as read back from the checked program"))
        self._units: tuple[UnitView, ...] = ()
        self.view = ToolpathView()
        self.picker = QComboBox()
        self.picker.setObjectName("toolpath-unit")
        self.picker.setAccessibleName(tr("Unit"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("toolpath-layer")
        self.slider.setAccessibleName(tr("Layer"))
        self.slider.setMinimumHeight(LARGE.target_px)  # its handle has no frame to be touched by
        self.isometric = StepBox(tr("Isometric"))
        self.isometric.setObjectName("toolpath-isometric")
        self.isometric.setAccessibleName(tr("Isometric view"))
        self.isometric.setChecked(True)
        self.told = label("", "small", name="toolpath-told", wraps=True)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.picker)
        row.addWidget(self.slider, 1)
        row.addWidget(self.isometric)
        self.body.addLayout(row)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.told)
        self.picker.currentIndexChanged.connect(self._on_unit)
        self.slider.valueChanged.connect(self._show)
        self.isometric.toggled.connect(self._show)

    def show_units(self, units: tuple[UnitView, ...], positions: tuple[str, ...]) -> None:
        """Show these units, the first one whole; of several drugs each part is one to pick."""
        self._units = units
        self.picker.blockSignals(True)
        self.picker.clear()
        is_parted = any(unit.part > 1 for unit in units)
        for unit in units:
            position = positions[unit.index - 1] if unit.index <= len(positions) else ""
            words = tr("Unit {} · {}").format(unit.index, position)
            self.picker.addItem(tr("{}, drug {}").format(words, unit.part) if is_parted else words)
        self.picker.blockSignals(False)
        self._on_unit()

    @Slot()
    def _on_unit(self) -> None:
        if not self._units:
            return
        layers = len(self._units[max(self.picker.currentIndex(), 0)].layers)
        self.slider.blockSignals(True)
        self.slider.setRange(1, layers)
        self.slider.setValue(layers)
        self.slider.blockSignals(False)
        self._show()

    @Slot()
    def _show(self) -> None:
        if not self._units:
            return
        unit = self._units[max(self.picker.currentIndex(), 0)]
        self.view.show_unit(unit, self.slider.value(), is_isometric=self.isometric.isChecked())
        self.told.setText(self.view.told)
