"""Every shipped recipe is printed on the emulated bench, from its order to a rehearsed batch."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rehearsing import ONE_DAY, add_up, prepared_in

from printcare.workflow.demonstration import SHIPPED


@pytest.fixture(scope="module", params=sorted(SHIPPED))
def rehearsed(request, tmp_path_factory):
    """Return the rehearsal of one recipe: one day of its order, with the units for retain, test and spare."""
    one = prepared_in(tmp_path_factory.mktemp("recipe"), recipe=request.param, days=ONE_DAY).whole()
    yield one
    one.close()


def test_it_ends_rehearsed_with_every_unit_accepted_and_no_alarm(rehearsed):
    assert (rehearsed.batch["status"], rehearsed.alarms) == ("rehearsed", [])
    assert add_up(rehearsed.units, rehearsed.batch["units"])
    assert {unit["status"] for unit in rehearsed.units} == {"accepted"}


def test_what_lies_there_holds_the_ordered_dose_of_every_drug_within_its_gate(rehearsed):
    # Σ of the drugs of a unit, from the true mass and not the weighed one; each drug's own gate is judged by the job.
    parts = rehearsed.planned.recipe.parts
    wanted_mg = float(sum(part.target_mass_mg for part in parts))
    allowed_mg = sum(float(gate.gate_mg) for gate in rehearsed.planned.gates)
    masses_mg = rehearsed.true_masses_mg()
    assert set(masses_mg) == {unit["position"] for unit in rehearsed.units}
    assert all(abs(mass_mg - wanted_mg) <= allowed_mg for mass_mg in masses_mg.values())
    for part in parts:
        dose_mg = part.target_mass_mg * part.strength_mg_per_g / 1000
        assert abs(dose_mg - part.dose_per_unit_mg) <= Decimal("0.005") * part.dose_per_unit_mg


def test_each_drug_is_weighed_and_booked_on_its_own_cartridge(rehearsed):
    for part in rehearsed.batch["parts"]:
        low_mg, high_mg = map(Decimal, part["accepted_mg"])
        rows = [unit if part["number"] == 1 else unit["parts"][str(part["number"])] for unit in rehearsed.units]
        assert all(low_mg <= Decimal(row["mass_mg"]) <= high_mg for row in rows)
        entry = rehearsed.records.get("cartridge", part["cartridge"])["ledger"][-1]
        assert entry["batch_id"] == rehearsed.planned.id
        assert -Decimal(entry["mass_g"]) > sum(Decimal(row["mass_mg"]) for row in rows) / 1000 * Decimal("0.9")


def test_its_papers_name_every_drug_and_the_record_verifies(rehearsed, tmp_path):
    one = rehearsed
    names = one.demonstration.write(tmp_path, one.planned, one.order, one.message, one.calculated, one.decision)
    table = (tmp_path / "units.csv").read_text("utf-8").splitlines()
    assert len(table) == 1 + one.batch["units"] * len(one.planned.recipe.parts)
    assert all(any(part.drug in line for line in table) for part in one.planned.recipe.parts)
    assert {"batch-record.pdf", "label.pdf"} <= set(names)
    assert one.verdict() in ("OK", "UNANCHORED")


def test_the_decision_holds_a_verdict_for_every_drug(rehearsed):
    assert [verdict.drug for verdict in rehearsed.decision.drugs] == [p["drug"] for p in rehearsed.batch["parts"]]
