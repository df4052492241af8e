"""The page Experiment: its queue, its fits and the region in which every limit is met."""

from decimal import Decimal

import pytest
from caring import Hands, texts
from hands import LONG_MS
from PySide6.QtWidgets import QAbstractButton, QWidget

from printcare.domain.policy import RESEARCH
from printcare.formats.recipe import load_recipe
from printcare.ui.experiment_surface import contour
from printcare.ui.experiment_view import surfaces_of
from printcare.workflow.mode import switch
from printcare.workflow.study.experiment_analysis import fitted, space_of
from printcare.workflow.study.experiments import Measured, Response, Study, design_experiment, enter_result, factor_of
from printcare.workstation.virtual_bench import VirtualBench


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
    assert page.findChild(QWidget, "surface-1") is None


def test_measured_runs_show_fit_and_surfaces_and_go_out_as_csv(qtbot, window, designed, station):
    state = window.records.get("experiment", "EX-1")
    for run in state["runs"]:
        value = Decimal(20) + Decimal(run["number"]) / 10
        measured = Measured("hardness", value, method="M-1", analyst="Femi")
        enter_result(window.records, designed, "EX-1", run["number"], measured, b"raw")
    page = window.open("f.scientist", "experiment")
    assert "R²" in "".join(page.findChild(QWidget, "experiment-table-1").horizontalHeaderItem(1).text())
    for name in ("surface-1", "surface-2"):  # the chance, and the response
        # A layout shows what it is given at the next turn of the event loop.
        qtbot.waitUntil(lambda: any(each.isVisible() for each in page.findChildren(QWidget, name)))  # noqa: B023
    window.press(page, "deed-export")
    window.quiet()
    written = (station.documents() / "experiment-EX-1" / "experiment.csv").read_text("utf-8").splitlines()
    assert len(written) == 1 + len(state["runs"])
    state = window.records.get("experiment", "EX-1")
    fits = fitted(state)
    chance, response = surfaces_of(space_of(state, fits), fits, state)
    assert all(0 <= each <= 1 for row in chance.values for each in row)
    assert {10.0, 30.0} <= set(response.levels)  # its limits are drawn as well


def test_a_contour_of_a_plane_is_its_straight_line():
    plane = [[float(x + 2 * y) for x in range(6)] for y in range(6)]
    pieces = contour(plane, 7.5)
    assert pieces
    for x, y in (point for piece in pieces for point in piece):
        assert x + 2 * y == pytest.approx(7.5)


def test_a_contour_ends_at_the_edge_and_nowhere_else():
    hill = [[-((x - 4.2) ** 2) - (y - 4.1) ** 2 for x in range(9)] for y in range(9)]
    ends = [tuple(round(each, 9) for each in point) for piece in contour(hill, -6.0) for point in piece]
    assert all(ends.count(each) == 2 for each in ends)


def test_a_saddle_is_cut_on_the_side_of_its_mean():
    low, high = contour([[1, 0], [0, 1]], 0.6), contour([[1, 0], [0, 1]], 0.4)
    ones = [{(0.0, 0.0), (1.0, 1.0)}, {(1.0, 0.0), (0.0, 1.0)}]

    def cut_off(pieces):
        """Return which corners stand alone: those a piece passes at less than a half on both sides."""
        corners = [(x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)]
        return {c for c in corners for piece in pieces if all(abs(x - c[0]) + abs(y - c[1]) < 0.5 for x, y in piece)}

    assert cut_off(low) == ones[0]
    assert cut_off(high) == ones[1]


DESIGN = {
    "kind": "full-factorial", "dose_mg": "5", "units": "2", "centres": "1",
    "parameters.print_speed_mm_s.low": "11", "parameters.print_speed_mm_s.high": "13",
    "parameters.print_speed_mm_s.step": "1", "response.mass_bias_pct.low": "-3", "response.mass_bias_pct.high": "3",
}  # fmt: skip


def test_a_design_is_laid_out_on_the_page_and_stands_on_record(window):
    page = window.open("f.scientist", "experiment")
    window.choose(page, "design|cyclophosphamide-sse")
    window.fill(page, "design", **DESIGN)
    lines = [line for row in page.rows.values() for line in row.lines.values()]
    assert lines
    assert all(line.accessibleName() for line in lines)
    window.quiet()
    state = window.records.get("experiment", "EX-0001")
    assert (state["kind"], state["dose_mg"], len(state["runs"])) == ("full-factorial", "5", 3)
    assert [each["path"] for each in state["factors"]] == ["parameters.print_speed_mm_s"]


@pytest.mark.parametrize(
    ("changed", "where", "code"),
    [
        ({"parameters.print_speed_mm_s.high": "900"}, "parameters.print_speed_mm_s", "E_FACTOR_RANGE"),
        ({"parameters.print_speed_mm_s.step": "x"}, "parameters.print_speed_mm_s", "E_NUMBER_FORMAT"),
        ({"kind": "box-behnken"}, "kind", "DESIGN_FACTOR"),
        ({"units": "1"}, "units", "E_RUN_UNITS"),
        ({"id": "a/b"}, "id", "E_EXPERIMENT_ID"),
    ],
)
def test_what_is_no_design_is_told_beside_its_field(window, changed, where, code):
    page = window.open("f.scientist", "experiment")
    window.choose(page, "design|cyclophosphamide-sse")
    window.fill(page, "design", **(DESIGN | changed))
    window.quiet()
    assert code in {**page.fields, **page.rows}[where].objection.text()
    assert not window.records.all("experiment")


def test_a_result_without_its_source_is_refused_and_with_it_stands(window, designed, tmp_path):
    page = window.open("f.scientist", "experiment")
    window.choose(page, "experiment|EX-1")
    window.fill(page, "enter", run="1", response="hardness", value="31", method="M-1", analyst="Femi")
    window.quiet()
    assert "E_RESULT_SOURCE" in texts(page)
    (tmp_path / "raw.csv").write_text("31")
    window.fill(page, "enter", run="1", response="hardness", value="31", method="M-1", analyst="Femi",
                raw=str(tmp_path / "raw.csv"))  # fmt: skip
    window.quiet()
    (kept,) = window.records.get("experiment", "EX-1")["runs"][0]["results"]["hardness"]
    assert (kept["value"], kept["is_out"], kept["analyst"]) == ("31", True, "Femi")
    window.choose(page, "experiment|EX-1")
    assert page.context.findChild(QAbstractButton, "deed-run").text() == "Print run 2"  # the first was made elsewhere


def test_the_next_run_is_printed_on_the_bench_and_its_trace_is_shown(qtbot, window, station):
    station.rig = lambda profile, master, ask: VirtualBench(profile, master)
    here = window.conductor.journey.here.rehearsal
    switch(window.records, here.people["p.owner"], here.passwords["p.owner"], RESEARCH, "an experiment")
    page = window.open("f.scientist", "experiment")
    window.choose(page, "design|cyclophosphamide-sse")
    window.fill(page, "design", **DESIGN)
    window.quiet()
    window.choose(page, "experiment|EX-0001")
    window.fill(page, "run")
    window.sign()
    qtbot.waitUntil(lambda: not window.conductor.caretaker.run.is_running, timeout=LONG_MS)
    window.quiet()
    first = window.records.get("experiment", "EX-0001")["runs"][0]
    assert first["status"] == "printed"
    assert first["results"]["mass_bias_pct"]
    qtbot.waitUntil(lambda: any(each.isVisible() for each in page.findChildren(QWidget, "traces")))
    window.choose(page, "traces|")
    window.fill(page, "overlay", units=f"{first['batch']}/01 {first['batch']}/02")
    window.quiet()
    qtbot.waitUntil(lambda: any(each.isVisible() for each in page.findChildren(QWidget, "traces")))
    window.press(page, "deed-traces")
    window.quiet()
    assert (station.documents() / "traces" / "traces.csv").is_file()


def test_a_trial_is_refused_in_a_mode_that_needs_an_order(qtbot, window, station, designed):
    station.rig = lambda profile, master, ask: VirtualBench(profile, master)
    page = window.open("f.scientist", "experiment")
    window.choose(page, "experiment|EX-1")
    window.fill(page, "run")
    window.sign()
    qtbot.waitUntil(lambda: not window.conductor.caretaker.run.is_running, timeout=LONG_MS)
    window.quiet()
    assert "E_ORDER_MISSING" in texts(page)
    assert window.records.get("experiment", "EX-1")["runs"][0]["status"] == "queued"
