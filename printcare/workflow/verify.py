"""Verify an order: calculate under the approved rule, let a second person enter it blind, and stand for one dose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from printcare.domain import ordered_case
from printcare.domain.checks import Finding
from printcare.domain.dosing import DoseCalculation, Refusal, calculate
from printcare.domain.dosing_rule import DosingRule, rule_for
from printcare.domain.formulation import InkLot
from printcare.domain.people import Role
from printcare.domain.prescription import Prescription, age_years
from printcare.domain.recipe import MasterRecipe
from printcare.domain.verification import Acknowledgement, SecondEntry, VerifiedDose, verify
from printcare.records.accounts import Account
from printcare.records.signatures import sign
from printcare.records.store import Store
from printcare.workflow.approvals import effective_rule
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.states import as_state, state_of


@dataclass(frozen=True, slots=True)
class Calculated:
    """A dose calculation with the rule it was made under; nothing of it may be printed yet."""

    rule: DosingRule
    calculation: DoseCalculation


def calculate_order(
    records: Store,
    pharmacist: Account,
    order: Prescription,
    rules: tuple[DosingRule, ...],
    recipe: MasterRecipe,
    lot: InkLot,
    today: date,
) -> Calculated:
    """Return the calculation of an order under the one approved rule that fits; raises Refused with every objection."""
    actor = allowed(records, pharmacist, "order.verify")
    findings: tuple[Finding, ...] = ()
    rule = rule_for(rules, order.product_text, order.indication or None, age_years(order.patient.birth_date, today))
    if isinstance(rule, Finding):
        findings = (rule,)
    elif not (findings := effective_rule(records, rule)):
        limits = recipe.unit_range
        unit = ordered_case.recipe_entry(
            limits.dose_mg, limits.wet_mass_g, limits.max_units_per_dose, corrects_assay=recipe.ink.corrects_assay
        )
        case = ordered_case.case_for(order, rule, ordered_case.ink_entry(lot), unit, today)
        outcome = case if isinstance(case, Finding) else calculate(case)
        if isinstance(outcome, DoseCalculation):
            return Calculated(rule, outcome)
        findings = (outcome,) if isinstance(outcome, Finding) else outcome.findings
    refuse(records, actor, "order.calculate", "prescription", order.id, findings)
    raise Refused(findings)


def verify_order(
    records: Store,
    pharmacist: Account,
    password: str,
    second_password: str,
    order: Prescription,
    calculated: Calculated,
    second: Account,
    entry: SecondEntry,
    acknowledgements: tuple[Acknowledgement, ...] = (),
) -> VerifiedDose:
    """Return the dose two people stand for, signed by both; raises Refused, recorded, when they do not agree."""
    actor = allowed(records, pharmacist, "order.verify")
    allowed(records, second, "order.second_entry")
    outcome = verify(
        calculated.calculation, order.ordered_dose_mg, None, pharmacist.id, entry, acknowledgements=acknowledgements
    )
    if isinstance(outcome, Refusal):
        refuse(records, actor, "order.verify", "prescription", order.id, outcome.findings)
        raise Refused(outcome.findings)
    with records.transaction(actor) as tx:
        tx.record("dose.verified", "verified_dose", order.id, _dose_state(order, calculated, outcome))
        state = tx.get("prescription", order.id)
        if state is not None:
            tx.record("order.verified", "prescription", order.id, state | {"status": "verified"})
    sign(records, pharmacist.login, password, Role.PHARMACIST, "verified the dose", "verified_dose", order.id)
    sign(records, second.login, second_password, Role.PHARMACIST, "second entry agrees", "verified_dose", order.id)
    return outcome


def _dose_state(order: Prescription, calculated: Calculated, verified: VerifiedDose) -> dict[str, object]:
    rule = calculated.rule
    return {
        "prescription": order.id,
        "printed_dose_mg": as_state(verified.printed_dose_mg),
        "origin": verified.origin,
        "recomputed_dose_mg": as_state(verified.recomputed_dose_mg),
        "difference_pct": as_state(verified.difference_pct),
        "rule": f"{rule.id}/{rule.version}",
        "rule_digest": rule.digest,
        "pharmacist": verified.pharmacist_id,
        "second": verified.second_id,
        "target_wet_mass_mg": as_state(verified.units.target_wet_mass_mg),
        "units_per_dose": verified.units.units_per_dose,
        "warnings": [finding.as_dict() for finding in verified.warnings],
        "acknowledged": [state_of(given) for given in verified.acknowledgements],
        "lines": [state_of(line) for line in verified.lines],
    }
