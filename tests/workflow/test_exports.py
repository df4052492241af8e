"""What leaves the record: FHIR of a hand-over, dose accuracy without anybody in it, paper forms under their numbers."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pypdfium2
import pytest
from printed_house import BATCH, ORDER, PATIENT, batch_state, printed, recipe

from printcare.domain.people import SYSTEM
from printcare.errors import PrintcareError
from printcare.formats.dose_accuracy import COLUMNS, DICTIONARY
from printcare.formats.fhir_out import PATIENTS, _patient, dispense_bundle
from printcare.formats.fhir_out_shapes import objections
from printcare.workflow.authority import Refused
from printcare.workflow.paper import labels
from printcare.workflow.paper.paper_form import paper_form
from printcare.workflow.paper.publish import accuracy_files
from printcare.workflow.release import fhir_export, hand_over


@pytest.fixture
def house(tmp_path, cheap_passwords):
    made = printed(tmp_path, "released")
    yield made
    made.records.close()


def handed_over(house):
    rita = house.people["rita"]
    made = labels.print_label(house.records, rita, BATCH, recipe())
    labels.use_label(house.records, rita, BATCH, made.serial, made.code)
    hand_over.hand_over(house.records, rita, BATCH, 7, "ward 4")
    return house


@pytest.fixture
def given(house):
    return handed_over(house)


@pytest.fixture(scope="module")
def left(tmp_path_factory, cheap_passwords_for_all):
    """Return a batch that was handed over, for every test that only looks at what leaves."""
    made = handed_over(printed(tmp_path_factory.mktemp("left"), "released"))
    yield made
    made.records.close()


def bundle(house) -> dict:
    data = fhir_export.fhir_bundle(house.records, house.people["rita"], BATCH, recipe())
    return json.loads(data, parse_float=Decimal)


def of_kind(found: dict, kind: str) -> list[dict]:
    return [each["resource"] for each in found["entry"] if each["resource"]["resourceType"] == kind]


def test_a_hand_over_leaves_as_dispense_provenance_devices_document_and_observation(left):
    found = bundle(left)
    kinds = {each["resource"]["resourceType"] for each in found["entry"]}
    assert kinds == {"MedicationDispense", "Provenance", "Device", "DocumentReference", "Observation"}
    (dispense,) = of_kind(found, "MedicationDispense")
    strength = dispense["contained"][0]["ingredient"][0]["strength"]["numerator"]
    assert (dispense["status"], dispense["quantity"]["value"], dispense["daysSupply"]["value"]) == ("completed", 7, 7)
    assert (strength["value"], strength["code"]) == (17, "mg")
    assert dispense["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 17
    assert dispense["authorizingPrescription"][0]["identifier"]["value"] == ORDER
    (provenance,) = of_kind(found, "Provenance")
    assert provenance["signature"][0]["data"]
    assert len(of_kind(found, "Device")) == 4


def test_the_estimate_leaves_under_its_own_name(left):
    (observation,) = of_kind(bundle(left), "Observation")
    assert observation["method"]["text"].startswith("mass-based estimate")


def test_no_name_of_patient_or_staff_leaves(left):
    data = fhir_export.fhir_bundle(left.records, left.people["rita"], BATCH, recipe()).decode()
    for word in ("Robin", "Specimen", "Rita", "2021-09-14"):
        assert word not in data
    assert "DEMO-1" in data  # the identifier the order came with, by which the hospital finds its patient


def test_the_patient_s_identifier_leaves_under_the_system_it_came_with():
    assert _patient("urn:oid:2.999.1|DEMO-1") == {"system": "urn:oid:2.999.1", "value": "DEMO-1"}
    assert _patient("DEMO-1") == {"system": PATIENTS, "value": "DEMO-1"}


def test_a_withdrawn_batch_is_told_as_cancelled_and_not_left_out(given):
    with given.records.transaction(SYSTEM) as tx:
        tx.record("batch.recalled", "batch", BATCH, batch_state("recalled"))
    (dispense,) = of_kind(bundle(given), "MedicationDispense")
    assert (dispense["status"], bool(dispense["note"])) == ("cancelled", True)


def test_nothing_leaves_before_it_was_handed_over(house):
    with pytest.raises(Refused) as refused:
        bundle(house)
    assert [finding.code for finding in refused.value.findings] == ["E_NOT_HANDED_OVER"]


def test_nothing_leaves_before_the_release(tmp_path, cheap_passwords):
    waiting = printed(tmp_path)
    with pytest.raises(Refused) as refused:
        bundle(waiting)
    waiting.records.close()
    assert [finding.code for finding in refused.value.findings] == ["E_BATCH_STATE"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "finished"}, "MedicationDispense.status has a value that does not fit"),
        ({"status": None}, "MedicationDispense.status has a value that does not fit"),
        ({"receiver": []}, "MedicationDispense.receiver is not known"),
        ({"whenPrepared": "2026-01-05"}, "MedicationDispense.whenPrepared has a value that does not fit"),
        ({"quantity": {"value": True}}, "MedicationDispense.quantity.unit is missing"),
        ({"performer": []}, "MedicationDispense.performer is no list of at least one"),
        ({"subject": "x"}, "MedicationDispense.subject is no object"),
    ],
)
def test_our_own_list_refuses_what_the_library_may_let_pass(left, change, told):
    (dispense,) = of_kind(bundle(left), "MedicationDispense")
    assert objections(dispense) == []
    assert told in objections(dispense | change)


def test_a_missing_element_is_named_and_other_resources_never_leave(left):
    (dispense,) = of_kind(bundle(left), "MedicationDispense")
    del dispense["subject"]
    assert objections(dispense) == ["MedicationDispense.subject is missing"]
    assert objections({"resourceType": "Patient"}) == ["Patient is not sent"]


def test_a_content_that_does_not_hold_raises_and_nothing_is_written(given, monkeypatch):
    monkeypatch.setattr(fhir_export, "dispense_bundle", lambda content: dispense_bundle(_emptied(content)))
    with pytest.raises(PrintcareError, match="FHIR_OUT"):
        fhir_export.fhir_bundle(given.records, given.people["rita"], BATCH, recipe())
    assert given.records.events(action="fhir.exported") == []


def _emptied(content):
    from dataclasses import replace

    return replace(content, order_id="")


def table(files: dict[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["dose-accuracy.csv"].decode())))


def test_dose_accuracy_tells_every_unit_and_nobody(left):
    files = accuracy_files(left.records, left.people["quinn"], parquet=False)
    rows = table(files)
    assert (len(rows), rows[0]["target_mass_mg"], rows[0]["mass_mg"]) == (10, "425", "424.6")
    assert rows[0]["estimated_dose_mg"] == "16.984"
    everything = b"".join(data for name, data in files.items() if name.startswith("dose-"))
    for word in (BATCH, ORDER, PATIENT, "demo-site", "Robin", "2026-01-05", "ward"):
        assert word.encode() not in everything
    assert rows[0]["month"] == "2026-01"


def test_every_column_has_its_line_in_the_dictionary(left):
    files = accuracy_files(left.records, left.people["quinn"], parquet=False)
    told = list(csv.DictReader(io.StringIO(files["dose-accuracy-dictionary.csv"].decode())))
    assert [row["column"] for row in told] == list(COLUMNS) == list(DICTIONARY)
    assert all(row["meaning"] for row in told)


def test_parquet_holds_the_same_figures_exactly(left):
    parquet = pytest.importorskip("pyarrow.parquet")
    files = accuracy_files(left.records, left.people["quinn"], parquet=True)
    read = parquet.read_table(io.BytesIO(files["dose-accuracy.parquet"]))
    masses = [Decimal(row["mass_mg"]) for row in table(files)]
    assert read.column("mass_mg").to_pylist() == masses
    assert read.schema.field("mass_mg").metadata[b"unit"] == b"mg"


def test_who_prints_does_not_publish(left):
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        accuracy_files(left.records, left.people["ada"], parquet=False)


@pytest.mark.parametrize(("language", "said"), [("en", "late entry"), ("fr", "saisie tardive"), ("es", "tardía")])
def test_a_paper_form_bears_its_number_and_says_how_it_is_entered_later(house, language, said):
    numbers, data = paper_form(house.records, house.people["ada"], 2, language)
    document = pypdfium2.PdfDocument(data)
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    assert numbers == ("PF-0001", "PF-0002")
    assert all(number in text for number in numbers)
    assert said in " ".join(text.split())
    assert house.state("document", "PF-0002")["status"] == "printed"


@pytest.mark.parametrize("count", [0, 51])
def test_forms_nobody_can_keep_count_of_are_refused(left, count):
    with pytest.raises(Refused, match="E_FORM_COUNT"):
        paper_form(left.records, left.people["ada"], count)
