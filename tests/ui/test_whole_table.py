"""Tables of a register are never wider than their place."""

from hypothesis import given
from hypothesis import strategies as st

from printcare.ui.models import RegisterEntry, Section
from printcare.ui.widgets.whole_table import LEAST_PX, WholeTable, shared

HEADS = ("Parameter", "Target", "Normal", "Proven", "Unit")
LONG = "process.deposition.layer_height_after_the_first_one_of_the_second_part"
ROWS = ((LONG, "0.40", "0.38 – 0.42", "0.35 – 0.45 as the validation of the recipe has proven it", "mm"),)


@given(st.lists(st.integers(LEAST_PX, 900), min_size=1, max_size=8), st.integers(600, 2000))
def test_columns_fill_their_place_and_none_is_wider_than_it_wanted_but_the_last(wanted, width):
    widths = shared(wanted, width)
    assert sum(widths) == width
    assert all(given <= asked for given, asked in zip(widths[:-1], wanted[:-1], strict=True))


def test_a_narrow_column_keeps_its_width_where_a_wide_one_gives_way():
    assert shared([600, 80, 80], 500) == [340, 80, 80]


def test_no_register_scrolls_sideways_at_1280_by_800(frame, qtbot):
    frame.resize(1280, 800)
    frame.show_page("recipes")
    frame.recipes.show_entry(RegisterEntry("recipe|x", "x", "draft", (), (Section("Ranges", HEADS, ROWS),), (), ()))
    table = frame.recipes.findChild(WholeTable, "recipes-table-1")
    qtbot.waitUntil(lambda: table.columnWidth(0) > LEAST_PX)
    assert not table.horizontalScrollBar().isVisible()
    assert sum(table.columnWidth(column) for column in range(5)) <= table.viewport().width()


@given(st.lists(st.integers(LEAST_PX, 400), min_size=2, max_size=6), st.integers(200, 900))
def test_where_not_every_longest_word_fits_the_widest_give_way_and_short_ones_stay_whole(least, width):
    widths = shared([2 * each for each in least], width, least)
    if sum(least) > width >= LEAST_PX * len(least):
        assert sum(widths) == width
        cut = [given for given, word in zip(widths, least, strict=True) if given < word]
        assert all(given <= max(cut) for given, word in zip(widths[:-1], least[:-1], strict=True) if given == word)


def test_a_word_wider_than_its_column_goes_on_in_the_next_line_and_is_whole_again_with_more_room(qtbot):
    word = "cyclophosphamidemonohydrate"
    table = WholeTable("t", "told", ("Ink", "Lot"), ((word, word),))
    qtbot.addWidget(table)
    table.resize(300, 200)
    table.show()
    qtbot.waitUntil(lambda: "\u200b" in table.item(0, 0).text())
    assert table.item(0, 0).text().replace("\u200b", "") == word
    table.resize(1200, 200)
    qtbot.waitUntil(lambda: table.item(0, 0).text() == word)


def test_a_date_is_never_broken(qtbot):
    table = WholeTable("t", "told", ("A", "B", "C"), (("2027-11-23", "an ink", "a lot of words that may break"),))
    qtbot.addWidget(table)
    table.resize(420, 200)
    table.show()
    qtbot.waitUntil(lambda: table.columnWidth(0) > table.fontMetrics().horizontalAdvance("2027-11-23"))
