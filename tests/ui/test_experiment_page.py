"""The page Experiment: its queue, its fits and the region in which every limit is met."""

from decimal import Decimal

import pytest
from caring import Hands, texts
from PySide6.QtWidgets import QWidget

from printcare.formats.recipe import load_recipe
from printcare.ui.experiment_view import surface_of
from printcare.workflow.study.experiment_analysis import fitted, space_of
from printcare.workflow.study.experiments import Measured, Response, Study, design_experiment, enter_result, factor_of


@pytest.fixture
def window(qtbot, conductor, frame):
    return Hands(qtbot, conductor, frame).begin()


@pytest.fixture
def designed(window):
    """Put a full factorial over two factors on record, without a result, and return its key and responses."""
    master = load_recipe("cyclophosphamide-sse")
    every = [(name, known) for name, known in master.parameters.every() if known.proven[0] < known.proven[1]][:2]
    factors = tuple(factor_of(master, name, *known.proven, Decimal("0.01")) for name, known in every)
    study = Study("EX-1", "Speed", Decimal(17), 4, factors, (Response("hardness", "N", Decimal(10), Decimal(30)),))
    scientist = window.conductor.journey.here.rehearsal.people["f.scientist"]
    design_experiment(window.records, scientist, study, master, "central-composite-faced", seed=1, centres=3)
    return scientist


def test_only_who_develops_or_exports_sees_experiments(window):
    window.open("a.operator", "worklist")
    assert not window.frame.rail.buttons["experiment"].isEnabled()


def test_a_queue_without_results_says_that_nothing_is_measured(window, designed):
    page = window.open("f.scientist", "experiment")
    assert "EXPERIMENT_EMPTY" in texts(page)
    assert page.findChild(QWidget, "surface") is None


def test_measured_runs_show_fit_and_surface_and_go_out_as_csv(qtbot, window, designed, station):
    state = window.records.get("experiment", "EX-1")
    for run in state["runs"]:
        value = Decimal(20) + Decimal(run["number"]) / 10
        measured = Measured("hardness", value, method="M-1", analyst="Femi")
        enter_result(window.records, designed, "EX-1", run["number"], measured, b"raw")
    page = window.open("f.scientist", "experiment")
    assert "R²" in "".join(page.findChild(QWidget, "experiment-table-1").horizontalHeaderItem(1).text())
    # A layout shows what it is given at the next turn of the event loop.
    qtbot.waitUntil(lambda: any(each.isVisible() for each in page.findChildren(QWidget, "surface")))
    window.press(page, "deed-export")
    window.quiet()
    written = (station.documents() / "experiment-EX-1.csv").read_text("utf-8").splitlines()
    assert len(written) == 1 + len(state["runs"])
    state = window.records.get("experiment", "EX-1")
    surface = surface_of(space_of(state, fitted(state)))
    assert all(0 <= chance <= 1 for row in surface.chances for chance in row)
