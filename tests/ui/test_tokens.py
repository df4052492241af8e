"""The colours can be read."""

import pytest
from PySide6.QtGui import QColor

from printcare.ui.tokens import COMPACT, CONTRAST_AA, LARGE, READ_TOGETHER, THEMES, contrast, stylesheet
from printcare.ui.widgets.chart import mixed
from printcare.ui.widgets.surface import DARKEST, PALEST
from printcare.ui.widgets.trace_plot import INKS

CONTRAST_GRAPHIC = 3.0  # WCAG 2.2, 1.4.11: what is drawn and has to be told apart


def test_contrast_of_black_on_white_is_twenty_one():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


def test_contrast_of_a_grey_is_the_published_one():
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)  # the well-known AA boundary grey


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize(("ink", "paper"), READ_TOGETHER)
def test_every_pair_that_is_read_together_has_aa_contrast(theme, ink, paper):
    assert contrast(getattr(theme, ink), getattr(theme, paper)) >= CONTRAST_AA


@pytest.mark.parametrize("density", [LARGE, COMPACT], ids=lambda density: density.name)
@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_stylesheet_leaves_no_token_unfilled(theme, density):
    assert "$" not in stylesheet(theme, density)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("share", [PALEST, DARKEST])
def test_contour_lines_and_dots_stand_out_of_every_cell_of_a_surface(theme, share):
    cell = mixed(QColor(theme.surface), QColor(theme.accent), share).name()
    assert contrast(theme.text, cell) >= CONTRAST_AA
    assert contrast(theme.accepted, cell) >= CONTRAST_GRAPHIC


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", INKS)
def test_every_trace_stands_out_of_its_ground(theme, ink):
    assert contrast(getattr(theme, ink), theme.surface) >= CONTRAST_GRAPHIC
