"""A printer that says another firmware than the one that was qualified prints nothing where that counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from trial import Trial, plan

from printcare.control.events import DeviceFound, Noted, Outcome
from printcare.control.instruments import other_firmware
from printcare.domain.policy import LOCKED, REHEARSAL, RESEARCH
from printcare.domain.reading import Identity

SAID = "FIRMWARE_NAME:Marlin 2.1.2.1 (Jan  1 2000 00:00:00)"


def test_another_firmware_than_was_qualified_stops_the_job_before_anything_moves():
    trial = Trial(job=replace(plan(1), firmware="Marlin 2.0")).run()
    assert "E_FIRMWARE_OTHER" in trial.ended.reason
    assert "E_FIRMWARE_OTHER" in [event.what for event in trial.of(Noted)]
    assert trial.bench.truth()["units_begun"] == 0


def test_the_firmware_that_was_qualified_prints():
    trial = Trial(job=replace(plan(1), firmware=SAID)).run()
    assert trial.of(DeviceFound)[0].identity.model == SAID
    assert trial.ended.outcome is Outcome.COMPLETED


@pytest.mark.parametrize("known", ["", "Marlin 2.0"])
@pytest.mark.parametrize(("policy", "blocks"), [(LOCKED, True), (REHEARSAL, True), (RESEARCH, False)])
def test_research_alone_is_told_of_another_firmware_and_goes_on(policy, blocks, known):
    (found,) = other_firmware(replace(plan(1), firmware=known, policy=policy), Identity(SAID, ""))
    assert (found.code, found.blocks) == ("E_FIRMWARE_OTHER", blocks)


def test_where_no_printer_stands_on_the_register_there_is_nothing_to_compare():
    assert other_firmware(replace(plan(1), firmware=None), Identity(SAID, "")) == ()
