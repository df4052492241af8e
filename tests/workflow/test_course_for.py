"""The course of a verified dose, planned over batches and cartridges."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from ward import RECIPE, Ward

from printcare.formats.recipe import load_recipe
from printcare.workflow.batch.course import PlannedCourse, course_for

GOOD = Decimal("0.98")


@pytest.fixture
def verified(ward: Ward):
    order = ward.receive()
    return ward.verify(order, ward.calculate(order))


def cartridges(ward: Ward, *lots: str):
    return [replace(ward.cartridges[0], id=f"C{number}", lot_id=lot) for number, lot in enumerate(lots, start=1)]


def test_a_course_that_keeps_is_one_batch_with_its_cartridge(ward: Ward, verified):
    # 7 for the patient, 1 test, 1 retain; 11 of which 9 are good with p 0.98 in 99.8 % (10: 98.4 %).
    course = course_for(load_recipe(RECIPE), verified, cartridges(ward, "L1"), 7, GOOD)
    assert isinstance(course, PlannedCourse)
    assert [(batch.units.days, batch.units.units_total) for batch in course.batches] == [(7, 11)]
    assert [(share.cartridge_id, share.units) for share in course.batches[0].shares] == [("C1", 11)]
    assert course.findings == ()


def test_a_course_longer_than_the_beyond_use_date_is_split(ward: Ward, verified):
    course = course_for(load_recipe(RECIPE), verified, cartridges(ward, "L1", "L1"), 20, GOOD)
    assert isinstance(course, PlannedCourse)
    assert [batch.units.days for batch in course.batches] == [14, 6]
    assert [[share.cartridge_id for share in batch.shares] for batch in course.batches] == [["C1"], ["C2"]]


def test_a_batch_that_one_cartridge_does_not_fill_takes_the_next_and_several_lots_are_told(ward: Ward, verified):
    # (10 − 0.8 − 0.132) g ÷ 0.425 g: 21 units a cartridge; 31 needed good.
    recipe = replace(load_recipe(RECIPE), beyond_use_days=Decimal(60))
    course = course_for(recipe, verified, cartridges(ward, "L1", "L2"), 29, GOOD)
    assert isinstance(course, PlannedCourse)
    first = course.batches[0].shares[0]
    assert (first.lot_id, first.units) == ("L1", 21)
    assert {share.lot_id for share in course.batches[0].shares} == {"L1", "L2"}
    assert [finding.code for finding in course.findings] == ["W_SEVERAL_LOTS"]


@pytest.mark.parametrize(
    ("changes", "filled", "code"),
    [
        ({"beyond_use_days": Decimal(0)}, {}, "E_BEYOND_USE"),
        ({}, {"fill_g": Decimal("1.2")}, "E_CARTRIDGE_TOO_SMALL"),
        ({}, {"fill_g": Decimal("2.0")}, "E_CARTRIDGES_TOO_FEW"),
    ],
)
def test_a_course_that_cannot_be_made_is_refused(ward: Ward, verified, changes, filled, code):
    one = [replace(each, **filled) for each in cartridges(ward, "L1")]
    outcome = course_for(replace(load_recipe(RECIPE), **changes), verified, one, 7, GOOD)
    assert [finding.code for finding in outcome] == [code]
