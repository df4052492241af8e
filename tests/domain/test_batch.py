"""States and moves of a batch, and how its units add up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from printcare.domain.batch import MOVES, BatchState, Unit, UnitState, Use, allocate, move, reconcile
from printcare.errors import PrintcareError

ALLOWED = [(state, wanted) for state, moves in MOVES.items() for wanted in sorted(moves)]
FORBIDDEN = [(state, wanted) for state in BatchState for wanted in BatchState if wanted not in MOVES[state]]


@pytest.mark.parametrize(("state", "wanted"), ALLOWED)
def test_what_the_table_holds_is_allowed(state: BatchState, wanted: BatchState) -> None:
    assert move(state, wanted) is wanted


@pytest.mark.parametrize(("state", "wanted"), FORBIDDEN)
def test_what_the_table_does_not_hold_is_refused(state: BatchState, wanted: BatchState) -> None:
    with pytest.raises(PrintcareError, match="BATCH_MOVE"):
        move(state, wanted)


@pytest.mark.hazard("HZ-09")
def test_a_rehearsed_batch_goes_nowhere_else() -> None:
    assert MOVES[BatchState.REHEARSED] == frozenset()


def test_a_batch_is_released_only_out_of_quarantine() -> None:
    assert [state for state, moves in MOVES.items() if BatchState.RELEASED in moves] == [BatchState.QUARANTINED]


def _unit(index: int, state: UnitState, use: Use = Use.NONE) -> Unit:
    return Unit(index, f"A{index}", state, use, Decimal(100))


def test_accepted_units_go_to_the_patient_first() -> None:
    uses = allocate([5, 1, 2, 3], for_patient=2, retain=1, test=0)
    assert uses == {1: Use.PATIENT, 2: Use.PATIENT, 3: Use.RETAIN, 5: Use.SPARE}


def test_units_that_add_up_raise_nothing() -> None:
    units = [_unit(1, UnitState.ACCEPTED, Use.PATIENT), _unit(2, UnitState.REJECTED), _unit(3, UnitState.UNPRINTED)]
    assert reconcile(units, planned=3) == ()


@pytest.mark.parametrize(
    "units",
    [
        [_unit(1, UnitState.ACCEPTED, Use.PATIENT)],
        [_unit(1, UnitState.ACCEPTED, Use.PATIENT), _unit(2, UnitState.PRINTING)],
        [_unit(1, UnitState.ACCEPTED), _unit(2, UnitState.REJECTED)],
        [_unit(1, UnitState.ACCEPTED, Use.PATIENT), _unit(2, UnitState.REJECTED, Use.PATIENT)],
    ],
    ids=["one missing", "one still printing", "one not allocated", "a rejected one allocated"],
)
def test_a_difference_blocks_release(units: list[Unit]) -> None:
    findings = reconcile(units, planned=2)
    assert findings
    assert all(finding.blocks for finding in findings)
