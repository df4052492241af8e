"""What the job tells becomes what the page draws."""

from dataclasses import replace

import pytest

from printcare.domain.batch import UnitState
from printcare.ui.models import PartPlan
from printcare.ui.run_state import RunState


@pytest.fixture
def run(run_plan):
    return RunState(run_plan)


def test_figures_told_as_texts_are_numbers_here(run):
    run.apply("UnitBegan", {"index": 1})
    run.apply("UnitEnded", {"index": 1, "state": "accepted", "mass_mg": "426.7", "reason": ""})
    assert (run.at(1).state, run.at(1).mass_mg) == ("accepted", 426.7)


def test_time_left_is_divided_by_the_speed_of_a_simulated_bench(run):
    run.apply("DeviceFound", {"source": "printer", "identity": {"simulated": True, "speed": "30"}})
    run.apply("Progress", {"phase": "print", "done": "0.5", "left_s": "300", "unit": 2})
    assert run.left_s == 10.0


def test_the_end_settles_every_unit(run):
    run.apply("UnitBegan", {"index": 2})
    units = [[1, "accepted"], [2, "rejected"], *([index, "unprinted"] for index in range(3, 7))]
    run.apply("JobEnded", {"outcome": "stopped", "reason": "A04", "units": units})
    assert run.is_over
    assert [run.count(state) for state in UnitState] == [4, 0, 1, 1]


def test_a_recorded_block_replaces_the_live_tail(run):
    run.apply("UnitBegan", {"index": 1})
    run.apply("Progress", {"phase": "print", "done": 0.1, "left_s": 1, "unit": 1, "pressure_kpa": 99})
    run.apply(
        "ReadingBlock",
        {"source": "pressure", "unit": "kpa", "index": 1, "rows": [["1.0", "98", ""], ["2.0", "99", ""]]},
    )
    assert run.live == []
    assert run.trace == [(1.0, 98.0), (2.0, 99.0)]
    assert run.spans == {1: (1.0, 2.0)}


def test_a_message_of_a_later_version_changes_nothing(run):
    run.apply("Sung", {"song": "none"})
    assert run == RunState(run.plan)


@pytest.fixture
def two(run_plan):
    """Return the run of a unit of two drugs."""
    return RunState(replace(run_plan, further=(PartPlan("hydroCHLOROthiazide", 210.0, 200.0, 220.0),)))


def _judged(run, part, state, mass_mg):
    run.apply("UnitEnded", {"index": 1, "part": part, "state": state, "mass_mg": mass_mg, "reason": ""})


def test_a_unit_of_two_drugs_is_accepted_with_its_second(two):
    two.apply("UnitBegan", {"index": 1})
    _judged(two, 1, "accepted", "425.0")
    assert two.at(1).state == "printing"
    _judged(two, 2, "accepted", "211.5")
    assert (two.at(1).state, two.at(1).masses_mg) == ("accepted", {1: 425.0, 2: 211.5})


def test_a_rejected_first_drug_rejects_the_unit(two):
    _judged(two, 1, "rejected", "300.0")
    assert two.at(1).state == "rejected"


def test_each_tool_keeps_a_pressure_line_of_its_own(two):
    for source, kpa in (("pressure", "98"), ("pressure-1", "55")):
        two.apply("ReadingBlock", {"source": source, "unit": "kpa", "index": 1, "rows": [["1.0", kpa, ""]]})
    assert (two.trace, two.further_traces) == ([(1.0, 98.0)], {"pressure-1": [(1.0, 55.0)]})
