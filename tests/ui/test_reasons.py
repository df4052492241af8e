"""Warnings that stand only with a reason are answered on the prescription page."""

import pytest

from printcare.ui.models import DoseAsked, Objection, OrderView
from printcare.ui.pages.prescription import PrescriptionPage

OLD = Objection("W_MEASUREMENT_OLD", "warning", "The weight is 9 days old.", "Weigh again.", "order.weight")
MISSING = Objection("E_ACKNOWLEDGEMENT_MISSING", "error", "It stands without a reason.", "Give one.", OLD.code)
DOSE = (DoseAsked("Dose each time", "second.dose"),)


@pytest.fixture
def page(qtbot):
    made = PrescriptionPage()
    qtbot.addWidget(made)
    made.show_order(OrderView("RX-1", "inn", "", (), (), (), DOSE, (OLD,), (), True, True, "", (MISSING,)))
    made.show()
    return made


def test_a_warning_that_needs_a_reason_asks_for_it_below_itself(page):
    assert list(page.reasons) == ["W_MEASUREMENT_OLD"]


def test_the_reason_goes_with_what_the_second_person_typed(qtbot, page):
    qtbot.keyClicks(page.reasons["W_MEASUREMENT_OLD"].line, "weighed by the ward, unchanged")
    page.show_side(1)
    for field, typed in ((page.weight, "16"), (page.height_cm, "102"), (page.doses[0], "17")):
        qtbot.keyClicks(field.line, typed)
    with qtbot.waitSignal(page.entered) as told:
        page.confirm.click()
    assert told.args[0].reasons == (("W_MEASUREMENT_OLD", "weighed by the ward, unchanged"),)


def test_a_missing_reason_is_told_beside_its_field_on_the_first_side(page):
    page.show_side(1)
    page.show_objections((MISSING,))
    assert not page.is_second_side
    assert page.reasons["W_MEASUREMENT_OLD"].objection.isVisible()


def test_a_reason_typed_is_not_lost_by_looking_at_the_other_side(qtbot, page):
    qtbot.keyClicks(page.reasons["W_MEASUREMENT_OLD"].line, "seen")
    page.show_side(1)
    page.show_side(0)
    assert page.reasons["W_MEASUREMENT_OLD"].text == "seen"
