"""The toolpath on the screen is the read-back program."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from printcare.formats.profile import load_profile
from printcare.gcode.check import check
from printcare.gcode.preview import LayerView, UnitView, preview
from printcare.ui.tokens import DARK
from printcare.ui.widgets.toolpath_card import ToolpathCard
from printcare.ui.widgets.toolpath_view import path_of

SQUARE = "\n".join(
    ["G21", "G90", "M82", "G92 E0", "G1 X50 Y50 Z0.4 F1200"]
    + [f"G1 X{x} Y{y} E{e:.4f} F600" for x, y, e in ((60, 50, 0.2), (60, 60, 0.4), (50, 60, 0.6), (50, 50, 0.8))]
)


def _layer(z_mm, lines, width_mm=0.8):
    return LayerView(z_mm, 0.4, lines[:, :2], lines[:, 2:], np.full(len(lines), width_mm))


@pytest.fixture
def card(qtbot):
    made = ToolpathCard()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    lines = np.array([[0.0, 0.0, 10.0, 0.0], [10.0, 0.0, 10.0, 10.0]])
    units = tuple(UnitView(index, 10.0, (_layer(0.4, lines), _layer(0.8, lines, 1.2))) for index in (1, 2))
    made.show_units(units, ("A1", "A2"))
    return made


def test_a_path_is_every_segment_from_its_start_to_its_end():
    path = path_of(np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.5]]))
    ends = [(path.elementAt(at).x, path.elementAt(at).y) for at in range(path.elementCount())]
    assert ends == [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0), (7.0, 8.5)]
    assert [path.elementAt(at).isLineTo() for at in range(4)] == [False, True, False, True]


def test_a_unit_is_picked_by_number_and_position(card):
    assert [card.picker.itemText(at) for at in range(2)] == ["Unit 1 · A1", "Unit 2 · A2"]


def test_the_slider_goes_through_the_layers_by_the_keyboard(qtbot, card):
    assert card.told.text() == "Layer 2 of 2 at 0.8 mm · 2 moves · beads 1.2 to 1.2 mm wide"
    qtbot.keyClick(card.slider, Qt.Key.Key_Left)
    assert card.told.text() == "Layer 1 of 2 at 0.4 mm · 2 moves · beads 0.8 to 0.8 mm wide"


def _ink(card):
    """Return how many pixels are drawn."""
    image = card.view._drawn(card.view._unit)
    return sum(image.pixelColor(x, y).alpha() > 0 for x in range(0, image.width(), 4) for y in range(image.height()))


def test_what_is_drawn_fills_the_room_from_above_and_isometric(card):
    assert _ink(card) > 100
    card.isometric.setChecked(False)
    assert _ink(card) > 100
    card.view.show_theme(DARK)
    assert _ink(card) > 100


def test_a_wider_bead_is_drawn_wider(card):
    card.isometric.setChecked(False)
    wide = _ink(card)
    lines = np.array([[0.0, 0.0, 10.0, 0.0], [10.0, 0.0, 10.0, 10.0]])
    card.show_units((UnitView(1, 10.0, (_layer(0.4, lines, 0.4),)),), ("A1",))
    assert _ink(card) < wide


def test_it_shows_what_the_independent_reader_read(qtbot, card):
    profile = load_profile("marlin-syringe")
    units = preview(check(SQUARE, profile), profile)
    card.show_units(units, ("A1",))
    assert "4 moves" in card.told.text()
