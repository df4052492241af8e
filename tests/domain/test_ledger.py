"""The cumulative ledger: nothing known is never nothing given."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.ledger import LedgerLine, given_so_far
from printcare.domain.prescription import GivenBefore

FIRST = LedgerLine("RX-1", Decimal(100), Decimal(20), Decimal("0.8"))
SECOND = LedgerLine("RX-2", Decimal(60), Decimal(20), None)


def test_a_new_course_has_had_nothing_and_a_life_is_not_known():
    given_before = given_so_far((), (FIRST,), ())
    assert given_before[("course", "mg")] == 0
    assert ("lifetime", "mg") not in given_before


def test_a_course_that_goes_on_counts_the_orders_it_goes_on_from():
    given_before = given_so_far((), (FIRST, SECOND), ("RX-1",))
    # 100 mg; ÷ 20 kg; ÷ 0.8 m².
    assert [given_before[("course", unit)] for unit in ("mg", "mg/kg", "mg/m2")] == [100, 5, 125]


def test_a_course_that_goes_on_from_an_unknown_order_is_not_known():
    assert ("course", "mg") not in given_so_far((), (FIRST,), ("RX-9",))


def test_a_line_without_a_surface_leaves_the_sum_per_surface_unknown():
    given_before = given_so_far((), (SECOND,), ("RX-2",))
    assert given_before[("course", "mg/kg")] == 3
    assert ("course", "mg/m2") not in given_before


def test_a_statement_stands_alone_where_the_record_cannot_say():
    said = (GivenBefore("lifetime", "mg/m2", Decimal(7)),)
    assert given_so_far(said, (SECOND,), ())[("lifetime", "mg/m2")] == 7


@given(st.integers(min_value=0, max_value=500))
def test_the_larger_of_stated_and_recorded_counts(stated: int):
    said = (GivenBefore("lifetime", "mg", Decimal(stated)),)
    assert given_so_far(said, (FIRST, SECOND), ())[("lifetime", "mg")] == max(stated, 160)
