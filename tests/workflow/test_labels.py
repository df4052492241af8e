"""Labels: quarantine before the release and final after it, each under a serial, all of them accounted for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from printed_house import BATCH, printed, recipe
from ward import PASSWORD

from printcare.errors import PrintcareError
from printcare.formats.wording import tongue_of
from printcare.records import audit
from printcare.workflow.authority import Refused
from printcare.workflow.paper import labels
from printcare.workflow.paper.label_book import label_count, label_stops, labels_of, quarantine_label_stops
from printcare.workflow.paper.use_by import use_by_facts
from printcare.workflow.paper_settings import PaperSettings, paper_settings, set_paper_settings
from printcare.workflow.release import hand_over
from printcare.workflow.release.review import review_recorded


@pytest.fixture
def house(tmp_path, cheap_passwords):
    made = printed(tmp_path)
    yield made
    made.records.close()


@pytest.fixture
def given(tmp_path, cheap_passwords):
    made = printed(tmp_path, "released")
    yield made
    made.records.close()


def label(house, **named):
    return labels.print_label(house.records, house.people["rita"], BATCH, recipe(), **named)


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def test_before_the_release_the_label_is_one_of_quarantine_and_on_record(house):
    made = label(house)
    assert (made.kind, made.serial) == ("quarantine", "B-0001-Q1")
    assert house.records.events(action="label.printed")[-1].content["new"]["sha256"]
    assert audit.verify(house.records.url)["verdict"] in ("OK", "UNANCHORED")


def test_after_the_release_the_label_is_final_and_names_the_patient(given):
    made = label(given)
    state = labels.batch_state(given.records, BATCH)
    until = labels.batch_use_by(given.records, BATCH, recipe()).at
    content = labels.label_content(given.records, BATCH, state, recipe(), made.kind, made.serial, until)
    assert (made.kind, content.patient, content.count, content.units_per_dose) == ("final", "Robin Specimen", 7, 1)


def test_a_label_larger_than_the_site_s_says_so_in_the_record(given):
    settings = PaperSettings(language="fr", country="FR", label_size="100x62")
    made = label(given, settings=settings)
    row = labels_of(given.records, BATCH)[labels.label_key(BATCH, made.serial)]
    assert (made.size_mm, row["size_mm"]) == ("105x74", "105x74")


def test_a_ward_may_stand_in_the_patients_place(given):
    state = labels.batch_state(given.records, BATCH)
    until = labels.batch_use_by(given.records, BATCH, recipe()).at
    content = labels.label_content(given.records, BATCH, state, recipe(), "final", "S", until, "Ward 4, bed 2")
    assert content.patient == "Ward 4, bed 2"


def test_the_use_by_time_counts_from_the_start_of_the_print_and_not_from_the_paper(given):
    started = given.records.events(object_id=BATCH, action="batch.started")[0].content["ts_utc"]
    before = labels.batch_use_by(given.records, BATCH, recipe()).at
    given.wait(days=2)
    after = labels.batch_use_by(given.records, BATCH, recipe()).at
    assert before == after
    assert before.isoformat()[11:19] == started[11:19]
    assert (before.date() - given.records.context.clock().date()).days == 12


def test_a_final_label_is_refused_once_the_units_are_too_old(given):
    given.wait(days=15)
    fresh = given.people["rita"]
    with pytest.raises(Refused) as refused:
        labels.print_label(given.records, fresh, BATCH, recipe())
    assert {"E_BUD_PASSED", "SESSION_ENDED", "SESSION_UNKNOWN"} & set(codes(refused))


def test_the_batch_record_says_until_when_what_sets_it_and_every_later_limit(given):
    state = labels.batch_state(given.records, BATCH)
    found = labels.batch_use_by(given.records, BATCH, recipe())
    by, later = use_by_facts(given.records, BATCH, state, recipe(), tongue_of("es"))
    assert by.value.startswith(f"{found.at:%Y-%m-%d %H:%M}, fijado por: ")
    assert later.value.count("; ") == len(found.terms) - 2
    assert all(term.of in by.value + later.value for term in found.terms if term.kind == "expiry")


def test_a_reprint_needs_a_reason_and_cancels_the_one_before(house):
    first = label(house)
    with pytest.raises(Refused) as refused:
        label(house)
    assert codes(refused) == ["E_LABEL_REPRINT"]
    second = label(house, reason="the first one tore")
    rows = {row["serial"]: row["status"] for row in labels_of(house.records, BATCH).values()}
    assert rows == {first.serial: "spoilt", second.serial: "printed"}


def test_only_the_right_scan_makes_a_label_used(house):
    made = label(house)
    ada = house.people["ada"]
    with pytest.raises(Refused) as refused:
        labels.use_label(house.records, ada, BATCH, made.serial, "]d2" + made.code.replace("B-0001", "B-0002"))
    assert codes(refused) == ["E_LABEL_SCAN"]
    labels.use_label(house.records, ada, BATCH, made.serial, "]d2" + made.code)
    assert label_stops(house.records, BATCH) == ()


def test_a_scanner_that_types_no_separators_reads_the_same_symbol(house):
    made = label(house)
    typed = made.code.replace("\x1d", "")
    assert typed != made.code
    labels.use_label(house.records, house.people["ada"], BATCH, made.serial, typed)
    assert label_stops(house.records, BATCH) == ()


def test_a_label_neither_used_nor_destroyed_blocks_the_release(house):
    made = label(house)
    assert [stop.code for stop in label_stops(house.records, BATCH)] == ["E_LABEL_DIFFERENCE"]
    labels.spoil_label(house.records, house.people["ada"], BATCH, made.serial, "smeared")
    assert label_stops(house.records, BATCH)
    labels.destroy_label(house.records, house.people["ada"], BATCH, made.serial, "shredded")
    assert label_stops(house.records, BATCH) == ()
    told = label_count(house.records, BATCH, tongue_of("en"))[0].value
    assert "1 printed = 0 used + 1 destroyed + 0 spoilt" in told


def test_where_the_site_wants_it_a_release_needs_a_quarantine_label_scanned_on_the_container(house):
    assert quarantine_label_stops(house.records, BATCH) == ()
    wanted = PaperSettings(wants_quarantine_label=True)
    set_paper_settings(house.records, house.people["owner"], PASSWORD, wanted)
    assert paper_settings(house.records) == wanted
    made = [label(house)]
    assert "E_QUARANTINE_LABEL" in [stop.code for stop in review_recorded(house.records, BATCH).findings]
    labels.destroy_label(house.records, house.people["ada"], BATCH, made[0].serial, "smeared")
    assert [stop.code for stop in quarantine_label_stops(house.records, BATCH)] == ["E_QUARANTINE_LABEL"]
    made.append(label(house))
    labels.use_label(house.records, house.people["ada"], BATCH, made[1].serial, made[1].code)
    assert quarantine_label_stops(house.records, BATCH) == ()


def test_a_destroyed_label_never_comes_back_and_an_end_bears_a_reason(house):
    made = label(house)
    with pytest.raises(Refused) as refused:
        labels.destroy_label(house.records, house.people["ada"], BATCH, made.serial, " ")
    assert codes(refused) == ["E_REASON_MISSING"]
    labels.destroy_label(house.records, house.people["ada"], BATCH, made.serial, "torn")
    with pytest.raises(Refused) as refused:
        labels.use_label(house.records, house.people["ada"], BATCH, made.serial, made.code)
    assert codes(refused) == ["E_LABEL_MOVE"]


def test_words_nobody_translated_are_refused_and_not_printed_in_english():
    with pytest.raises(PrintcareError, match="LABEL_WORDS"):
        labels.recipe_words(tongue_of("fr"), "Balance it on the nose.")


def test_the_sites_language_is_signed_and_stands_on_the_label(house):
    wanted = PaperSettings("fr", "FR", "148x105", "Pharmacie", "1 rue", "01")
    set_paper_settings(house.records, house.people["owner"], PASSWORD, wanted)
    assert paper_settings(house.records) == wanted
    until = labels.batch_use_by(house.records, BATCH, recipe()).at
    state = labels.batch_state(house.records, BATCH)
    content = labels.label_content(house.records, BATCH, state, recipe(), "quarantine", "S", until)
    assert (content.dosage_form, content.template.width_mm) == ("comprimé à croquer", 148)
    set_paper_settings(house.records, house.people["owner"], PASSWORD, replace(wanted, language="es"))
    assert paper_settings(house.records).language == "es"


@pytest.mark.parametrize("wrong", [{"language": "de"}, {"country": "XX"}, {"label_size": "1x1"}])
def test_a_setting_there_is_not_is_refused(house, wrong):
    with pytest.raises(Refused) as refused:
        set_paper_settings(house.records, house.people["owner"], PASSWORD, PaperSettings(**wrong))
    assert codes(refused) == ["E_PAPER_SETTING"]


def test_units_are_handed_over_under_a_final_label_in_use_and_never_more_than_there_are(given):
    rita = given.people["rita"]
    with pytest.raises(Refused) as refused:
        hand_over.hand_over(given.records, rita, BATCH, 8, "")
    assert codes(refused) == ["E_LABEL_MISSING", "E_HAND_OVER_COUNT", "E_HAND_OVER_TO"]
    made = label(given)
    labels.use_label(given.records, rita, BATCH, made.serial, made.code)
    assert hand_over.hand_over(given.records, rita, BATCH, 5, "ward 4") == f"{BATCH}/hand-over/1"
    with pytest.raises(Refused) as refused:
        hand_over.hand_over(given.records, rita, BATCH, 3, "ward 4")
    assert codes(refused) == ["E_HAND_OVER_COUNT"]


def test_nothing_is_handed_over_before_the_release(house):
    with pytest.raises(Refused) as refused:
        hand_over.hand_over(house.records, house.people["rita"], BATCH, 1, "ward 4")
    assert codes(refused) == ["E_BATCH_STATE"]


def test_what_is_too_old_is_not_handed_over_under_a_label_printed_in_time(given, monkeypatch):
    rita = given.people["rita"]
    made = label(given)
    labels.use_label(given.records, rita, BATCH, made.serial, made.code)
    monkeypatch.setattr(hand_over, "allowed", lambda _records, account, command: account.actor_for(command))
    given.wait(days=15)
    with pytest.raises(Refused) as refused:
        hand_over.hand_over(given.records, rita, BATCH, 5, "ward 4")
    assert codes(refused) == ["E_BUD_PASSED"]
