"""A large reading is never clipped."""

import pytest

from printcare.ui.tokens import LIGHT, stylesheet
from printcare.ui.widgets.reading import Reading


@pytest.mark.parametrize("text", ["6.9", "134.1", "3402.8", "−12.5"])
def test_a_longer_figure_has_its_room_before_it_is_drawn(qtbot, text):
    reading = Reading("pressure", "Pressure", "kPa")
    qtbot.addWidget(reading)
    reading.setStyleSheet(stylesheet(LIGHT))
    reading.resize(220, 90)
    reading.show()
    reading.show_value(text, "reference 129.2")
    assert reading.value.width() >= reading.value.fontMetrics().horizontalAdvance(text)
