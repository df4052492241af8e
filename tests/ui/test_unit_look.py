"""A unit's state is told three ways."""

import pytest

from printcare.domain.batch import UnitState
from printcare.ui.unit_look import LOOKS
from printcare.ui.widgets.tray import mark_path


@pytest.mark.parametrize("state", UnitState)
def test_every_unit_state_has_a_colour_a_mark_and_a_word(state):
    look = LOOKS[state.value]
    assert look.token
    assert look.sign
    assert look.word


@pytest.mark.parametrize("part", ["token", "mark", "sign", "word"])
def test_no_two_states_share_a_colour_a_mark_or_a_word(part):
    assert len({getattr(look, part) for look in LOOKS.values()}) == len(UnitState)


def test_the_drawn_marks_differ():
    from PySide6.QtCore import QPointF

    drawn = {tuple((e.x, e.y) for e in _elements(mark_path(look.mark, QPointF(0, 0), 1.0))) for look in LOOKS.values()}
    assert len(drawn) == len(UnitState)


def _elements(path):
    return [path.elementAt(number) for number in range(path.elementCount())]


def test_only_the_unit_that_changed_is_drawn_again(qtbot):
    from PySide6.QtCore import QRect

    from printcare.ui.run_state import RunUnit
    from printcare.ui.widgets.tray import TrayView

    units = [RunUnit(index, f"A{index}", state="accepted") for index in range(1, 5)]
    tray = TrayView()
    qtbot.addWidget(tray)
    tray.resize(400, 200)
    tray.show_units(units, 2, 2)
    asked = []
    tray.update = lambda *rect: asked.append(rect)
    units[3].state = "rejected"
    tray.show_units(units, 2, 2)
    assert asked == [(QRect(200, 100, 200, 100),)]
    units[3].position = "B9"
    tray.show_units(units, 2, 2)
    assert asked[1:] == [()]
