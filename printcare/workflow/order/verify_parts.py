"""Calculate and verify orders of several parts: unequal doses and tapers as steps, and units of several drugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import chain

from printcare.domain import ordered_case
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.dose_case import Override
from printcare.domain.dose_steps import CalculatedStep, calculate_steps
from printcare.domain.dosing import Refusal
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.formulation import InkLot
from printcare.domain.prescription import GivenBefore, OrderedComponent, Prescription
from printcare.domain.recipe import MasterRecipe
from printcare.domain.substances import SiteExcipients
from printcare.domain.verification import Acknowledgement, SecondEntry, VerifiedDose, verify
from printcare.formats.site_table import load_excipients
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.order.compare import Background, background, compared_steps, total_mg
from printcare.workflow.order.history import history_of
from printcare.workflow.order.verify import (
    Calculated,
    agreed,
    calculated_dose,
    dose_state,
    fitting_case,
    ledger_state,
    not_of,
    override_objections,
    record_verified,
    stand_for,
)
from printcare.workflow.states import as_state, state_of


@dataclass(frozen=True, slots=True)
class CalculatedSteps:
    """The steps of an order, each dose calculated by itself, with what each was held against in turn."""

    rule: DosingRule
    steps: tuple[CalculatedStep, ...]
    compared: tuple[tuple[Finding, ...], ...]
    known: Background

    @property
    def comparisons(self) -> tuple[Finding, ...]:
        """Return what any dose was held against, each once."""
        return tuple(dict.fromkeys(chain.from_iterable(self.compared)))


@dataclass(frozen=True, slots=True)
class VerifiedStep:
    """One step two people stand for: for so many days, at each time of the day its own verified dose."""

    days: int
    doses: tuple[tuple[str, VerifiedDose], ...]


def calculate_step_order(
    records: Store,
    pharmacist: Account,
    order: Prescription,
    rules: tuple[DosingRule, ...],
    recipe: MasterRecipe,
    lot: InkLot,
    today: date,
    *,
    site: SiteExcipients | None = None,
    override: Override | None = None,
    given_before: tuple[GivenBefore, ...] = (),
) -> CalculatedSteps:
    """Return every step of the order calculated; raises Refused, recorded: one refusal refuses the order."""
    actor = allowed(records, pharmacist, "order.verify")
    table = site or load_excipients()
    found = override_objections(records, override) or fitting_case(
        records, order, ordered_case.whole(order), rules, recipe, lot, table, today, override
    )
    findings = found if isinstance(found, tuple) else ()
    if not isinstance(found, tuple):
        outcome = calculate_steps(found.case, order.steps)
        if isinstance(outcome, Refusal):
            findings = outcome.findings
        else:
            known = background(order, found.rule, lot, table, history_of(records, order), given_before)
            calculated = CalculatedSteps(found.rule, outcome, compared_steps(order, outcome, known), known)
            findings = blocking(calculated.comparisons)
            if not findings:
                return calculated
    refuse(records, actor, "order.calculate", "prescription", order.id, findings)
    raise Refused(findings)


def calculate_unit_order(
    records: Store,
    pharmacist: Account,
    order: Prescription,
    rules: tuple[DosingRule, ...],
    materials: Mapping[str, tuple[MasterRecipe, InkLot]],
    today: date,
    *,
    site: SiteExcipients | None = None,
) -> Mapping[str, Calculated]:
    """Return the calculation of each drug of a unit, by its name; raises Refused, recorded, with all that is wrong.

    `materials` gives recipe and lot of each drug, see `materials_of`. All drugs of a unit come in the same number of
    units. Each drug is an order of its own here: its rule, its usual range, its history, its ledger.
    """
    actor = allowed(records, pharmacist, "order.verify")
    table = site or load_excipients()
    calculated: dict[str, Calculated] = {}
    findings: list[Finding] = []
    for component in order.components:
        name = component.product_code
        if name not in materials:
            told = f"No recipe and lot were named for {name}."
            findings.append(error("E_COMPONENT_MATERIAL", told, "Name one for every drug of the unit.", name))
            continue
        recipe, lot = materials[name]
        found = calculated_dose(records, order_of_drug(order, component), rules, recipe, lot, today, table, None, ())
        if isinstance(found, tuple):
            findings += [replace(finding, where=f"{name}.{finding.where}") for finding in found]
        else:
            calculated[name] = found
    counts = {name: each.calculation.units.units_per_dose for name, each in calculated.items()}
    if len(set(counts.values())) > 1:
        told = "One dose would be " + ", ".join(f"{count} units for {name}" for name, count in counts.items()) + "."
        findings.append(error("E_COMPONENT_UNITS", told, "Use inks whose strengths give the same number.", "order"))
    if not findings:
        return calculated
    refuse(records, actor, "order.calculate", "prescription", order.id, tuple(findings))
    raise Refused(tuple(findings))


def materials_of(recipe: MasterRecipe, lots: Sequence[InkLot]) -> dict[str, tuple[MasterRecipe, InkLot]]:
    """Return each drug of a recipe with its part as a recipe, and its lot; the lots stand in the order of the parts."""
    numbered = enumerate(zip(recipe.parts, lots, strict=False), start=1)
    return {part.product.inn: (recipe.of_part(number), lot) for number, (part, lot) in numbered}


def order_of_drug(order: Prescription, component: OrderedComponent) -> Prescription:
    """Return what was ordered of one drug of a unit as an order of its own, of the same number, patient and days."""
    return replace(
        order,
        product_code=component.product_code,
        product_text=component.product_code,
        form=component.form,
        indication=component.indication,
        ordered_dose_mg=component.ordered_dose_mg,
        basis=component.basis,
        previous_dose_mg=None,  # of which drug, the message does not say
        given_before=(),
        components=(),
    )


def stand_for_unit(
    order: Prescription,
    calculated: Mapping[str, Calculated],
    pharmacist_id: str,
    entry: SecondEntry,
    doses_mg: Sequence[str],
    acknowledgements: tuple[Acknowledgement, ...],
    proposals_mg: Mapping[str, Decimal] | None = None,
) -> dict[str, VerifiedDose] | Refusal:
    """Return the dose of each drug of a unit both people stand for, or all that differs; nothing is recorded."""
    verified: dict[str, VerifiedDose] = {}
    findings: list[Finding] = []
    if len(doses_mg) != len(order.components):
        told = "The second person's doses are not as many as the drugs of the order."
        findings.append(error("E_SECOND_ENTRY_DOSE", told, "Repeat the second entry from the order.", "second.dose"))
    for component, dose_mg in zip(order.components, doses_mg, strict=False):
        name, own = component.product_code, order_of_drug(order, component)
        typed, proposal_mg = _entered(entry, dose_mg, calculated, name), (proposals_mg or {}).get(name)
        outcome = stand_for(own, calculated[name], pharmacist_id, typed, acknowledgements, proposal_mg)
        if isinstance(outcome, Refusal):
            findings += _placed(outcome, where_of_drug(name))
        else:
            verified[name] = outcome
    if len({dose.units.units_per_dose for dose in verified.values()}) > 1:
        told = "The printed doses would come in different numbers of units."
        findings.append(error("E_COMPONENT_UNITS", told, "Use inks whose strengths give the same number.", "order"))
    return Refusal(tuple(findings)) if findings else verified


def _entered(entry: SecondEntry, dose_mg: str, calculated: Mapping[str, Calculated], name: str) -> SecondEntry:
    """Return what was typed of one drug: weight and height are typed once, also where only another drug asks for it."""
    own, every = calculated[name].calculation, [each.calculation for each in calculated.values()]
    is_others_weight = own.weight_kg is None and any(each.weight_kg is not None for each in every)
    is_others_height = own.height_cm is None and any(each.height_cm is not None for each in every)
    weight, height = None if is_others_weight else entry.weight, None if is_others_height else entry.height
    return replace(entry, weight=weight, height=height, dose_mg=dose_mg)


def stand_for_steps(
    order: Prescription,
    calculated: CalculatedSteps,
    pharmacist_id: str,
    entry: SecondEntry,
    doses_mg: Sequence[Sequence[str]],
    acknowledgements: tuple[Acknowledgement, ...],
) -> tuple[VerifiedStep, ...] | Refusal:
    """Return the steps both people stand for, or all that differs; nothing is recorded."""
    if [len(doses) for doses in doses_mg] != [len(step.doses) for step in calculated.steps]:
        told = "The second person's doses are not as many as the order's steps and times of the day."
        remedy = "Repeat the second entry from the order."
        return Refusal((error("E_SECOND_ENTRY_DOSE", told, remedy, "second.dose"),))
    verified: list[VerifiedStep] = []
    findings: list[Finding] = []
    for place, (step, typed) in enumerate(zip(calculated.steps, doses_mg, strict=True)):
        doses = []
        for (time, calculation), dose_mg, ordered in zip(step.doses, typed, order.steps[place].doses, strict=True):
            outcome = verify(
                calculation,
                Decimal(ordered.amount.value or "0"),
                None,
                pharmacist_id,
                replace(entry, dose_mg=dose_mg),
                acknowledgements=acknowledgements,
                comparisons=calculated.comparisons,
            )
            if isinstance(outcome, Refusal):
                findings += _placed(outcome, where_of_step(place, time))
            else:
                doses.append((time, outcome))
        verified.append(VerifiedStep(step.days, tuple(doses)))
    return Refusal(tuple(findings)) if findings else tuple(verified)


def where_of_drug(name: str) -> str:
    """Return what stands before the place of a finding on one drug of a unit."""
    return f"{name}."


def where_of_step(place: int, time_of_day: str) -> str:
    """Return what stands before the place of a finding on one dose of a step, 0-based."""
    return f"order.steps[{place}] {time_of_day}: "


def _placed(refusal: Refusal, before: str) -> list[Finding]:
    """Return the findings on one of several doses by where it stands; a missing reason is given once, by its code."""
    return [
        finding if finding.code == "E_ACKNOWLEDGEMENT_MISSING" else replace(finding, where=before + finding.where)
        for finding in refusal.findings
    ]


def verify_unit_order(
    records: Store,
    pharmacist: Account,
    password: str,
    second_password: str,
    order: Prescription,
    calculated: Mapping[str, Calculated],
    second: Account,
    entry: SecondEntry,
    doses_mg: Sequence[str],
    acknowledgements: tuple[Acknowledgement, ...] = (),
    proposals_mg: Mapping[str, Decimal] | None = None,
) -> dict[str, VerifiedDose]:
    """Return the dose of each drug two people stand for, signed by both; raises Refused, recorded, else.

    The second person's `entry` holds weight and height; `doses_mg` is what they typed, drug by drug as ordered.
    `proposals_mg` is what the pharmacist entered where the order holds no amount in mg of a drug.
    """
    actor = allowed(records, pharmacist, "order.verify")
    allowed(records, second, "order.second_entry")
    outcome = stand_for_unit(order, calculated, pharmacist.id, entry, doses_mg, acknowledgements, proposals_mg)
    verified = agreed(records, actor, order.id, outcome, not_of(acknowledgements, (pharmacist, second), entry))
    rows: list[dict[str, object]] = [
        {"drug": component.product_code}
        | dose_state(
            order_of_drug(order, component), calculated[component.product_code], verified[component.product_code]
        )
        for component in order.components
    ]
    state: dict[str, object] = {
        "prescription": order.id,
        "printed_dose_mg": None,
        "components": rows,
        "rule": ", ".join(str(row["rule"]) for row in rows),
        "pharmacist": pharmacist.id,
        "second": second.id,
        "warnings": [finding.as_dict() for dose in verified.values() for finding in dose.warnings],
        "acknowledged": [state_of(given) for given in acknowledgements],
    }
    record_verified(records, pharmacist, password, second, second_password, order.id, state)
    return verified


def verify_step_order(
    records: Store,
    pharmacist: Account,
    password: str,
    second_password: str,
    order: Prescription,
    calculated: CalculatedSteps,
    second: Account,
    entry: SecondEntry,
    doses_mg: tuple[tuple[str, ...], ...],
    acknowledgements: tuple[Acknowledgement, ...] = (),
) -> tuple[VerifiedStep, ...]:
    """Return the steps two people stand for, signed by both; raises Refused, recorded, when they do not agree.

    The second person's `entry` holds weight and height; `doses_mg` is what they typed, step by step and dose by dose.
    """
    actor = allowed(records, pharmacist, "order.verify")
    allowed(records, second, "order.second_entry")
    outcome = stand_for_steps(order, calculated, pharmacist.id, entry, doses_mg, acknowledgements)
    verified = agreed(records, actor, order.id, outcome, not_of(acknowledgements, (pharmacist, second), entry))
    state = _steps_state(order, calculated, verified, pharmacist, second, acknowledgements)
    record_verified(records, pharmacist, password, second, second_password, order.id, state)
    return verified


def _steps_state(
    order: Prescription,
    calculated: CalculatedSteps,
    verified: tuple[VerifiedStep, ...],
    pharmacist: Account,
    second: Account,
    acknowledgements: tuple[Acknowledgement, ...],
) -> dict[str, object]:
    rule, first = calculated.rule, verified[0].doses[0][1]
    every = [dose for step in verified for _, dose in step.doses]
    return {
        "prescription": order.id,
        "printed_dose_mg": None,
        "steps": [
            {
                "days": step.days,
                "doses": [
                    {
                        "at": time,
                        "printed_dose_mg": as_state(dose.printed_dose_mg),
                        "units_per_dose": dose.units.units_per_dose,
                        "target_wet_mass_mg": as_state(dose.units.target_wet_mass_mg),
                        "lines": [state_of(line) for line in dose.lines],
                    }
                    for time, dose in step.doses
                ],
            }
            for step in verified
        ],
        "rule": f"{rule.id}/{rule.version}",
        "rule_digest": rule.digest,
        "pharmacist": pharmacist.id,
        "second": second.id,
        "warnings": [finding.as_dict() for finding in dict.fromkeys(each for dose in every for each in dose.warnings)],
        "acknowledged": [state_of(given) for given in acknowledgements],
        **ledger_state(first.calculation, total_mg(calculated.steps), calculated.known),
    }
