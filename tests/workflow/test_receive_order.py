"""Orders come in once, refer to what they replace, and can be read back from the message as it came."""

from __future__ import annotations

import json

import pytest
from ward import LOT_FILE, ORDER, TODAY, Ward, order_file

from printcare.errors import PrintcareError
from printcare.formats.fhir import read_fhir
from printcare.formats.recipe import load_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.order.receive import keep
from printcare.workflow.order.worklist import lot_of, order_of, orders, recipe_for
from printcare.workflow.states import state_of

FHIR = LOT_FILE.parent / "order-cyclophosphamide.fhir.json"


def codes(ward: Ward, **changes: object) -> list[str]:
    _, findings = ward.receive_file(order_file(**changes))
    return [finding.code for finding in findings]


def test_the_same_bytes_are_received_once(ward: Ward):
    assert codes(ward) == []
    assert "F_DUPLICATE" in codes(ward)


def test_the_same_order_in_other_bytes_is_a_duplicate(ward: Ward):
    ward.receive()
    assert codes(ward, id="RX-2", notes=["sent again"]) == ["F_DUPLICATE"]
    assert ward.records.get("prescription", "RX-2") is None


def test_another_order_under_a_known_number_changes_nothing_on_record(ward: Ward):
    ward.receive()
    assert codes(ward, dose_mg="18") == ["F_ORDER_KNOWN"]
    assert ward.records.get("prescription", "RX-1")["ordered_dose_mg"] == "17"


def test_a_new_version_replaces_the_order_it_refers_to(ward: Ward):
    ward.receive()
    ward.receive(id="RX-2", prior_prescription="RX-1")
    assert ward.records.get("prescription", "RX-1")["status"] == "superseded"
    assert ward.records.get("prescription", "RX-2")["status"] == "to verify"


def test_a_replaced_order_is_not_verified_any_more(ward: Ward):
    first = ward.receive()
    calculated = ward.calculate(first)
    ward.receive(id="RX-2", prior_prescription="RX-1")
    with pytest.raises(Refused, match="E_ORDER_STATUS"):
        ward.verify(first, calculated)


def test_an_order_that_replaces_an_unknown_one_is_received_with_a_warning(ward: Ward):
    assert codes(ward, prior_prescription="RX-0") == ["W_PRIOR_UNKNOWN"]


def test_an_order_replaces_none_of_another_patient(ward: Ward):
    ward.receive()
    other = {"identifier": "DEMO-2", "name": "Kim Specimen", "birth_date": "2021-09-14"}
    assert codes(ward, id="RX-2", prior_prescription="RX-1", patient=other) == ["F_PRIOR_OTHER"]
    assert ward.records.get("prescription", "RX-1")["status"] == "to verify"


def test_an_order_that_was_replaced_already_is_told(ward: Ward):
    ward.receive()
    ward.receive(id="RX-2", prior_prescription="RX-1")
    assert codes(ward, id="RX-3", prior_prescription="RX-1", dose_mg="18") == ["W_PRIOR_CLOSED"]


def test_an_order_is_read_back_as_it_came(ward: Ward):
    order = ward.receive(allergies=["nuts"], reduction={"pct": "0", "reason": "none"})
    assert order_of(ward.records, "RX-1", ward.key) == order


def test_a_fhir_order_is_read_back_with_the_release_it_came_in(ward: Ward):
    data = FHIR.read_bytes()
    result = read_fhir(data, ward.key, TODAY)
    keep(ward.records, ward.people["operator"], data, result, "order.fhir.json")
    assert order_of(ward.records, "RX-2026-000417", ward.key) == result.prescription


def test_an_unknown_order_is_refused(ward: Ward):
    with pytest.raises(Refused, match="E_ORDER_UNKNOWN"):
        order_of(ward.records, "RX-9", ward.key)


def test_another_site_key_reads_another_patient_and_is_refused(ward: Ward):
    ward.receive()
    with pytest.raises(PrintcareError, match="ORDER_READ_DIFFERENTLY"):
        order_of(ward.records, "RX-1", b"another key of thirty-two bytes..")


def test_an_erased_message_is_told(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    ward.receive()
    monkeypatch.setattr(type(ward.records), "kept", lambda self, table, key: None)
    with pytest.raises(PrintcareError, match="ORDER_ERASED"):
        order_of(ward.records, "RX-1", ward.key)


def test_the_list_names_no_patient(ward: Ward):
    ward.receive()
    listed = orders(ward.records, ward.people["ben"])
    assert [(row["id"], row["status"]) for row in listed] == [("RX-1", "to verify")]
    assert ORDER["patient"]["name"] not in json.dumps(listed)


def test_a_product_has_one_approved_recipe_or_none(ward: Ward):
    order, recipe = ward.receive(), load_recipe("cyclophosphamide-sse")
    assert recipe_for(ward.records, [recipe], order) == recipe
    with pytest.raises(Refused, match="E_RECIPE_AMBIGUOUS"):
        recipe_for(ward.records, [recipe, recipe], order)
    with pytest.raises(Refused, match="E_RECIPE_NONE"):
        recipe_for(ward.records, [], order)


def test_a_lot_is_read_back_from_the_record_as_it_was_received(ward: Ward):
    with pytest.raises(Refused, match="E_LOT_CHOICE"):
        lot_of(ward.records, ward.lot.ink_id, None)
    with ward.records.transaction(ward.people["operator"].actor("operator")) as tx:
        tx.record("ink_lot.received", "ink_lot", ward.lot.id, state_of(ward.lot))
    assert lot_of(ward.records, ward.lot.ink_id, None) == ward.lot
    assert lot_of(ward.records, ward.lot.ink_id, ward.lot.id) == ward.lot
    with pytest.raises(Refused, match="E_LOT_UNKNOWN"):
        lot_of(ward.records, ward.lot.ink_id, "X")
