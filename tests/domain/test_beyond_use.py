"""A use-by time is the earliest limit there is, counted from the beginning of the preparation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.beyond_use import CLASS_CAP, EXPIRY, IN_USE, STABILITY, Material, UseBy, course_objections, use_by
from printcare.domain.checks import Finding
from printcare.domain.finishing import BeyondUse

BEGUN = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
INK = Material("lot A", date(2026, 6, 30))


def limit(days: str, evidence: str = "") -> BeyondUse:
    return BeyondUse("Store at 2 to 8 degC.", (Decimal(2), Decimal(8)), Decimal(days), evidence)


def found(*given: object, begun: datetime = BEGUN, classes: tuple[str, ...] = ("aqueous",), **named: object) -> UseBy:
    days, materials = given[0], given[1:]
    made = use_by(begun, limit(str(days), **named), classes, materials or (INK,))  # type: ignore[arg-type]
    assert isinstance(made, UseBy)
    return made


def test_the_recipes_days_count_from_the_beginning_to_the_same_time_of_day():
    made = found(7)
    assert (made.at, made.binding.kind) == (BEGUN + timedelta(days=7), STABILITY)


def test_without_a_study_the_class_caps_what_the_recipe_says():
    made = found(60)
    assert (made.at, made.binding.kind) == (BEGUN + timedelta(days=14), CLASS_CAP)


def test_a_study_takes_the_cap_of_the_class_away():
    assert found(60, evidence="STAB-1").at == BEGUN + timedelta(days=60)


def test_the_wettest_ink_of_a_unit_decides():
    assert found(90, classes=("solid", "aqueous-preserved")).binding.of == "aqueous-preserved"


def test_a_material_that_expires_first_binds_until_its_last_minute():
    made = found(14, Material("lot B", date(2026, 1, 9)))
    assert (made.binding.kind, made.at) == (EXPIRY, datetime(2026, 1, 9, 23, 59, tzinfo=UTC))


def test_an_opened_ink_binds_by_its_time_in_use():
    until = BEGUN + timedelta(hours=48)
    made = found(14, Material("lot A", date(2026, 6, 30), until))
    assert (made.binding.kind, made.at) == (IN_USE, until)


def test_every_losing_term_is_kept_in_the_order_of_time():
    made = found(10, Material("lot A", date(2026, 6, 30), BEGUN + timedelta(days=12)))
    assert [term.kind for term in made.terms] == [STABILITY, IN_USE, CLASS_CAP, EXPIRY]


def test_an_unknown_class_is_refused_and_no_default_assumed():
    refused = use_by(BEGUN, limit("7"), ("damp",), (INK,))
    assert isinstance(refused, Finding)
    assert refused.code == "E_BUD_CLASS"


def test_a_beginning_without_a_zone_is_refused():
    refused = use_by(BEGUN.replace(tzinfo=None), limit("7"), ("solid",), (INK,))
    assert isinstance(refused, Finding)
    assert refused.code == "E_BUD_ZONE"


def test_a_change_of_the_clocks_does_not_move_the_time_of_day():
    begun = datetime(2026, 3, 27, 9, 15, tzinfo=ZoneInfo("Europe/Paris"))
    assert found(7, begun=begun).at.strftime("%Y-%m-%d %H:%M %z") == "2026-04-03 09:15 +0200"


@pytest.mark.parametrize(("days", "codes"), [(14, []), (15, []), (16, ["E_BUD_BEFORE_COURSE"])])
def test_a_course_that_outlasts_the_units_is_refused(days, codes):
    assert [each.code for each in course_objections(found(14), BEGUN, days)] == codes


@given(st.decimals("0.5", "400", places=1), st.integers(0, 400), st.none() | st.integers(1, 900))
def test_no_term_is_ever_passed(days, expires_in, in_use_h):
    until = None if in_use_h is None else BEGUN + timedelta(hours=in_use_h)
    made = found(days, Material("lot A", BEGUN.date() + timedelta(days=expires_in), until))
    assert all(made.at <= term.until for term in made.terms)
    assert made.at <= BEGUN + timedelta(days=14)
