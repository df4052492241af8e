"""An order by body surface alone: the pharmacist enters the dose on a proposal, the second person types it again."""

import json

import pytest
from hands import sign_in_as, signed
from PySide6.QtCore import Qt
from test_several_doses import IN_STEPS, begin

LONG_MS = 60_000
BY_SURFACE = {key: value for key, value in IN_STEPS.items() if key != "steps"} | {
    "id": "RX-SURFACE",
    "basis": {"basis": "per_m2", "amount_mg": "25", "per": "day"},
    "doses_per_day": 1,
    "duration_days": 3,
}


@pytest.fixture
def page(qtbot, conductor, frame):
    begin(qtbot, frame)
    here = conductor.journey.here
    here.desk.receive(here.rehearsal.people["a.operator"], json.dumps(BY_SURFACE).encode(), "order.json")
    sign_in_as(qtbot, frame, "b.pharmacist")
    frame.worklist.open_asked.emit("RX-SURFACE")
    qtbot.waitUntil(lambda: frame.current.key == "prescription" and not conductor.worker.is_busy, timeout=LONG_MS)
    return frame.prescription


def compare(qtbot, page, own, again):
    """Enter the first person's dose and the second person's, and have them compared."""
    page.show_side(0)
    page.own[""].line.clear()
    qtbot.keyClicks(page.own[""].line, own)
    page.show_side(1)
    for field, text in zip((page.weight, page.height_cm, *page.doses), ("16.0", "102", again), strict=True):
        field.line.clear()
        qtbot.keyClicks(field.line, text)
    qtbot.mouseClick(page.confirm, Qt.MouseButton.LeftButton)


def test_the_proposal_is_told_and_never_filled_in(page):
    (field,) = page.own.values()
    assert "proposes 17 mg" in field.line.accessibleName()
    assert field.text == ""


@pytest.mark.parametrize(("own", "told"), [("", "entered none"), ("1,7", "1,7"), ("-17", "-17")])
def test_what_is_no_dose_is_refused_beside_the_first_person_s_field(qtbot, page, own, told):
    compare(qtbot, page, own, "17")
    qtbot.waitUntil(page.own[""].objection.isVisible, timeout=LONG_MS)
    assert told in page.own[""].objection.text()
    assert not page.is_second_side


def test_the_dose_both_enter_is_verified_as_entered_and_planned(qtbot, conductor, frame, page):
    compare(qtbot, page, "17", "17")
    signed(qtbot, conductor)
    qtbot.waitUntil(lambda: frame.current.key == "plan" and not conductor.worker.is_busy, timeout=LONG_MS)
    state = conductor.journey.here.records.get("verified_dose", "RX-SURFACE")
    assert (state["origin"], state["printed_dose_mg"]) == ("entered", "17")


def test_a_dose_beside_the_proposal_asks_for_a_reason_when_it_is_compared(qtbot, conductor, page):
    compare(qtbot, page, "16.5", "16.5")
    qtbot.waitUntil(lambda: "W_RECOMPUTATION_DIFFERS" in page.reasons, timeout=LONG_MS)
    assert page.reasons["W_RECOMPUTATION_DIFFERS"].objection.isVisible()
    for field in page.reasons.values():
        qtbot.keyClicks(field.line, "the ward has half tablets")
    compare(qtbot, page, "16.5", "16.5")
    signed(qtbot, conductor)
    state = conductor.journey.here.records.get("verified_dose", "RX-SURFACE")
    assert {given["code"] for given in state["acknowledged"]} == {"W_RECOMPUTATION_DIFFERS", "W_USUAL_RANGE"}
    assert (state["origin"], state["printed_dose_mg"]) == ("entered", "16.5")
