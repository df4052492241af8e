"""Every shipped recipe is printed on the emulated bench, from its order to a rehearsed batch."""

from __future__ import annotations

import pytest
from rehearsing import ONE_DAY, Rehearsal, add_up

from printcare.workflow.demonstration import SHIPPED


@pytest.fixture(scope="module", params=sorted(SHIPPED))
def rehearsed(request, tmp_path_factory):
    """Return the rehearsal of one recipe: one day of its order, with the units for retain, test and spare."""
    one = Rehearsal(tmp_path_factory.mktemp("recipe"), recipe=request.param, days=ONE_DAY).whole()
    yield one
    one.close()


def test_it_ends_rehearsed_with_every_unit_accepted_and_no_alarm(rehearsed):
    assert (rehearsed.batch["status"], rehearsed.alarms) == ("rehearsed", [])
    assert add_up(rehearsed.units, rehearsed.batch["units"])
    assert {unit["status"] for unit in rehearsed.units} == {"accepted"}
