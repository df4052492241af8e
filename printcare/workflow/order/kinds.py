"""An order of whatever kind, calculated, compared and verified alike: one dose, doses in steps, or several drugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from printcare.domain.checks import Finding, error
from printcare.domain.dose_case import Override, Quantity
from printcare.domain.dosing import DoseCalculation, Refusal
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.formulation import InkLot
from printcare.domain.numbers import as_decimal, read_positive
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
OWN_DOSE = "verification.dose"  # and on the pharmacist's own
NONE: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DoseToEnter:
    """One dose the second person types, with its calculation: of one drug of a unit, or of one time of a step.

    `where` is what the findings on that entry begin with; `step` is 1-based, 0 where there are none; `comparisons` is
    what the dose was held against: what is usual, and what was before.
    """

    where: str
    rule: DosingRule
    calculation: DoseCalculation
    comparisons: tuple[Finding, ...]
    drug: str = ""
    step: int = 0
    time_of_day: str = ""

    @property
    def own_where(self) -> str:
        """Return what the findings on the pharmacist's own amount begin with."""
        return self.where.removesuffix(SECOND_DOSE) + OWN_DOSE

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return all that its calculation and its comparisons say."""
        return (*self.calculation.flags, *self.calculation.notices, *self.comparisons)


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
    actor = allowed(records, pharmacist, "order.verify")
    if not order.components:
        calculated = calculate_step_order if order.steps else calculate_order
        return calculated(
            records, pharmacist, order, rules, recipe, lots[0], today, override=override, given_before=given_before
        )
    if override is not None or given_before:
        told = f"The order {order.id} is one of several drugs; an override or what was given before names none of them."
        found = (error("E_ORDER_KIND", told, "Have one drug ordered by itself.", "order"),)
        refuse(records, actor, "order.calculate", "prescription", order.id, found)
        raise Refused(found)
    return calculate_unit_order(records, pharmacist, order, rules, materials_of(recipe, lots), today)


def doses_of(calculated: Calculation) -> tuple[DoseToEnter, ...]:
    """Return every dose of an order in the order it is typed and printed."""
    if isinstance(calculated, Calculated):
        return (DoseToEnter(SECOND_DOSE, calculated.rule, calculated.calculation, calculated.comparisons),)
    if isinstance(calculated, CalculatedSteps):
        each_dose = ((place, time, dose) for place, step in enumerate(calculated.steps) for time, dose in step.doses)
        return tuple(
            DoseToEnter(
                where_of_step(place, time) + SECOND_DOSE,
                calculated.rule,
                dose,
                compared,
                step=place + 1,
                time_of_day=time,
            )
            for (place, time, dose), compared in zip(each_dose, calculated.compared, strict=True)
        )
    return tuple(
        DoseToEnter(where_of_drug(name) + SECOND_DOSE, each.rule, each.calculation, each.comparisons, drug=name)
        for name, each in calculated.items()
    )


def lacks_amount(order: Prescription, dose: DoseToEnter) -> bool:
    """Whether the order states no mg of a dose, so that the pharmacist enters it on the calculation's proposal."""
    if dose.drug:
        return any(each.ordered_dose_mg is None for each in order.components if each.product_code == dose.drug)
    return not order.steps and order.ordered_dose_mg is None


def own_amounts(calculated: Calculation, typed: Mapping[str, str]) -> Mapping[str, Decimal] | tuple[Finding, ...]:
    """Return what the pharmacist typed where the order states no mg, by drug, or what is no amount among it."""
    where = {dose.drug: dose.own_where for dose in doses_of(calculated)}
    read = {drug: read_positive(text, where[drug]) for drug, text in typed.items() if text}
    wrong = tuple(each for each in read.values() if isinstance(each, Finding))
    return wrong or {drug: as_decimal(each) for drug, each in read.items() if not isinstance(each, Finding)}


def second_entry(calculated: Calculation, user_id: str, weight_kg: str, height_cm: str) -> SecondEntry:
    """Return the second person's weight and height, each where any dose is calculated from it."""
    calculations = [dose.calculation for dose in doses_of(calculated)]
    asks_weight = any(each.weight_kg is not None for each in calculations)
    asks_height = any(each.height_cm is not None for each in calculations)
    weight = Quantity(weight_kg, "kg") if asks_weight else None
    return SecondEntry(user_id, weight, Quantity(height_cm, "cm") if asks_height else None, None)


def compare(
    order: Prescription,
    calculated: Calculation,
    pharmacist_id: str,
    entry: SecondEntry,
    doses_mg: Sequence[str],
    acknowledgements: tuple[Acknowledgement, ...],
    proposals_mg: Mapping[str, Decimal] = NONE,
) -> tuple[Finding, ...]:
    """Return all that keeps two people from standing for every dose of an order; nothing is recorded.

    `entry` holds the second person's weight and height, `doses_mg` each dose they typed, as `doses_of` has them.
    `proposals_mg` is what the pharmacist entered where the order states no mg: of each drug, of an order of one under
    no name.
    """
    outcome: object
    if isinstance(calculated, Calculated):
        found = _one_dose(doses_mg)
        if found:
            return found
        typed = replace(entry, dose_mg=doses_mg[0])
        outcome = stand_for(order, calculated, pharmacist_id, typed, acknowledgements, proposals_mg.get(""))
    elif isinstance(calculated, CalculatedSteps):
        by_step = _by_step(calculated, doses_mg)
        outcome = stand_for_steps(order, calculated, pharmacist_id, entry, by_step, acknowledgements)
    else:
        outcome = stand_for_unit(order, calculated, pharmacist_id, entry, doses_mg, acknowledgements, proposals_mg)
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
    proposals_mg: Mapping[str, Decimal] = NONE,
) -> None:
    """Have two people stand for every dose by signature; raises Refused, recorded, where they do not agree.

    What is typed is what `compare` takes.
    """
    actor = allowed(records, pharmacist, "order.verify")
    people = (records, pharmacist, password, second_password, order)
    if isinstance(calculated, CalculatedSteps):
        by_step = _by_step(calculated, doses_mg)
        verify_step_order(*people, calculated, second, entry, by_step, acknowledgements)
    elif isinstance(calculated, Mapping):
        verify_unit_order(*people, calculated, second, entry, doses_mg, acknowledgements, proposals_mg)
    else:
        found = _one_dose(doses_mg)
        if found:
            agreed(records, actor, order.id, Refusal(found), ())
        typed = replace(entry, dose_mg=doses_mg[0])
        verify_order(*people, calculated, second, typed, acknowledgements, proposals_mg.get(""))


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
