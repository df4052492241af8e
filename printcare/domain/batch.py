"""A batch and its units: the states they may be in, the moves allowed, and how the units add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from printcare.domain.checks import Finding, error
from printcare.errors import PrintcareError


class BatchState(StrEnum):
    """Where a batch stands (architecture.md §5)."""

    PLANNED = "planned"
    VERIFIED = "verified"
    PREPARED = "prepared"
    PRINTING = "printing"
    HELD = "held"
    FINISHING = "finishing"
    QUARANTINED = "quarantined"
    RELEASED = "released"
    PARTLY_RELEASED = "partly released"
    REJECTED = "rejected"
    REHEARSED = "rehearsed"
    CANCELLED = "cancelled"
    RECALLED = "recalled"
    RETURNED = "returned"


S = BatchState
MOVES: Mapping[BatchState, frozenset[BatchState]] = MappingProxyType(
    {
        S.PLANNED: frozenset({S.VERIFIED, S.CANCELLED}),
        S.VERIFIED: frozenset({S.PREPARED, S.CANCELLED}),
        S.PREPARED: frozenset({S.PRINTING, S.CANCELLED}),
        S.PRINTING: frozenset({S.HELD, S.FINISHING, S.QUARANTINED}),
        S.HELD: frozenset({S.PRINTING, S.QUARANTINED}),
        S.FINISHING: frozenset({S.QUARANTINED}),
        S.QUARANTINED: frozenset({S.RELEASED, S.PARTLY_RELEASED, S.REJECTED, S.REHEARSED}),
        S.RELEASED: frozenset({S.RECALLED, S.RETURNED}),
        S.PARTLY_RELEASED: frozenset({S.RECALLED, S.RETURNED}),
        S.REJECTED: frozenset(),
        S.REHEARSED: frozenset(),
        S.CANCELLED: frozenset(),
        S.RECALLED: frozenset(),
        S.RETURNED: frozenset({S.RECALLED}),
    }
)
UNDER_WAY = frozenset({S.PRINTING, S.HELD})  # a job must be alive behind these


class UnitState(StrEnum):
    """What became of one unit."""

    UNPRINTED = "unprinted"
    PRINTING = "printing"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Use(StrEnum):
    """What an accepted unit is for."""

    PATIENT = "patient"
    RETAIN = "retain"
    TEST = "test"
    SPARE = "spare"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a batch: where it lies, what it weighs and why it was accepted or not.

    Of a unit of several drugs `mass_mg` is what the first part weighs, `further_mg` what each further one does.
    """

    index: int  # 1-based
    position: str
    state: UnitState
    use: Use = Use.NONE
    mass_mg: Decimal | None = None
    reason: str = ""
    further_mg: tuple[Decimal | None, ...] = ()

    @property
    def masses_mg(self) -> tuple[Decimal | None, ...]:
        """Return what every part weighs, in the order of printing."""
        return (self.mass_mg, *self.further_mg)


def move(current: BatchState, wanted: BatchState) -> BatchState:
    """Return the wanted state; raises PrintcareError for a move the table does not hold."""
    if wanted in MOVES[current]:
        return wanted
    allowed = ", ".join(sorted(MOVES[current])) or "nothing"
    raise PrintcareError(
        "BATCH_MOVE", f"A {current.value} batch cannot become {wanted.value}.", f"From here it can become: {allowed}."
    )


def allocate(accepted: Iterable[int], for_patient: int, retain: int, test: int) -> dict[int, Use]:
    """Return what each accepted unit is for: patient first, then retain, test, and the rest spare."""
    uses = [Use.PATIENT] * for_patient + [Use.RETAIN] * retain + [Use.TEST] * test
    return {index: uses[place] if place < len(uses) else Use.SPARE for place, index in enumerate(sorted(accepted))}


def reconcile(units: Iterable[Unit], planned: int) -> tuple[Finding, ...]:
    """Return every way in which the units do not add up; any of them blocks release (issue of the reconciliation rule).

    planned = accepted + rejected + unprinted, and accepted = patient + retain + test + spare.
    """
    listed = tuple(units)
    counts = {state: sum(unit.state is state for unit in listed) for state in UnitState}
    findings = []
    told = counts[UnitState.ACCEPTED] + counts[UnitState.REJECTED] + counts[UnitState.UNPRINTED]
    if told != planned or counts[UnitState.PRINTING]:
        findings.append(
            error(
                "E_RECONCILIATION",
                f"{planned} units planned, {told} accounted for.",
                "Find the missing unit before release.",
            )
        )
    used = sum(unit.use is not Use.NONE for unit in listed if unit.state is UnitState.ACCEPTED)
    if used != counts[UnitState.ACCEPTED]:
        findings.append(
            error(
                "E_RECONCILIATION",
                f"{counts[UnitState.ACCEPTED]} units accepted, {used} allocated.",
                "Allocate every accepted unit: patient, retain, test or spare.",
            )
        )
    if any(unit.use is not Use.NONE for unit in listed if unit.state is not UnitState.ACCEPTED):
        findings.append(
            error("E_RECONCILIATION", "A unit that was not accepted is allocated.", "Remove the allocation.")
        )
    return tuple(findings)
