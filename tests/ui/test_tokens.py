"""The colours can be read."""

import pytest

from printcare.ui.tokens import CONTRAST_AA, READ_TOGETHER, THEMES, contrast, stylesheet


def test_contrast_of_black_on_white_is_twenty_one():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


def test_contrast_of_a_grey_is_the_published_one():
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)  # the well-known AA boundary grey


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize(("ink", "paper"), READ_TOGETHER)
def test_every_pair_that_is_read_together_has_aa_contrast(theme, ink, paper):
    assert contrast(getattr(theme, ink), getattr(theme, paper)) >= CONTRAST_AA


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_stylesheet_leaves_no_token_unfilled(theme):
    assert "$" not in stylesheet(theme)
