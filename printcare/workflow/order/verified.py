"""A verified dose back from the record, for the process that prints it: calculated again, refused where it differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain import ordered_case
from printcare.domain.checks import Finding, error, warning
from printcare.domain.control_recipe import ControlRecipe, DoseTime
from printcare.domain.dose_case import Override, Quantity
from printcare.domain.dosing import DoseCalculation, Refusal, calculate
from printcare.domain.dosing_rule import DosingRule
from printcare.domain.formulation import InkLot
from printcare.domain.numbers import plain
from printcare.domain.prescription import Prescription
from printcare.domain.recipe import MasterRecipe
from printcare.domain.verification import Acknowledgement, SecondEntry, VerifiedDose, verify
from printcare.formats.site_table import load_excipients
from printcare.records.signatures import counting
from printcare.records.store import Store
from printcare.workflow.authority import Refused
from printcare.workflow.order.verify import VERIFIED, Calculated, fitting_case
from printcare.workflow.order.verify_parts import order_of_drug
from printcare.workflow.states import as_state

OF_THE_VERIFICATION = frozenset({"W_RECOMPUTATION_DIFFERS", "W_MULTI_UNIT"})  # raised again by verify itself


def verified_dose(
    records: Store,
    order: Prescription,
    rules: Iterable[DosingRule],
    recipe: MasterRecipe,
    lot: InkLot,
    today: date,
    at: DoseTime | None = None,
) -> VerifiedDose:
    """Return the dose two people signed for; raises Refused where the order is not verified or anything differs now.

    The dose is calculated again from the order as it came, under the rule of the recorded digest. A measurement that
    has become too old since, another lot whose units would weigh something else, a changed rule: all of it refuses.
    Of an order in steps `at` names the one dose.
    """
    state = _verified_state(records, order.id)
    row = _row(state, recipe.product.inn, at)
    if isinstance(row, Finding):
        raise Refused((row,))
    _check_signed(records, order.id, state)
    if state.get("components"):
        named = {component.product_code: component for component in order.components}
        order = order_of_drug(order, named[recipe.product.inn])
    rule_now = [rule for rule in rules if rule.digest == row["rule_digest"]]
    given = None if row["override"] is None else Override(**row["override"])
    found = fitting_case(
        records, order, ordered_case.whole(order), rule_now, recipe, lot, load_excipients(), today, given
    )
    if isinstance(found, tuple):
        raise Refused(found)
    case = found.case
    if at is not None:
        ordered = _ordered_at(order, at)
        order = replace(order, ordered_dose_mg=Decimal(ordered.value or "0"))
        case = replace(case, order=replace(case.order, amount=ordered, per="dose", doses_per_day="1"))
    calculation = calculate(case)
    if isinstance(calculation, Refusal):
        raise Refused(calculation.findings)
    return _same_as_signed(_verified_again(order, calculation, row), row)


def verified_doses(
    records: Store,
    order: Prescription,
    rules: Iterable[DosingRule],
    recipe: MasterRecipe,
    lots: Sequence[InkLot],
    today: date,
    at: DoseTime | None = None,
) -> tuple[VerifiedDose, ...]:
    """Return the dose of every part of a recipe's units, in the order of printing; raises Refused like the one dose."""
    known = tuple(rules)
    numbered = enumerate(lots, start=1)
    doses = [verified_dose(records, order, known, recipe.of_part(n), lot, today, at) for n, lot in numbered]
    return tuple(doses)


def calculations_of(
    records: Store, order_id: str, recipe: ControlRecipe, rules: Iterable[DosingRule]
) -> dict[str, Calculated]:
    """Return the calculation of each drug of a planned batch with the rule that was recorded for it, for its papers."""
    state, by_digest = records.get("verified_dose", order_id) or {}, {rule.digest: rule for rule in rules}
    rows = {row["drug"]: row for row in state.get("components") or ()}
    digests = {part.drug: rows.get(part.drug, state).get("rule_digest", "") for part in recipe.parts}
    return {
        part.drug: Calculated(by_digest[digests[part.drug]], part.verified.calculation)
        for part in recipe.parts
        if digests[part.drug] in by_digest
    }


def not_signed_for(
    records: Store, order_id: str, doses: Mapping[str, VerifiedDose], at: DoseTime | None = None
) -> tuple[Finding, ...]:
    """Return why these doses, by drug, are not what two people signed for under this order, which is verified still."""
    try:
        state = _verified_state(records, order_id)
        _check_signed(records, order_id, state)
    except Refused as refused:
        return refused.findings
    findings: list[Finding] = []
    for drug, verified in doses.items():
        row = _row(state, drug, at)
        findings += (row,) if isinstance(row, Finding) else _differing(verified, row)
    left_out = [each["drug"] for each in state.get("components") or () if each["drug"] not in doses]
    if left_out:
        told = f"The order {order_id} is for {', '.join(left_out)} too."
        findings.append(error("E_DOSE_WITHOUT_PART", told, "Use a recipe of all the ordered drugs.", "recipe"))
    return tuple(findings)


def _verified_state(records: Store, order_id: str) -> Mapping[str, Any]:
    """Return what was verified of an order; raises Refused where it is not verified."""
    status = (records.get("prescription", order_id) or {}).get("status", "not on record")
    state = records.get("verified_dose", order_id)
    if status != VERIFIED or state is None:
        told = f"The order {order_id} is {status}."
        raise Refused((error("E_ORDER_STATUS", told, "Print verified orders only.", "order"),))
    return state


def _check_signed(records: Store, order_id: str, state: Mapping[str, Any]) -> None:
    """Raise Refused where a dose is not signed by both who verified it."""
    signed = {
        signature.account for signature in counting(records, "verified_dose", order_id) if signature.covers(state)
    }
    if state["pharmacist"] == state["second"] or not {state["pharmacist"], state["second"]} <= signed:
        told = f"The dose of {order_id} does not bear the signatures of the two who verified it."
        raise Refused((error("E_VERIFICATION_UNSIGNED", told, "Have the order verified and signed again.", "order"),))


def _row(state: Mapping[str, Any], drug: str, at: DoseTime | None) -> Mapping[str, Any] | Finding:
    """Return what was signed for one drug, or for one dose of a step, or why there is no such dose."""
    order_id = state["prescription"]
    if bool(state.get("steps")) != (at is not None):
        in_steps = f"The order {order_id} was verified in steps, each dose of its own."
        told = f"The order {order_id} has no steps." if at else in_steps
        return error("E_ORDER_KIND", told, "Print each dose of each step as a batch.", "order")
    if at is not None:
        steps = state["steps"]
        doses = steps[at.step - 1]["doses"] if 1 <= at.step <= len(steps) else []
        found = next((dose for dose in doses if dose["at"] == at.time_of_day), None)
        if found is None:
            told = f"The order {order_id} has no dose at {at.time_of_day} in step {at.step}."
            return error("E_STEP_UNKNOWN", told, "Name a step and a time of the order.", "step")
        return {**state, **found}
    shares = state.get("components")
    if not shares:
        return state
    share: Mapping[str, Any] | None = next((each for each in shares if each["drug"] == drug), None)
    if share is None:
        told = f"Nothing of {drug} was verified for the order {order_id}."
        return error("E_PART_WITHOUT_DOSE", told, "Use a recipe of the ordered drugs alone.", "recipe")
    return share


def _ordered_at(order: Prescription, at: DoseTime) -> Quantity:
    """Return the amount the order itself states for one dose of a step."""
    doses = order.steps[at.step - 1].doses
    return next(dose.amount for dose in doses if dose.time_of_day == at.time_of_day)


def _verified_again(
    order: Prescription, calculation: DoseCalculation, state: Mapping[str, Any]
) -> VerifiedDose | Refusal:
    """Return the verification with what was recorded of it; the second entry agreed then, or there would be no row."""
    printed_mg = Decimal(state["printed_dose_mg"])
    reasons = tuple(Acknowledgement(**given) for given in state["acknowledged"])
    weight, height = calculation.weight_kg, calculation.height_cm
    entry = SecondEntry(
        state["second"],
        None if weight is None else Quantity(plain(weight), "kg"),
        None if height is None else Quantity(plain(height), "cm"),
        plain(printed_mg),
    )
    proposal_mg = None if order.ordered_dose_mg is not None else printed_mg
    raised = {finding.code for finding in (*calculation.flags, *calculation.notices)} | OF_THE_VERIFICATION
    # What it was held against beside the calculation stands in the record, with its reasons; it is carried on.
    told = tuple(
        warning(each["code"], each["reason"], each["remedy"], each.get("where", ""))
        for each in state["warnings"]
        if each["code"] not in raised
    )
    return verify(
        calculation, order.ordered_dose_mg, proposal_mg, state["pharmacist"], entry, reasons, comparisons=told
    )


def _same_as_signed(verified: VerifiedDose | Refusal, row: Mapping[str, Any]) -> VerifiedDose:
    findings = verified.findings if isinstance(verified, Refusal) else _differing(verified, row)
    if isinstance(verified, Refusal) or findings:
        raise Refused(findings)
    return verified


def _differing(verified: VerifiedDose, row: Mapping[str, Any]) -> tuple[Finding, ...]:
    now = {
        "pharmacist": verified.pharmacist_id,
        "second": verified.second_id,
        "printed_dose_mg": as_state(verified.printed_dose_mg),
        "recomputed_dose_mg": as_state(verified.recomputed_dose_mg),
        "units_per_dose": verified.units.units_per_dose,
        "target_wet_mass_mg": as_state(verified.units.target_wet_mass_mg),
    }
    # One dose of a step is ordered in mg: its recomputation is the same figure, and is not kept beside it.
    differing = [f"{name} {row[name]}, now {value}" for name, value in now.items() if row.get(name, value) != value]
    if not differing:
        return ()
    told = f"What was signed is not what would be made: {'; '.join(differing)}."
    return (error("E_VERIFIED_DIFFERS", told, "Verify the order again, with this lot.", "order"),)
