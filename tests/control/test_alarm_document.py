"""docs/control.md tells every alarm as the table has it."""

from pathlib import Path

import pytest

from printcare.control.alarm_table import ALARMS

PAGE = (Path(__file__).parents[2] / "docs" / "control.md").read_text("utf-8")


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=lambda alarm: alarm.id)
def test_the_page_tells_an_alarm_as_the_table_has_it(alarm):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {alarm.id} |"))
    _, what, priority, act, latches, does, answered = (cell.strip() for cell in row.strip("|").split("|"))
    assert (what, int(priority), does) == (alarm.title, alarm.priority, alarm.stop.value)
    assert (0.0 if act == "at once" else 60 * float(act.removesuffix(" min"))) == alarm.respond_s
    assert (latches == "yes", answered == "signature") == (alarm.latches, alarm.needs_signature)
