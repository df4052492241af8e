"""Every page of the frame."""

import pytest
from benchless import NOON
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from printcare.domain.policy import REHEARSAL, RESEARCH
from printcare.ui.frame import SIGNS, Frame
from printcare.ui.models import Fact
from printcare.ui.tokens import COMPACT, DARK, LARGE, LIGHT

PAGES = tuple(SIGNS)


@pytest.fixture(scope="module")
def one_frame(qapp):
    """Return one window for what changes nothing but the page that is open."""
    made = Frame(REHEARSAL, (Fact("Version", "test"),), lambda: NOON, LIGHT)
    made.show()
    yield made
    made.close()


@pytest.mark.parametrize("key", PAGES)
def test_each_page_opens_with_a_title_and_marks_its_place_in_the_rail(one_frame, key):
    one_frame.show_page(key)
    assert one_frame.current is one_frame.pages[key]
    assert one_frame.current.title.text()
    assert one_frame.rail.buttons[key].isChecked()


@pytest.mark.parametrize("key", PAGES)
def test_every_control_has_a_name_and_is_large_enough(one_frame, key):
    for control in _controls(one_frame.pages[key]):
        assert control.objectName()
        assert control.accessibleName()
        assert max(control.minimumHeight(), control.sizeHint().height()) >= LARGE.target_px - 2


def test_the_band_says_mode_rule_and_that_it_is_simulated(frame):
    assert frame.band.accessibleName() == "LOCKED MODE · rehearsal, not for patients"
    assert frame.findChild(QWidget, "band-simulated").isVisible()


def test_pages_that_have_nothing_yet_cannot_be_opened_from_the_rail(frame):
    opened = [key for key, made in frame.rail.buttons.items() if made.isEnabled()]
    assert opened == ["start", "worklist"]


def test_an_empty_worklist_says_what_to_do(frame):
    assert "go to Start" in _texts(frame.worklist)


def test_research_is_denser_than_locked_mode_and_locked_mode_comes_back(frame):
    def sizes():
        return frame.start.title.fontMetrics().height(), frame.start.begin_site.sizeHint().height()

    large = sizes()
    frame.show_policy(RESEARCH)
    compact = sizes()
    assert frame.density is COMPACT
    assert all(dense < wide for dense, wide in zip(compact, large, strict=True))
    assert compact[1] >= COMPACT.target_px
    frame.show_policy(REHEARSAL)
    assert sizes() == large


def test_the_dark_theme_reaches_every_plot(frame):
    frame.show_theme(DARK)
    assert {chart.theme for chart in (frame.run.tray, frame.run.masses, frame.run.pressure)} == {DARK}


def _controls(page):
    found = [*page.findChildren(QAbstractButton), *page.findChildren(QLineEdit)]
    return [control for control in found if control.objectName() != "qt_tableview_cornerbutton"]  # Qt's own, hidden


def _texts(page):
    from PySide6.QtWidgets import QLabel

    return " ".join(label.text() for label in page.findChildren(QLabel))
