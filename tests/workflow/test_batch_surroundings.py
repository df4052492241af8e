"""The room, the disposables and the waste of a batch, and what an ended training forbids beside a print."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from care import PASSWORD, staffed
from ward import open_store

from printcare.domain.people import SYSTEM
from printcare.domain.training import PASSED, Trained, still_until, subject_of
from printcare.records.store import Store
from printcare.workflow.authority import Refused
from printcare.workflow.order import verify
from printcare.workflow.paper import batch_history
from printcare.workflow.release import review
from printcare.workflow.site import cleaning, room, training, waste

BATCH = "B-0001"


@pytest.fixture(scope="module")
def site(tmp_path_factory, cheap_passwords_for_all):
    with open_store(tmp_path_factory.mktemp("around")) as records:
        made = staffed(records)
        with records.transaction(SYSTEM) as tx:
            for each in (BATCH, "B-0002"):
                tx.record("batch.planned", "batch", each, {"status": "planned"})
        yield made


def codes(call, *given):
    """Return the codes a call was refused with; the refusal stands on record."""
    with pytest.raises(Refused) as refused:
        call(*given)
    last = given[0].events(after=given[0].head()[0] - 1)[-1].content
    assert (last["outcome"], last["reason_code"]) == ("refused", refused.value.code)
    return [finding.code for finding in refused.value.findings]


def test_the_room_is_entered_with_class_temperature_and_humidity(site):
    records, ada = site.records, site.people["ada"]
    assert room.room_of(records, BATCH) is None
    room.enter_room(records, ada, BATCH, "ISO 8", Decimal("21.5"), Decimal(45))
    assert room.room_of(records, BATCH) == {"room_class": "ISO 8", "temperature_c": "21.5", "humidity_pct": "45"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((BATCH, " ", Decimal(21), Decimal(45)), ["E_ROOM_CLASS"]),
        ((BATCH, "D", Decimal(70), Decimal(45)), ["E_ROOM_FIGURES"]),
        ((BATCH, "D", Decimal(21), Decimal(101)), ["E_ROOM_FIGURES"]),
        (("B-404", "D", Decimal(21), Decimal(45)), ["E_NOT_ON_RECORD"]),
    ],
)
def test_a_room_nobody_could_have_read_is_refused(site, given, wanted):
    assert codes(room.enter_room, site.records, site.people["ada"], *given) == wanted


def test_a_disposable_is_linked_by_its_lot_and_its_serial_number_is_used_once(site):
    records, ada = site.records, site.people["ada"]
    room.enter_disposable(records, ada, BATCH, "nozzle", "N-7", "0042")
    room.enter_disposable(records, ada, BATCH, "tray liner", "L-1")
    room.enter_disposable(records, ada, "B-0002", "tray liner", "L-1")
    assert codes(room.enter_disposable, records, ada, "B-0002", "nozzle", "N-7", "0042") == ["E_DISPOSABLE_USED"]
    assert codes(room.enter_disposable, records, ada, BATCH, "nozzle", " ") == ["E_DISPOSABLE_LOT"]
    assert [each["lot"] for each in room.disposables_of(records, BATCH)] == ["N-7", "L-1"]


def test_waste_is_destroyed_before_a_witness_and_both_sign(site):
    records, ada, ben = site.records, site.people["ada"], site.people["ben"]
    waste.destroy_waste(records, ada, PASSWORD, ben, PASSWORD, BATCH, "2 rejected units, 4 wipes")
    signed = records.all("signature", object_id=BATCH).values()
    assert [(each["account"], each["meaning"]) for each in signed] == [
        (ada.id, waste.TOOK),
        (ben.id, waste.WITNESSED),
    ]
    line = batch_history.clearance(records, BATCH)[-1]
    assert "2 rejected units, 4 wipes" in line.step


def test_waste_without_another_person_or_without_words_is_refused(site):
    records, ada, ben = site.records, site.people["ada"], site.people["ben"]
    assert codes(waste.destroy_waste, records, ada, PASSWORD, ben, PASSWORD, "B-404", " ") == [
        "E_WASTE_ENTRY",
        "E_NOT_ON_RECORD",
    ]
    before = len(records.events(action=waste.DESTROYED, outcome="done"))
    assert codes(waste.destroy_waste, records, ada, PASSWORD, ada, PASSWORD, BATCH, "wipes")
    assert len(records.events(action=waste.DESTROYED, outcome="done")) == before


# Who, the module, and the deed it permits; nothing of the deed is looked at before the training.
DEEDS = {
    "verification": ("cleo", lambda records, who, _: verify.record_verified(records, who, "", who, "", "RX-1", {})),
    "release": ("rita", lambda records, who, _: review.decide_recorded(records, who, "", BATCH, None, "released")),
    "cleaning": ("ada", lambda records, who, ben: cleaning.clear_line(records, who, ben, "bench 1", BATCH, "L")),
}


@pytest.mark.parametrize("module", DEEDS)
def test_an_ended_training_takes_verification_release_and_clearance_away(site, module):
    login, deed = DEEDS[module]
    records, who, quality = site.records, site.people[login], site.people["quinn"]
    past = records.context.clock() - timedelta(days=366)
    own = Trained(who.id, module, "", "", "1", quality.id, past, PASSED, "seen")
    training.record_training(records, quality, own)
    assert codes(deed, records, who, site.people["ben"]) == ["E_TRAINING_EXPIRED"]


def test_a_training_unused_for_six_months_ends_before_its_year():
    read = datetime(2026, 1, 1, tzinfo=UTC)
    year = read + timedelta(days=365)
    assert still_until(year, read, None) == read + timedelta(days=183)
    assert still_until(year, read, read + timedelta(days=30)) == read + timedelta(days=213)
    assert still_until(year, read, read + timedelta(days=300)) == year


@pytest.mark.parametrize("module", DEEDS)
def test_who_was_never_trained_does_no_deed_in_locked_mode_and_the_refusal_is_recorded(site, module, monkeypatch):
    login, deed = DEEDS[module]
    records, who = site.records, site.people[login]
    own = subject_of(who.id, module, "", "")
    get = Store.get
    monkeypatch.setattr(Store, "get", lambda store, table, key: None if key == own else get(store, table, key))
    assert codes(deed, records, who, site.people["ben"]) == ["E_TRAINING_MISSING"]
    told = records.events(after=records.head()[0] - 1)[-1].content
    assert (told["outcome"], told["reason_code"]) == ("refused", "E_TRAINING_MISSING")


def test_cytotoxic_waste_is_destroyed_before_a_witness_ere_the_batch_is_released(site):
    records, ada, ben = site.records, site.people["ada"], site.people["ben"]
    assert [each.code for each in waste.waste_stops(records, "B-9", "cytotoxic")] == ["E_WASTE_OPEN"]
    assert [each.code for each in waste.waste_stops(records, "B-9", "")] == ["E_WASTE_OPEN"]
    assert waste.waste_stops(records, "B-9", "none") == waste.waste_stops(records, "B-9", "hormone") == ()
    waste.destroy_waste(records, ada, PASSWORD, ben, PASSWORD, BATCH, "two wipes, one tray liner")
    assert waste.waste_stops(records, BATCH, "cytotoxic") == ()
