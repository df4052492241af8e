"""A verified dose back from the record, for the process that prints it: calculated again, refused where it differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.domain import ordered_case
from printcare.domain.checks import Finding, error, warning
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
from printcare.workflow.states import as_state
from printcare.workflow.verify import VERIFIED, fitting_case

OF_THE_VERIFICATION = frozenset({"W_RECOMPUTATION_DIFFERS", "W_MULTI_UNIT"})  # raised again by verify itself


def verified_dose(
    records: Store,
    order: Prescription,
    rules: Iterable[DosingRule],
    recipe: MasterRecipe,
    lot: InkLot,
    today: date,
) -> VerifiedDose:
    """Return the dose two people signed for; raises Refused where the order is not verified or anything differs now.

    The dose is calculated again from the order as it came, under the rule of the recorded digest. A measurement that
    has become too old since, another lot whose units would weigh something else, a changed rule: all of it refuses.
    """
    status = (records.get("prescription", order.id) or {}).get("status", "not on record")
    state = records.get("verified_dose", order.id)
    if status != VERIFIED or state is None:
        told = f"The order {order.id} is {status}."
        raise Refused((error("E_ORDER_STATUS", told, "Print verified orders only.", "order"),))
    if state.get("steps"):
        told = f"The order {order.id} was verified in steps, each dose of its own."
        raise Refused((error("E_ORDER_KIND", told, "Print each dose of each step as a batch.", "order"),))
    _check_signed(records, order.id, state)
    rule_now = [rule for rule in rules if rule.digest == state["rule_digest"]]
    given = None if state["override"] is None else Override(**state["override"])
    found = fitting_case(
        records, order, ordered_case.whole(order), rule_now, recipe, lot, load_excipients(), today, given
    )
    if isinstance(found, tuple):
        raise Refused(found)
    calculation = calculate(found.case)
    if isinstance(calculation, Refusal):
        raise Refused(calculation.findings)
    return _same_as_signed(_verified_again(order, calculation, state), state)


def not_signed_for(records: Store, order_id: str, verified: VerifiedDose) -> tuple[Finding, ...]:
    """Return why this dose is not the one two people signed for under this order, which is verified still."""
    status = (records.get("prescription", order_id) or {}).get("status", "not on record")
    state = records.get("verified_dose", order_id)
    if status != VERIFIED or state is None:
        return (error("E_ORDER_STATUS", f"The order {order_id} is {status}.", "Print verified orders only.", "order"),)
    try:
        _check_signed(records, order_id, state)
        if not state.get("steps"):  # those of an order in steps are many, each compared where its batch is made
            _same_as_signed(verified, state)
    except Refused as refused:
        return refused.findings
    return ()


def _check_signed(records: Store, order_id: str, state: Mapping[str, Any]) -> None:
    signed = {
        signature.account
        for signature in counting(records, "verified_dose", order_id)
        if signature.covers(state)
    }
    if state["pharmacist"] == state["second"] or not {state["pharmacist"], state["second"]} <= signed:
        told = f"The dose of {order_id} does not bear the signatures of the two who verified it."
        raise Refused((error("E_VERIFICATION_UNSIGNED", told, "Have the order verified and signed again.", "order"),))


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


def _same_as_signed(verified: VerifiedDose | Refusal, state: Mapping[str, Any]) -> VerifiedDose:
    if isinstance(verified, Refusal):
        raise Refused(verified.findings)
    now = {
        "pharmacist": verified.pharmacist_id,
        "second": verified.second_id,
        "printed_dose_mg": as_state(verified.printed_dose_mg),
        "recomputed_dose_mg": as_state(verified.recomputed_dose_mg),
        "units_per_dose": verified.units.units_per_dose,
        "target_wet_mass_mg": as_state(verified.units.target_wet_mass_mg),
    }
    differing = [f"{name} {state[name]}, now {value}" for name, value in now.items() if state[name] != value]
    if differing:
        told = f"What was signed is not what would be made: {'; '.join(differing)}."
        raise Refused((error("E_VERIFIED_DIFFERS", told, "Verify the order again, with this lot.", "order"),))
    return verified
