"""When a balance may be believed: three readings in a row that agree."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from printcare.control.settling import Settling
from printcare.domain.reading import Reading


def reading(mg):
    return Reading(Decimal(mg), "mg", 0.0, False, "balance", f"S D {mg} mg")


def test_three_agreeing_readings_settle_and_the_last_is_taken():
    settling = Settling(Decimal("0.3"))
    assert settling.add(reading("100.0")) is None
    assert settling.add(reading("100.2")) is None
    assert settling.add(reading("100.3")).value == Decimal("100.3")


def test_a_creeping_balance_does_not_settle():
    settling = Settling(Decimal("0.3"))
    assert all(settling.add(reading(f"{100 + number * 0.2:.1f}")) is None for number in range(20))


@given(st.lists(st.integers(0, 20), min_size=3))
def test_it_settles_exactly_where_the_last_three_agree(tenths):
    settling = Settling(Decimal("0.3"))
    for place, value in enumerate(tenths):
        settled = settling.add(reading(Decimal(value) / 10))
        last = tenths[max(0, place - 2) : place + 1]
        assert (settled is not None) == (len(last) == 3 and max(last) - min(last) <= 3)
