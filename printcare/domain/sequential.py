"""Whether a running batch can still pass, asked after each unit: what no remaining unit can mend ends it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from printcare.domain.batch import Unit, UnitState
from printcare.domain.checks import Finding, error
from printcare.domain.uniformity import (
    K_BY_COUNT,
    L1,
    MASS_CLASSES,
    acceptance_value,
    half_up,
    mass_limit_pct,
    mean,
)

_EXACT = Context(prec=40)
UNDECIDED = frozenset({UnitState.UNPRINTED, UnitState.PRINTING})
HALVINGS = 60  # of the interval in which the kindest remaining content is sought
MASS_UNITS, MASS_BEYOND = 20, 2  # of 2.9.5


@dataclass(frozen=True, slots=True)
class Hopes:
    """What one part of the remaining units may weigh at best, and how the batch will be judged.

    `accepted_mg` is the interval in which its gate accepts a unit; `content_pct_per_mg` is c/label with the assayed
    strength; `needed` are the units the batch has to give, `rejects_max` the recipe's largest number of rejects.
    """

    accepted_mg: tuple[Decimal, Decimal]
    content_pct_per_mg: Decimal
    rejects_max: int
    needed: int
    form: str = "tablet"
    target_pct: Decimal = Decimal(100)
    l1: Decimal = L1


def cannot_pass(units: Sequence[Unit], drawn: Sequence[int], hopes: Hopes, part: int = 1) -> tuple[Finding, ...]:
    """Return every reason for which this batch can no longer pass whatever its remaining units weigh, or nothing.

    Sound, not complete: a reason given is certain; without one the batch may still fail. `drawn` is the order of the
    sample, drawn before the print; an empty one judges no sample.
    """
    left = sum(unit.state in UNDECIDED for unit in units)
    accepted = {
        unit.index: mass
        for unit in units
        if unit.state is UnitState.ACCEPTED and (mass := unit.masses_mg[part - 1]) is not None
    }
    findings = []
    rejected = sum(unit.state is UnitState.REJECTED for unit in units)
    if rejected > hopes.rejects_max:
        told = f"{rejected} units are rejected, the recipe allows {hopes.rejects_max}."
        findings.append(_hopeless(told))
    if len(accepted) + left < hopes.needed:
        told = f"At most {len(accepted) + left} units can be accepted, {hopes.needed} are needed."
        findings.append(_hopeless(told))
    hoped = _hoped(units, accepted, drawn)
    if _mass_fails(_certain(accepted, hoped, MASS_UNITS), hopes):
        findings.append(_hopeless("Uniformity of mass (2.9.5) can no longer be met by the accepted units."))
    value = _least_value(accepted, hoped, hopes)
    if value is not None and half_up(value, "0.1") > hopes.l1:
        told = f"The acceptance value can no longer fall below {half_up(value, '0.1')}; the limit is {hopes.l1}."
        findings.append(_hopeless(told))
    return tuple(findings)


def _hopeless(told: str) -> Finding:
    return error("E_BATCH_HOPELESS", told, "Stop after this unit and reject the batch; print no further units.")


def _mass_fails(known: Sequence[Decimal], hopes: Hopes) -> bool:
    """Say whether no mean of the twenty leaves at most two beyond p % and none beyond 2p %."""
    if not known or hopes.form not in MASS_CLASSES:
        return False
    missing = MASS_UNITS - len(known)
    least, most = (mean([*known, *[end] * missing]) for end in hopes.accepted_mg)
    # A lower mean has the wider limit, so that its class is the kindest one.
    limit_pct = mass_limit_pct(least, hopes.form)
    with localcontext(_EXACT):
        nearest = [half_up(_apart(mass, least, most) * 100, "0.1") for mass in known]
    return sum(each > limit_pct for each in nearest) > MASS_BEYOND or max(nearest) > 2 * limit_pct


def _apart(mass_mg: Decimal, least_mg: Decimal, most_mg: Decimal) -> Decimal:
    """Return the smallest relative distance of a mass from any mean of the interval."""
    centre = min(max(mass_mg, least_mg), most_mg)
    return abs(mass_mg - centre) / centre


def _hoped(units: Sequence[Unit], accepted: Mapping[int, Decimal], drawn: Sequence[int]) -> list[int]:
    """Return the units that may still come into a sample, in the order of drawing."""
    state = {unit.index: unit.state for unit in units}
    return [index for index in drawn if index in accepted or state.get(index) in UNDECIDED]


def _certain(accepted: Mapping[int, Decimal], hoped: Sequence[int], size: int) -> list[Decimal]:
    """Return what those weigh that stand in a sample of this size whatever comes; nothing where none can be formed."""
    return [] if len(hoped) < size else [accepted[index] for index in hoped[:size] if index in accepted]


def _least_value(accepted: Mapping[int, Decimal], hoped: Sequence[int], hopes: Hopes) -> Decimal | None:
    """Return the smallest AV any stage can still have, or None where nothing is known of a sample yet."""
    values = []
    for size in K_BY_COUNT:
        known = [mass * hopes.content_pct_per_mg for mass in _certain(accepted, hoped, size)]
        if known:
            values.append(_kindest(known, size, hopes))
    return min(values, default=None)


def _kindest(known: Sequence[Decimal], size: int, hopes: Hopes) -> Decimal:
    """Return the least AV over everything the unknown units of a sample may hold.

    AV is convex in the contents and the unknown ones are alike, so that they are all equal where it is least; there
    one number is left to seek, in an interval that is halved.
    """
    low, high = (end * hopes.content_pct_per_mg for end in hopes.accepted_mg)
    missing = size - len(known)

    def value(content_pct: Decimal) -> Decimal:
        return acceptance_value([*known, *[content_pct] * missing], hopes.target_pct)[0]

    if not missing:
        return value(low)
    for _ in range(HALVINGS):
        third = (high - low) / 3
        if value(low + third) <= value(high - third):
            high -= third
        else:
            low += third
    return value(low)
