"""Each fault of the table, on each drive: an alarm or a rejected unit answers it, or every accepted unit is right.

Every fault meets one moment and one seed here, turning through three of each from fault to fault; `make bench-faults`
runs all moments with twenty seeds. Faults of wire and balance do not know what pushes the ink: they are met once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from fault_matrix import DRIVES, LINK, MOMENTS, job_of, kinds_of, run

from printcare.control.events import Outcome
from printcare.emulator.faults import FAULTS

OF_NO_DRIVE = (*LINK, "plate-touched", "drip", "string", "unit-taken", "unit-stuck", "lost-xy-steps", "endstop-missed")
OF_NO_DRIVE += ("sensor-open", "sensor-short", "sensor-stuck", "reset", "unplug", "replug", "mute", "evaporation")


def is_shared(kind):
    """Whether a fault is the same whatever pushes the ink."""
    return kind.name in OF_NO_DRIVE or kind.name.startswith("balance-")


def cells():
    """Yield every cell that is run: drive, fault, moment and seed."""
    shared = [kind.name for kind in FAULTS.values() if is_shared(kind)]
    many = sum(not way.feels for way in DRIVES.values())  # a force sensor meets what it feels, nothing shared
    for number, drive in enumerate(DRIVES):
        for place, kind in enumerate(kinds_of(drive)):
            if is_shared(kind) and shared.index(kind.name) % many != number:
                continue
            yield drive, kind.name, MOMENTS[(place + number) % 3], 1 + (place // 3 + number) % 3


def test_every_fault_of_the_table_is_met():
    assert {fault for _, fault, _, _ in cells()} == set(FAULTS)


@pytest.mark.parametrize(("drive", "fault", "moment", "seed"), list(cells()))
def test_a_fault_is_answered_or_every_accepted_unit_is_right_all_the_same(drive, fault, moment, seed):
    answer = run(drive, fault, moment, seed)
    limit_pct = float(job_of(drive).first.limits.mass_pct)
    assert answer.has_struck
    assert answer.is_harmless(limit_pct), f"an accepted unit is {answer.worst_pct:.1f} % off: {answer.told}"
    assert answer.is_detected or answer.outcome is Outcome.COMPLETED
    assert answer.is_named or not answer.is_detected, f"{answer.alarm} does not name {fault}: {answer.told}"


@pytest.mark.parametrize("drive", list(DRIVES))
def test_a_print_without_a_fault_raises_no_alarm(drive):
    answer = run(drive, None, "", 4)
    assert (answer.alarm, answer.outcome, answer.rejected) == ("", Outcome.COMPLETED, 0)
