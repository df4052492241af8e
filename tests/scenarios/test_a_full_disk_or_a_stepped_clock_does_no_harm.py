"""A disk that fills up ends the print in safe state; a clock that is set while it runs is told and changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rehearsing import ONE_DAY, add_up, open_store, prepared_in

from printcare.control.events import UnitBegan
from printcare.records import audit
from printcare.workflow.batch.recover import quarantine_interrupted


def at_unit(index, act):
    def watch(one, event):
        if isinstance(event, UnitBegan) and event.index == index:
            act(one)

    return watch


def fill_up(one):
    one.records._connection.exec_driver_sql("PRAGMA max_page_count=1")  # SQLite takes no page more than it has
    one.records._connection.rollback()


@pytest.mark.sqlite_file
@pytest.mark.hazard("HZ-07")
def test_a_full_disk_stops_the_print_in_safe_state_and_the_next_start_quarantines_the_batch(tmp_path):
    one = prepared_in(tmp_path, days=ONE_DAY, watch=at_unit(2, fill_up))
    ended = one.print()
    assert (ended.outcome.value, ended.trip.kind.id) == ("failed", "A17")
    assert one.bench.jacket.target_c == 0.0
    assert not [event for event in one.events if isinstance(event, UnitBegan) and event.index > 2]
    one.close()
    with open_store(tmp_path, boot_id="second start") as records:
        quarantine_interrupted(records)
        assert records.get("batch", "B-0001")["status"] == "quarantined"
        assert add_up(list(records.all("unit").values()), 4)
        assert audit.verify(records.url)["verdict"] in ("OK", "UNANCHORED")


def test_a_clock_set_while_it_prints_changes_no_unit_and_a_step_back_is_told(tmp_path):
    def step(hours):
        return lambda one: setattr(
            one.records.context.clock, "now", one.records.context.clock() + timedelta(hours=hours)
        )

    steps = [at_unit(2, step(-1)), at_unit(3, step(3))]
    one = prepared_in(tmp_path, days=ONE_DAY, watch=lambda one, event: [act(one, event) for act in steps])
    assert one.print().outcome.value == "completed"
    assert [unit["status"] for unit in one.units] == ["accepted"] * 4
    assert len(one.records.events(action="clock.stepped_back")) == 1
    assert one.verdict() == "CLOCK_REGRESSION"  # whole and unchanged, and its times go back once
    one.close()
