"""Verify an order: calculate under the approved rule, let a second person enter it blind, and stand for one dose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar  # Any: a state is parsed JSON

from printcare.domain import ordered_case, people
from printcare.domain.checks import Finding, blocking, error
from printcare.domain.dose_case import DoseCase, Override
from printcare.domain.dosing import DoseCalculation, Refusal, calculate
from printcare.domain.dosing_rule import DosingRule, rule_for
from printcare.domain.formulation import InkLot
from printcare.domain.people import Role
from printcare.domain.prescription import GivenBefore, OrderedComponent, Prescription, age_years
from printcare.domain.recipe import MasterRecipe, recipe_fits
from printcare.domain.substances import SiteExcipients
from printcare.domain.verification import Acknowledgement, SecondEntry, VerifiedDose, verify
from printcare.formats.site_table import load_excipients
from printcare.records.accounts import Account, find
from printcare.records.signatures import sign
from printcare.records.store import Actor, Store, Transaction
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.order.compare import Background, background, compared_dose, course_mg, surface_m2
from printcare.workflow.order.history import history_of
from printcare.workflow.recipe.approvals import effective_rule, effective_site_table
from printcare.workflow.site.training import not_trained
from printcare.workflow.states import as_state, state_of

TO_VERIFY, VERIFIED = "to verify", "verified"


@dataclass(frozen=True, slots=True)
class Calculated:
    """A dose calculation with the rule it was made under; nothing of it may be printed yet.

    `comparisons` are to be shown and acknowledged; with a stop among them nobody can verify the dose.
    """

    rule: DosingRule
    calculation: DoseCalculation
    comparisons: tuple[Finding, ...] = ()
    known: Background | None = None


Agreed = TypeVar("Agreed")
Calculations = Calculated | Mapping[str, Calculated]  # of an order of one drug, or of several by name


def each_calculation(calculated: Calculations) -> tuple[Calculated, ...]:
    """Return the calculation of every drug, in the order they were ordered."""
    return (calculated,) if isinstance(calculated, Calculated) else tuple(calculated.values())


def calculate_order(
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
) -> Calculated:
    """Return the calculation of an order under the one approved rule that fits; raises Refused with every objection.

    `site` is the site's table of excipients, the shipped one where none is given. `given_before` is what the pharmacist
    states for the cumulative ledger; `override` lets two pharmacists pass the limits for age.
    """
    actor = allowed(records, pharmacist, "order.verify")
    outcome = calculated_dose(
        records, order, rules, recipe, lot, today, site or load_excipients(), override, given_before
    )
    if isinstance(outcome, Calculated):
        return outcome
    refuse(records, actor, "order.calculate", "prescription", order.id, outcome)
    raise Refused(outcome)


def calculated_dose(
    records: Store,
    order: Prescription,
    rules: tuple[DosingRule, ...],
    recipe: MasterRecipe,
    lot: InkLot,
    today: date,
    site: SiteExcipients,
    override: Override | None,
    given_before: tuple[GivenBefore, ...],
) -> Calculated | tuple[Finding, ...]:
    """Return the calculation of an order of one drug and one dose, or every objection; nothing is recorded."""
    if order.steps or order.components:
        what = "steps" if order.steps else "several drugs in a unit"
        told = f"The order {order.id} is one of {what}, not of one equal dose."
        return (error("E_ORDER_KIND", told, "Calculate it as what it is.", "order"),)
    objections = override_objections(records, override)
    if objections:
        return objections
    found = fitting_case(records, order, ordered_case.whole(order), rules, recipe, lot, site, today, override)
    if isinstance(found, tuple):
        return found
    outcome = calculate(found.case)
    if isinstance(outcome, Refusal):
        return outcome.findings
    known = background(order, found.rule, lot, site, history_of(records, order), given_before)
    dose_mg = outcome.dose_rounded_mg if order.ordered_dose_mg is None else order.ordered_dose_mg
    comparisons = compared_dose(order, outcome, dose_mg, known)
    return blocking(comparisons) or Calculated(found.rule, outcome, comparisons, known)


@dataclass(frozen=True, slots=True)
class FittingCase:
    """The one approved rule that fits, and the case under it."""

    rule: DosingRule
    case: DoseCase


def fitting_case(
    records: Store,
    order: Prescription,
    component: OrderedComponent,
    rules: Iterable[DosingRule],
    recipe: MasterRecipe,
    lot: InkLot,
    site: SiteExcipients,
    today: date,
    override: Override | None = None,
) -> FittingCase | tuple[Finding, ...]:
    """Return the case of one drug under its approved rule, with this recipe and lot, or why there is none."""
    age = age_years(order.patient.birth_date, today)
    rule = rule_for(rules, component.product_code, component.indication or None, age)
    if isinstance(rule, Finding):
        return (rule,)
    approvals = (*effective_rule(records, rule), *effective_site_table(records, site))
    objections = (*approvals, *_material_objections(component, rule, recipe, lot))
    if objections:
        return objections
    limits = recipe.unit_range
    unit = ordered_case.recipe_entry(
        limits.dose_mg, limits.wet_mass_g, limits.max_units_per_dose, corrects_assay=recipe.ink.corrects_assay
    )
    case = ordered_case.component_case(order, component, rule, ordered_case.ink_entry(lot), unit, today, override)
    if isinstance(case, Finding):
        return (case,)
    # The patient's words by every name the site knows; the ink's own names are what a refusal tells.
    named = site.synonyms(case.patient.contraindicated_excipients)
    return FittingCase(rule, replace(case, patient=replace(case.patient, contraindicated_excipients=named)))


def _material_objections(
    component: OrderedComponent, rule: DosingRule, recipe: MasterRecipe, lot: InkLot
) -> tuple[Finding, ...]:
    objections = list(recipe_fits(recipe, lot))
    if recipe.product.inn.casefold() != component.product_code.casefold():
        told = f"The order is for {component.product_code}, the recipe {recipe.id} makes {recipe.product.inn}."
        objections.append(error("E_RECIPE_PRODUCT", told, "Use a recipe of that product.", "recipe"))
    elif recipe.product.strength_form != rule.ordered_form:
        # The label states doses in the recipe's form: another one would be wrong by the salt factor.   dosing.md §9
        told = f"The rule {rule.id} doses {rule.ordered_form}, the recipe states {recipe.product.strength_form}."
        objections.append(error("E_RECIPE_FORM", told, "Use a recipe whose label states that form.", "recipe"))
    return tuple(objections)


def override_objections(records: Store, override: Override | None) -> tuple[Finding, ...]:
    """Return why the two named are no two pharmacists of this record."""
    if override is None:
        return ()
    held = [find(records, person).roles for person in (override.first_id, override.second_id)]
    return tuple(filter(None, (people.refusal(roles, "order.verify") for roles in held)))


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
    proposal_mg: Decimal | None = None,
) -> VerifiedDose:
    """Return the dose two people stand for, signed by both; raises Refused, recorded, when they do not agree.

    `proposal_mg` is what the pharmacist entered where the order holds no amount in mg.
    """
    actor = allowed(records, pharmacist, "order.verify")
    allowed(records, second, "order.second_entry")
    outcome = stand_for(order, calculated, pharmacist.id, entry, acknowledgements, proposal_mg)
    verified = agreed(records, actor, order.id, outcome, not_of(acknowledgements, (pharmacist, second), entry))
    state = dose_state(order, calculated, verified)
    record_verified(records, pharmacist, password, second, second_password, order.id, state)
    return verified


def stand_for(
    order: Prescription,
    calculated: Calculated,
    pharmacist_id: str,
    entry: SecondEntry,
    acknowledgements: tuple[Acknowledgement, ...],
    proposal_mg: Decimal | None,
) -> VerifiedDose | Refusal:
    """Return the dose of an order of one drug that both stand for, held against all that is known; nothing recorded."""
    comparisons = calculated.comparisons
    if calculated.known is not None and proposal_mg is not None:
        comparisons = compared_dose(order, calculated.calculation, proposal_mg, calculated.known)
    return verify(
        calculated.calculation,
        order.ordered_dose_mg,
        proposal_mg,
        pharmacist_id,
        entry,
        acknowledgements=acknowledgements,
        comparisons=comparisons,
    )


def agreed(
    records: Store, actor: Actor, order_id: str, outcome: Agreed | Refusal, strangers: tuple[Finding, ...]
) -> Agreed:
    """Return what both stand for; raises Refused, recorded, with all that speaks against it."""
    if not isinstance(outcome, Refusal) and not strangers:
        return outcome
    found = (*strangers, *(outcome.findings if isinstance(outcome, Refusal) else ()))
    refuse(records, actor, "order.verify", "prescription", order_id, found)
    raise Refused(found)


def not_of(
    acknowledgements: Iterable[Acknowledgement], accounts: Iterable[Account], entry: SecondEntry
) -> tuple[Finding, ...]:
    """Return the objection to reasons or a second entry under the name of somebody who is not here."""
    ids = [account.id for account in accounts]
    absent = {given.user_id for given in acknowledgements} - set(ids) | ({entry.user_id} - {ids[-1]})
    if not absent:
        return ()
    told = f"{', '.join(sorted(absent))} took no part in this verification."
    return (error("E_PERSON_ABSENT", told, "Let those who are here give their own reasons.", "verification"),)


def record_verified(
    records: Store,
    pharmacist: Account,
    password: str,
    second: Account,
    second_password: str,
    order_id: str,
    state: dict[str, object],
) -> None:
    """Record the verified dose, have both sign it, and only then let the order count as verified.

    Raises Refused for an order that is not waiting for it; a signature that fails leaves the order waiting.
    """
    actor = allowed(records, pharmacist, "order.verify")
    not_trained(records, actor, pharmacist, "order.verify", "prescription", order_id)
    with records.transaction(actor) as tx:
        _waiting(tx, order_id)
        tx.record("dose.verified", "verified_dose", order_id, state)
    sign(records, pharmacist.login, password, Role.PHARMACIST, "verified the dose", "verified_dose", order_id)
    sign(records, second.login, second_password, Role.PHARMACIST, "second entry agrees", "verified_dose", order_id)
    with records.transaction(actor) as tx:
        tx.record("order.verified", "prescription", order_id, _waiting(tx, order_id) | {"status": VERIFIED})


def _waiting(tx: Transaction, order_id: str) -> dict[str, Any]:
    state = tx.get("prescription", order_id)
    if state is None or state["status"] != TO_VERIFY:
        status = "not on the worklist" if state is None else state["status"]
        told = f"The order {order_id} is {status}."
        raise Refused((error("E_ORDER_STATUS", told, "Verify an order that waits for it.", "order"),))
    return state


def dose_state(order: Prescription, calculated: Calculated, verified: VerifiedDose) -> dict[str, object]:
    """Return a verified dose as it is recorded and signed."""
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
        **ledger_state(calculated.calculation, course_mg(order, verified.printed_dose_mg), calculated.known),
    }


def ledger_state(calculation: DoseCalculation, total_mg: Decimal, known: Background | None) -> dict[str, object]:
    """Return what later orders of the patient are compared with, and which table the excipients were held to."""
    override = calculation.case.override
    return {
        "course_mg": as_state(total_mg),
        "weight_kg": as_state(calculation.weight_kg),
        "bsa_m2": as_state(surface_m2(calculation)),
        "given_before": as_state(known.given_before) if known else [],
        "lot": known.lot.id if known else "",
        "site_table": f"{known.site.id}/{known.site.version}" if known else "",
        "site_table_digest": known.site.digest if known else "",
        "override": None if override is None else state_of(override),
    }
