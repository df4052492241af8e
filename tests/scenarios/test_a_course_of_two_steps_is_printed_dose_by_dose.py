"""An order in steps is printed one batch a dose: each weighs what its own step says, is rehearsed, and made once."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from rehearsing import TODAY, Rehearsal

from printcare.domain.control_recipe import DoseTime, PartDose
from printcare.domain.people import SYSTEM
from printcare.emulator.bench import Bench
from printcare.emulator.labelled import truths_of
from printcare.emulator.virtual import VirtualPorts
from printcare.formats.dosing_rule import load_rules
from printcare.formats.prescription_json import read_prescription_json
from printcare.formats.profile import load_profile
from printcare.records.dialect import database_file
from printcare.workflow import demonstration
from printcare.workflow.authority import Refused
from printcare.workflow.batch.plan import plan_batch
from printcare.workflow.demonstration import typed_again
from printcare.workflow.ink import inks
from printcare.workflow.order.receive import keep, pseudonym_key
from printcare.workflow.order.verified import verified_dose
from printcare.workflow.order.verify_parts import calculate_step_order, verify_step_order
from printcare.workflow.site.upkeep import calibrate_flow

STEPS = (
    {"days": 1, "doses": [{"at": "08:00", "dose_mg": "10"}, {"at": "14:00", "dose_mg": "7"}]},
    {"days": 1, "doses": [{"at": "08:00", "dose_mg": "17"}]},
)
ORDER = {
    "schema": "printcare.prescription/1",
    "id": "RX-STEPS",
    "authored_on": TODAY.isoformat(),
    "prescriber": "Dr Ada Example",
    "indication": "metronomic chemotherapy",
    "patient": {"identifier": "DEMO-1", "name": "Robin Specimen", "birth_date": "2021-09-14", "sex": "F"},
    "product": {"code": "cyclophosphamide"},
    "route": "oral",
    "steps": STEPS,
    "weight": {"value": "16.0", "unit": "kg", "measured_on": TODAY.isoformat()},
    "height": {"value": "102", "unit": "cm", "measured_on": TODAY.isoformat()},
}
DOSES = ((DoseTime(1, "08:00"), "10"), (DoseTime(1, "14:00"), "7"), (DoseTime(2, "08:00"), "17"))


def share(cartridge):
    """Return the lot in a cartridge for each dose: a cytotoxic one serves one batch."""
    filled = [replace(cartridge, fill_g=(cartridge.fill_g / 3).quantize(Decimal("0.1"))) for _ in DOSES]
    return (filled[0], *(replace(each, id=f"{cartridge.id}-{number}") for number, each in enumerate(filled[1:])))


def with_a_cartridge_for_each_dose(records, operator, lot, cartridges):
    """Receive the delivery in as many cartridges as there are doses."""
    inks.receive_lot(records, operator, lot, share(cartridges[0]))


def cartridge_of(show, at):
    """Return the cartridge of one dose; of a dose nobody ordered the last one."""
    every = share(show.materials()[1])
    places = [each for each, _ in DOSES]
    return every[places.index(at)] if at in places else every[-1]


class Course(Rehearsal):
    """A rehearsal whose order has steps: verified once, planned and printed dose by dose."""

    def verify(self) -> None:
        """Receive the order, and let two pharmacists stand for every dose of it."""
        show = self.demonstration
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demonstration, "receive_lot", with_a_cartridge_for_each_dose)
            show.set_up()
        message = json.dumps(ORDER).encode()
        key = pseudonym_key(database_file(self.records.url).parent)
        result = read_prescription_json(message, key, TODAY)
        keep(self.records, show.people["a.operator"], message, result, "json")
        assert result.prescription is not None, result.findings
        self.order = result.prescription
        lot, first = show.materials()
        for each in share(first)[1:]:  # the first is the demonstration's own
            flow = (Decimal(100), Decimal(110), show.recipe.ink.density_mg_mm3)
            calibrate_flow(self.records, show.people["a.operator"], each.id, *flow)
        ben, cleo = show.people["b.pharmacist"], show.people["c.pharmacist"]
        steps = calculate_step_order(self.records, ben, self.order, load_rules(), show.recipe, lot, TODAY)
        verify_step_order(
            self.records,
            ben,
            show.passwords["b.pharmacist"],
            show.passwords["c.pharmacist"],
            self.order,
            steps,
            cleo,
            replace(typed_again(self.order, cleo.id), dose_mg=None),
            (("10", "7"), ("17",)),
        )

    def plan_dose(self, at, days=1):
        """Plan the batch of one dose, as the record has it verified."""
        show = self.demonstration
        lot, _ = show.materials()
        cartridge = cartridge_of(show, at)
        verified = verified_dose(self.records, self.order, load_rules(), show.recipe, lot, TODAY, at)
        return plan_batch(
            self.records,
            show.people["a.operator"],
            self.order.id,
            show.recipe,
            [PartDose(verified, lot, cartridge)],
            load_profile(show.profile),
            show.balance,
            show.policy,
            days,
            TODAY,
            at=at,
        )

    def make(self, at):
        """Plan, prepare, print, finish and sign the batch of one dose on a bench of its own."""
        self.planned = self.plan_dose(at)
        drawn = self.demonstration.prepare(self.planned, 1)
        bench = Bench(self.planned.profile, ink=truths_of(self.demonstration.recipe, self.planned.profile))
        ports = VirtualPorts(bench)
        ended = self.demonstration.produce(self.planned, ports, self._see)
        self.decision = self.demonstration.close(self.planned, drawn)
        ports.close()
        return ended


@pytest.fixture(scope="module")
def course(tmp_path_factory, cheap_passwords_for_all):
    """Return the course with all of its three doses made."""
    one = Course(tmp_path_factory.mktemp("course"))
    one.verify()
    one.batches = {}
    for at, dose_mg in DOSES:
        ended = one.make(at)
        one.batches[at] = (one.planned.id, dose_mg, ended, one.batch, one.units)
    yield one
    one.close()


@pytest.mark.parametrize("at", [at for at, _ in DOSES])
def test_each_dose_of_each_step_is_printed_weighed_and_rehearsed(course, at):
    _, dose_mg, ended, batch, units = course.batches[at]
    assert (ended.outcome.value, batch["status"]) == ("completed", "rehearsed")
    assert batch["step"] == {"step": at.step, "time_of_day": at.time_of_day}
    assert batch["dose_per_unit_mg"] == dose_mg
    # 40 mg/g at 98.5 % of label, as the lot's certificate says: the target holds the dose of this step.
    strength_mg_per_g = Decimal(batch["strength_mg_per_g"])
    target_mg = Decimal(dose_mg) * 1000 / strength_mg_per_g
    assert Decimal(batch["target_mass_mg"]) == pytest.approx(target_mg, abs=Decimal("0.01"))
    assert {unit["use"] for unit in units} == {"patient", "retain", "test", "spare"}
    for unit in units:
        assert abs(Decimal(unit["mass_mg"]) - target_mg) <= target_mg * Decimal("0.05")


@pytest.mark.parametrize("at", [at for at, _ in DOSES])
def test_no_dose_of_a_step_is_made_twice_of_what_was_signed_for(course, at):
    with course.records.transaction(SYSTEM) as tx:  # as if it had been released: a rehearsed one is nobody's dose
        batch_id, *_, state, _ = course.batches[at]
        tx.record("batch.changed", "batch", batch_id, state | {"status": "quarantined"})
    with pytest.raises(Refused) as refused:
        course.plan_dose(at)
    assert "E_COURSE_MADE" in [finding.code for finding in refused.value.findings]


@pytest.mark.parametrize("at", [DoseTime(3, "08:00"), DoseTime(2, "14:00")])
def test_a_dose_no_step_holds_is_not_planned(course, at):
    with pytest.raises(Refused) as refused:
        course.plan_dose(at)
    assert "E_STEP_UNKNOWN" in [finding.code for finding in refused.value.findings]


def test_a_step_is_not_made_longer_than_it_was_ordered(course):
    with pytest.raises(Refused) as refused:
        course.plan_dose(DOSES[1][0], days=2)
    assert "E_COURSE_LENGTH" in [finding.code for finding in refused.value.findings]


def test_the_record_of_the_whole_course_verifies(course):
    assert course.verdict() in ("OK", "UNANCHORED")
