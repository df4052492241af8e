"""The whole job ends rehearsed, with ten weighed units and a record that verifies."""

from __future__ import annotations

from decimal import Decimal

from rehearsing import add_up, mass_mg

EVAPORATION_MG = 1.5  # what a unit may lose on the plate until it is weighed
BALANCE_MG = 1.0


def test_the_batch_is_rehearsed_and_never_released(clean):
    assert clean.batch["status"] == "rehearsed"
    assert clean.batch["simulated"]


def test_ten_units_were_weighed_and_accepted(clean):
    assert [unit["status"] for unit in clean.units] == ["accepted"] * 10
    assert all(unit["raw"].strip().startswith("S") for unit in clean.units)  # the balance's own line
    assert add_up(clean.units, 10)


def test_what_was_weighed_is_what_lies_there(clean):
    truth = clean.true_masses_mg()
    for unit in clean.units:
        off_mg = truth[unit["position"]] - float(mass_mg(unit))
        assert -BALANCE_MG < off_mg < EVAPORATION_MG


def test_every_unit_holds_the_ordered_dose_within_the_recipe_s_limit(clean):
    # 17 mg of an ink of the lot's assayed strength, within 7.5 % (recipe), from the true mass and not the weighed one.
    strength_mg_per_g = clean.planned.recipe.strength_mg_per_g
    for mass in clean.true_masses_mg().values():
        dose_mg = Decimal(str(mass)) / 1000 * strength_mg_per_g
        assert abs(dose_mg - 17) < Decimal("0.075") * 17


def test_accepted_units_are_allocated_to_the_patient_first_and_all_of_them_once(clean):
    uses = [unit["use"] for unit in clean.units]
    assert uses == ["patient"] * 7 + ["retain", "test", "spare"]


def test_the_record_verifies(clean):
    assert clean.verdict() in ("OK", "UNANCHORED")


def test_two_people_signed_the_dose_and_a_third_the_decision(clean):
    made = clean.records.all("signature")
    signers = {
        table: [row["account"] for row in made.values() if row["object_type"] == table]
        for table in ("verified_dose", "batch")
    }
    assert len(set(signers["verified_dose"])) == 2
    meanings = {row["meaning"]: row["account"] for row in made.values() if row["object_type"] == "batch"}
    assert meanings["rehearsed, not for patients"] not in (meanings["prepared"], meanings["printed and finished"])


def test_no_alarm_was_raised(clean):
    assert clean.alarms == []


def test_nothing_is_shown_that_is_not_in_the_record_before(clean):
    shown = [type(event).__name__ for event in clean.events]
    actions = [event.content["action"] for event in clean.records.events(limit=100_000)]
    assert shown.count("UnitEnded") == actions.count("unit.judged") == 10
    assert shown.count("ReadingBlock") == actions.count("readings.kept") > 10


def test_every_document_is_written_and_its_digest_recorded(clean, tmp_path):
    names = clean.demonstration.write(
        tmp_path, clean.planned, clean.order, clean.message, clean.calculated, clean.decision
    )
    assert {name.rpartition(".")[2] for name in names} == {"json", "txt", "gcode", "csv", "pdf", "jsonl"}
    assert all((tmp_path / name).stat().st_size > 0 for name in names)
    kept = clean.records.all("document", batch_id=clean.planned.id)
    assert len(kept) == len(names) - 1  # the export comes last and holds the digests of all others
