"""A running batch is told to stop once no remaining unit can make it pass, and never before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from printcare.domain.batch import Unit, UnitState
from printcare.domain.sequential import Hopes, cannot_pass
from printcare.domain.uniformity import L1, acceptance_value, half_up

HOPES = Hopes((Decimal(98), Decimal(102)), Decimal(1), rejects_max=2, needed=8)


def _units(masses_mg: list[int | str], left: int, rejected: int = 0) -> list[Unit]:
    states = [UnitState.ACCEPTED] * len(masses_mg) + [UnitState.REJECTED] * rejected + [UnitState.UNPRINTED] * left
    known = [Decimal(mass) for mass in masses_mg]
    return [
        Unit(index, f"A{index}", state, mass_mg=known[index - 1] if index <= len(known) else None)
        for index, state in enumerate(states, 1)
    ]


def _told(units: list[Unit], hopes: Hopes = HOPES, drawn: range | None = None) -> list[str]:
    order = range(1, len(units) + 1) if drawn is None else drawn
    return [finding.reason for finding in cannot_pass(units, order, hopes)]


def test_a_batch_of_good_units_goes_on() -> None:
    assert _told(_units([100] * 5, 5)) == []
    assert _told(_units([100] * 10, 0)) == []
    assert _told(_units([], 10)) == []


def test_more_rejects_than_the_recipe_allows_end_it() -> None:
    assert _told(_units([100] * 5, 5, rejected=2)) == []
    assert "3 units are rejected" in _told(_units([100] * 5, 5, rejected=3))[0]


def test_fewer_units_than_are_needed_end_it() -> None:
    assert "At most 7 units" in _told(_units([100] * 5, 2, rejected=1))[0]


def test_units_too_far_from_every_mean_that_can_still_be_end_it() -> None:
    hopes = replace(HOPES, form="suppository")
    assert "2.9.5" in _told(_units(["90", "90", "90"], 17), hopes)[0]
    assert _told(_units(["90", "90"], 18), hopes) == []
    assert "2.9.5" in _told(_units(["85"], 19), hopes)[0]
    assert _told(_units(["85"], 19), replace(HOPES, form="other")) == []
    assert _told(_units(["85"], 19), hopes, range(0)) == []  # no order was drawn
    assert _told(_units([], 20), hopes) == []


def test_an_acceptance_value_nobody_can_mend_ends_it() -> None:
    spread = ["80", "120", "80", "120", "80", "120"]
    assert "acceptance value" in _told(_units(spread, 4))[0]
    assert _told(_units(["90", "110"], 8)) == []


def test_thirty_units_may_mend_what_ten_cannot() -> None:
    spread = ["90", "110", "90", "110", "90", "110"]
    assert _told(_units(spread, 4)) != []
    assert _told(_units(spread, 24), replace(HOPES, form="other")) == []


@given(st.lists(st.integers(85, 115), min_size=1, max_size=9), st.data())
def test_a_batch_that_is_told_to_stop_would_have_failed(known: list[int], data: st.DataObject) -> None:
    left = 10 - len(known)
    rest = data.draw(st.lists(st.integers(98, 102), min_size=left, max_size=left))
    told = _told(_units(list(known), left))
    value, *_ = acceptance_value([Decimal(each) for each in known + rest])
    assert not told or half_up(value, "0.1") > L1
