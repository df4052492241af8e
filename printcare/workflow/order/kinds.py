"""An order of whatever kind, calculated, compared and verified alike: one dose, doses in steps, or several drugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.dose_case import Override
from printcare.domain.dosing import DoseCalculation, Refusal
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.formulation import InkLot
from printcare.domain.prescription import GivenBefore, Prescription
from printcare.domain.recipe import MasterRecipe
from printcare.domain.verification import Acknowledgement, SecondEntry
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.order.verify import Calculated, agreed, calculate_order, stand_for, verify_order
from printcare.workflow.order.verify_parts import (
    CalculatedSteps,
    calculate_step_order,
    calculate_unit_order,
    materials_of,
    stand_for_steps,
    stand_for_unit,
    verify_step_order,
    verify_unit_order,
    where_of_drug,
    where_of_step,
)

Calculation = Calculated | CalculatedSteps | Mapping[str, Calculated]
SECOND_DOSE = "second.dose"  # what a finding on the second person's dose names


@dataclass(frozen=True, slots=True)
class DoseToEnter:
    """One dose the second person types, with its calculation: of one drug of a unit, or of one time of a step.

    `where` is what the findings on that entry begin with; `step` is 1-based, 0 where there are none.
    """

    where: str
    rule: DosingRule
    calculation: DoseCalculation
    drug: str = ""
    step: int = 0
    time_of_day: str = ""


def calculate(
    records: Store,
    pharmacist: Account,
    order: Prescription,
    rules: tuple[DosingRule, ...],
    recipe: MasterRecipe,
    lots: Sequence[InkLot],
    today: date,
    *,
    override: Override | None = None,
    given_before: tuple[GivenBefore, ...] = (),
) -> Calculation:
    """Return every dose of the order calculated; raises Refused, recorded, with all that is wrong.

    `lots` has one for each part of the recipe, in the order of printing.
    """
    if not order.components:
        calculated = calculate_step_order if order.steps else calculate_order
        return calculated(
            records, pharmacist, order, rules, recipe, lots[0], today, override=override, given_before=given_before
        )
    if override is not None or given_before:
        actor = allowed(records, pharmacist, "order.verify")
        told = f"The order {order.id} is one of several drugs; an override or what was given before names none of them."
        found = (error("E_ORDER_KIND", told, "Have one drug ordered by itself.", "order"),)
        refuse(records, actor, "order.calculate", "prescription", order.id, found)
        raise Refused(found)
    return calculate_unit_order(records, pharmacist, order, rules, materials_of(recipe, lots), today)


def doses_of(calculated: Calculation) -> tuple[DoseToEnter, ...]:
    """Return every dose of an order in the order it is typed and printed."""
    if isinstance(calculated, Calculated):
        return (DoseToEnter(SECOND_DOSE, calculated.rule, calculated.calculation),)
    if isinstance(calculated, CalculatedSteps):
        return tuple(
            DoseToEnter(
                where_of_step(place, time) + SECOND_DOSE, calculated.rule, dose, step=place + 1, time_of_day=time
            )
            for place, step in enumerate(calculated.steps)
            for time, dose in step.doses
        )
    return tuple(
        DoseToEnter(where_of_drug(name) + SECOND_DOSE, each.rule, each.calculation, drug=name)
        for name, each in calculated.items()
    )


def comparisons_of(calculated: Calculation) -> tuple[Finding, ...]:
    """Return what the doses were held against: what is usual, and what was before."""
    if isinstance(calculated, Mapping):
        return tuple(finding for each in calculated.values() for finding in each.comparisons)
    return calculated.comparisons


def compare(
    order: Prescription,
    calculated: Calculation,
    pharmacist_id: str,
    entry: SecondEntry,
    doses_mg: Sequence[str],
    acknowledgements: tuple[Acknowledgement, ...],
) -> tuple[Finding, ...]:
    """Return all that keeps two people from standing for every dose of an order; nothing is recorded.

    `entry` holds the second person's weight and height, `doses_mg` each dose they typed, as `doses_of` has them.
    """
    outcome: object
    if isinstance(calculated, Calculated):
        found = _one_dose(doses_mg)
        if found:
            return found
        typed = replace(entry, dose_mg=doses_mg[0])
        outcome = stand_for(order, calculated, pharmacist_id, typed, acknowledgements, None)
    elif isinstance(calculated, CalculatedSteps):
        by_step = _by_step(calculated, doses_mg)
        outcome = stand_for_steps(order, calculated, pharmacist_id, entry, by_step, acknowledgements)
    else:
        outcome = stand_for_unit(order, calculated, pharmacist_id, entry, doses_mg, acknowledgements)
    return outcome.findings if isinstance(outcome, Refusal) else ()


def verify(
    records: Store,
    pharmacist: Account,
    password: str,
    second_password: str,
    order: Prescription,
    calculated: Calculation,
    second: Account,
    entry: SecondEntry,
    doses_mg: Sequence[str],
    acknowledgements: tuple[Acknowledgement, ...] = (),
    proposal_mg: Decimal | None = None,
) -> None:
    """Have two people stand for every dose by signature; raises Refused, recorded, where they do not agree.

    `proposal_mg` is what the pharmacist entered where an order of one dose holds no amount in mg.
    """
    people = (records, pharmacist, password, second_password, order)
    if isinstance(calculated, CalculatedSteps):
        by_step = _by_step(calculated, doses_mg)
        verify_step_order(*people, calculated, second, entry, by_step, acknowledgements)
    elif isinstance(calculated, Mapping):
        verify_unit_order(*people, calculated, second, entry, doses_mg, acknowledgements)
    else:
        found = _one_dose(doses_mg)
        if found:
            agreed(records, allowed(records, pharmacist, "order.verify"), order.id, Refusal(found), ())
        typed = replace(entry, dose_mg=doses_mg[0])
        verify_order(*people, calculated, second, typed, acknowledgements, proposal_mg)


def _one_dose(doses_mg: Sequence[str]) -> tuple[Finding, ...]:
    if len(doses_mg) == 1:
        return ()
    told = f"The second person typed {len(doses_mg)} doses; the order is for one."
    return (error("E_SECOND_ENTRY_DOSE", told, "Repeat the second entry from the order.", SECOND_DOSE),)


def _by_step(calculated: CalculatedSteps, doses_mg: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the typed doses as the steps have them; what is left over, or missing, is refused by the comparison."""
    left, steps = list(doses_mg), []
    for step in calculated.steps:
        steps.append(tuple(left[: len(step.doses)]))
        left = left[len(step.doses) :]
    return (*steps, tuple(left)) if left else tuple(steps)
