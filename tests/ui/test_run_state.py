"""What the job tells becomes what the page draws."""

import pytest

from printcare.domain.batch import UnitState
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
