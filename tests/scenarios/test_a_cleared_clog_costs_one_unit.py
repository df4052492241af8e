"""Where the recipe allows a restart, a cleared clog costs one unit and a purge, and the record tells both."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from rehearsing import ONE_DAY, add_up, open_store, prepared_in

from printcare.control.events import Held, JobEnded, Primed, PurgeBegan, UnitBegan
from printcare.protocol.wire import Command
from printcare.workflow.batch.judged import ink_stops
from printcare.workflow.batch.recover import quarantine_interrupted


class Died(BaseException):
    """The death of the job's process."""


def answer(one, event):
    """Clear the nozzle, acknowledge and resume, as the operator does at the window."""
    if isinstance(event, Held):
        one.bench.active.ink.is_clogged = False
        for name, reason in (("acknowledge", "A04 nozzle wiped"), ("resume", "")):
            one.ports.post(Command(name, "u-1", reason))


def clogging(folder, watch):
    one = prepared_in(folder, days=ONE_DAY, faults=("clog@unit:2",), watch=watch)
    (part,) = one.planned.job.parts
    job = replace(one.planned.job, parts=(replace(part, limits=replace(part.limits, restarts_max=1)),))
    one.planned = replace(one.planned, job=job)
    return one


@pytest.fixture(scope="module")
def cleared(tmp_path_factory):
    one = clogging(tmp_path_factory.mktemp("cleared"), answer)
    one.print()
    yield one
    one.close()


def test_one_unit_is_rejected_and_every_other_printed_once(cleared):
    assert cleared.batch["outcome"] == "completed"
    assert [unit["status"] for unit in cleared.units] == ["accepted", "rejected", "accepted", "accepted"]
    assert cleared.units[1]["reason"].startswith("stopped by A04")
    assert [event.index for event in cleared.events if isinstance(event, UnitBegan)] == [1, 2, 3, 4]
    assert cleared.verdict() in ("OK", "UNANCHORED")


def booked(one):
    """Return what the ledger of its cartridge holds."""
    return one.records.get("cartridge", one.planned.cartridge.id)["ledger"]


def test_the_ledger_tells_what_was_purged_beside_what_was_printed(cleared):
    printed, purged = booked(cleared)
    assert (printed["reason"], purged["reason"]) == ("printed and primed", "purged after an alarm")
    ended = next(event for event in cleared.events if isinstance(event, JobEnded))
    density = cleared.planned.job.density_mg_mm3
    both_g = -(Decimal(printed["mass_g"]) + Decimal(purged["mass_g"]))
    assert float(both_g) == pytest.approx(ended.ink_used_mm3 * float(density) / 1000, abs=0.0002)
    assert Decimal(purged["mass_g"]) < 0


def test_what_was_purged_is_found_again_beside_units_and_prime(cleared):
    (row,) = cleared.batch["parts"]
    again = [event for event in cleared.events if isinstance(event, Primed)][1]
    assert float(row["purged_mm3"]) == pytest.approx(again.volume_mm3)
    assert "E_INK_RECONCILIATION" not in {
        each.code for each in ink_stops(cleared.records, "B-0001", cleared.batch, cleared.units)
    }


def test_the_ledger_tells_no_less_than_left_the_nozzle_and_at_most_the_ink_that_was_pressed_more(cleared):
    """What a prime presses comes back when the pressure is taken back, and the ledger leaves it booked."""
    ink = cleared.bench.active.ink
    left_g = ink.out_mm3 * ink.density() / 1000
    booked_g = -sum(float(entry["mass_g"]) for entry in booked(cleared))
    primes_kpa = [event.reference_kpa for event in cleared.events if isinstance(event, Primed)]
    pressed_g = sum(primes_kpa) * ink.compliance_mm3_kpa() * ink.density() / 1000
    assert len(primes_kpa) == 2
    assert left_g <= booked_g <= 1.01 * left_g + pressed_g  # one per cent: the lot's density and the plunger's steps


def test_a_job_lost_while_it_purges_is_booked_with_the_whole_purge(tmp_path):
    def die(one, event):
        answer(one, event)
        if isinstance(event, PurgeBegan):
            raise Died

    one = clogging(tmp_path, die)
    with pytest.raises(Died):
        one.print()
    cartridge, job = one.planned.cartridge.id, one.planned.job
    most_mm3 = one.events[-1].most_mm3
    one.close()
    with open_store(tmp_path, boot_id="second start") as records:
        assert quarantine_interrupted(records) == ("B-0001",)
        (entry,) = records.get("cartridge", cartridge)["ledger"]
        batch = records.get("batch", "B-0001")
        assert add_up(list(records.all("unit").values()), 4)
    two_units_mg = 2 * Decimal(batch["parts"][0]["target_mass_mg"])
    spent_mm3 = Decimal(batch["parts"][0]["primed_mm3"]) + Decimal(str(most_mm3))
    wanted_g = (two_units_mg + spent_mm3 * job.density_mg_mm3) / 1000
    assert -Decimal(entry["mass_g"]) == pytest.approx(wanted_g, abs=Decimal("0.0002"))
