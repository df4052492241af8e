"""A verified dose comes back from the record only as it was signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from ward import GONE, RECIPE, TODAY, Ward

from printcare.formats.recipe import load_recipe
from printcare.workflow.authority import Refused
from printcare.workflow.order.verified import verified_dose


def again(ward: Ward, order, lot=None, today=TODAY):
    return verified_dose(ward.records, order, ward.rules, load_recipe(RECIPE), lot or ward.lot, today)


def refused(*given, **named) -> list[str]:
    with pytest.raises(Refused) as fault:
        again(*given, **named)
    return [finding.code for finding in fault.value.findings]


def verify(ward: Ward, *codes: str, dose: str = "17", proposal=None, **changes):
    order = ward.receive(**changes)
    named = {"acknowledgements": ward.reason(*codes), "proposal_mg": proposal}
    return order, ward.verify(order, ward.calculate(order), dose, **named)


def test_it_is_the_dose_that_was_signed(ward: Ward):
    order, verified = verify(ward)
    assert again(ward, order) == verified


def test_reasons_and_warnings_come_back_with_it(ward: Ward):
    order, verified = verify(ward, "W_ALLERGY_STATED", allergies=["penicillin"])
    found = again(ward, order)
    assert found.warnings == verified.warnings
    assert found.acknowledgements == verified.acknowledgements


def test_a_dose_the_pharmacist_entered_comes_back_as_entered(ward: Ward):
    order, _ = verify(ward, proposal=Decimal(17), dose_mg=GONE)
    assert again(ward, order).origin == "entered"


def test_an_order_that_waits_is_not_printed(ward: Ward):
    assert refused(ward, ward.receive()) == ["E_ORDER_STATUS"]


def test_an_order_that_was_replaced_is_not_printed(ward: Ward):
    order, _ = verify(ward)
    ward.receive(id="RX-2", prior_prescription="RX-1")
    assert refused(ward, order) == ["E_ORDER_STATUS"]


def test_a_lot_of_another_assay_asks_for_another_verification(ward: Ward):
    order, _ = verify(ward)
    assert refused(ward, order, lot=replace(ward.lot, assay_pct_of_label=Decimal(98))) == ["E_VERIFIED_DIFFERS"]


def test_a_measurement_that_became_too_old_since_refuses(ward: Ward):
    order, _ = verify(ward)
    assert refused(ward, order, today=TODAY + timedelta(days=120)) == ["E_MEASUREMENT_STALE"]


def test_a_changed_rule_refuses(ward: Ward):
    order, _ = verify(ward)
    ward.rules = (replace(ward.rules[0], digest="2" * 64),)
    assert refused(ward, order) == ["E_RULE_NONE"]


def test_a_state_nobody_signed_refuses(ward: Ward):
    order, _ = verify(ward)
    state = ward.records.get("verified_dose", "RX-1")
    with ward.records.transaction(ward.people["ben"].actor("pharmacist")) as tx:
        tx.record("dose.verified", "verified_dose", "RX-1", state | {"printed_dose_mg": "18"})
    assert refused(ward, order) == ["E_VERIFICATION_UNSIGNED"]


def test_an_order_of_steps_is_no_single_dose(ward: Ward):
    order, _ = verify(ward)
    state = ward.records.get("verified_dose", "RX-1")
    with ward.records.transaction(ward.people["ben"].actor("pharmacist")) as tx:
        tx.record("dose.verified", "verified_dose", "RX-1", state | {"steps": [{"days": 1}]})
    assert refused(ward, order) == ["E_ORDER_KIND"]
