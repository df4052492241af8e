"""A batch released in locked mode: the rehearsal's, on an emulated bench that calls itself real, for its papers alone.

What a rehearsal only stands in for is taken here for what it stands in for, so that every gate of a release is passed
by what is on record and none is left out. Trainings to verify and release are not asked: nobody stands in for those.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rehearsing
from rehearsing import Rehearsal

from printcare.devices import printer
from printcare.domain.policy import LOCKED
from printcare.domain.reading import Identity
from printcare.protocol import mt_sics, ps1
from printcare.workflow import demonstration
from printcare.workflow.paper.labels import print_label, use_label
from printcare.workflow.record.audit_review import critical_entries, sign_review
from printcare.workflow.record.configuration import note_configuration
from printcare.workflow.release.review import decide_recorded, finish, review
from printcare.workflow.site import rehearsed, training
from printcare.workflow.site.waste import destroy_waste

FIRMWARE = "FIRMWARE_NAME:Marlin 2.1.2.1 (Jan  1 2000 00:00:00)"  # of the emulated printer, as a register would hold it
WASTE = "no rejected unit, 4 wipes, 2 pairs of gloves, 1 nozzle"


def _real(model: str, serial: str, *_announced: object) -> Identity:
    return Identity(model.replace("simulated:1 speed:1 ", ""), serial)


@contextmanager
def a_bench_that_calls_itself_real() -> Iterator[None]:
    """Let devices leave out that they are simulated, and let the rehearsal's stand-ins count."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (printer, mt_sics, ps1):
            patch.setattr(module, "Identity", _real)
        patch.setattr(rehearsed, "SIMULATED", {"simulated": False})
        patch.setattr(rehearsed, "FIRMWARE", FIRMWARE)
        patch.setattr(rehearsing, "REHEARSAL", LOCKED)
        patch.setattr(demonstration, "switch", lambda *_: None)  # a record begins in locked mode
        patch.setattr(training, "untrained", lambda *_: ())
        yield


def released_in(folder: Path, days: int | None = None) -> Rehearsal:
    """Return a batch printed, its waste destroyed, its trail reviewed, its labels used, and released by signature."""
    with a_bench_that_calls_itself_real():
        one = Rehearsal(folder, days=days)
        show = one.demonstration
        show.policy = LOCKED
        one.plan()
        note_configuration(one.records)
        one.print()
        batch, people, passwords = one.planned.id, show.people, show.passwords
        operator, quality, releaser = people["a.operator"], people["q.quality"], people["r.releaser"]
        witness = (people["b.pharmacist"], passwords["b.pharmacist"])
        finish(one.records, operator, one.planned, passwords["a.operator"])
        destroy_waste(one.records, operator, passwords["a.operator"], *witness, batch, WASTE)
        _label(one)
        seen = [entry["seq"] for entry in critical_entries(one.records, quality, batch)]
        sign_review(one.records, quality, passwords["q.quality"], batch, seen, "nothing against it")
        one.decision = review(one.records, one.planned, one.drawn, LOCKED)
        decide_recorded(one.records, releaser, passwords["r.releaser"], batch, one.decision, "released")
        _label(one)
    return one


def _label(one: Rehearsal) -> None:
    people, batch = one.demonstration.people, one.planned.id
    made = print_label(one.records, people["r.releaser"], batch, one.demonstration.recipe)
    use_label(one.records, people["a.operator"], batch, made.serial, made.code)
