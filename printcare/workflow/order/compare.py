"""Hold a calculated dose against all that is known beside the order: usual, previous, ledger, excipients, allergies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from printcare.domain import comparison
from printcare.domain.checks import Finding, warning
from printcare.domain.dose_steps import CalculatedStep
from printcare.domain.dosing import DoseCalculation
from printcare.domain.dosing_rule import DosingRule, UsualRange
from printcare.domain.formulation import InkLot
from printcare.domain.ledger import given_so_far
from printcare.domain.numbers import as_decimal
from printcare.domain.prescription import GivenBefore, Prescription, age_years
from printcare.domain.substances import SiteExcipients, allergy_findings, unweighed_excipients
from printcare.workflow.order.history import History


@dataclass(frozen=True, slots=True)
class Background:
    """What a dose is held against: the rule, the lot, the site's table, the patient's history, amounts stated."""

    rule: DosingRule
    lot: InkLot
    site: SiteExcipients
    history: History
    given_before: tuple[GivenBefore, ...]
    limits_mg_per_kg_day: Mapping[str, Decimal]


def compared_dose(
    order: Prescription, calculation: DoseCalculation, dose_mg: Decimal, known: Background
) -> tuple[Finding, ...]:
    """Return every warning to acknowledge and every stop, for the dose that is to be printed."""
    history, composition = known.history, known.site.composition(known.lot.ink_id)
    findings = [
        *comparison.usual_range_notices(calculation, dose_mg, known.rule.usual_range),
        *comparison.excipient_notices(calculation, composition, known.limits_mg_per_kg_day),
        *of_any_order(order, calculation, known),
        *cumulative(order, calculation, course_mg(order, dose_mg), known),
    ]
    if history.dose_mg is not None:
        findings += comparison.change_of_dose(dose_mg, history.dose_mg)
    if history.doses_per_day is not None:
        findings += comparison.change_of_schedule(order.doses_per_day, history.doses_per_day)
    if order.reduction is not None and order.basis is None:
        told = f"The written amount stands after a reduction by {order.reduction.pct} %: {order.reduction.reason}."
        findings.append(warning("W_REDUCED", told, "Confirm with the prescriber's reason.", "order.reduction"))
    return tuple(findings)


def compared_steps(
    order: Prescription, steps: tuple[CalculatedStep, ...], known: Background
) -> tuple[tuple[Finding, ...], ...]:
    """Return the same for each dose of each step: single doses each, days by their sum, the course by its total.

    What concerns a whole day stands at each of its doses, what concerns the course at every dose.
    """
    usual = known.rule.usual_range
    single, daily = UsualRange(dose_mg=usual.dose_mg), UsualRange(None, usual.mg_per_kg_day, usual.mg_per_m2_day)
    composition = known.site.composition(known.lot.ink_id)
    first = steps[0].doses[0][1]
    of_course = (*of_any_order(order, first, known), *cumulative(order, first, total_mg(steps), known))
    doses: list[tuple[Finding, ...]] = []
    for step in steps:
        first = step.doses[0][1]
        units = sum(calculation.units.units_per_dose for _, calculation in step.doses)
        ink_mg = sum((_ink_mg(calculation) for _, calculation in step.doses), Fraction(0))
        of_day = (
            *comparison.usual_range_notices(first, step.daily_dose_mg, daily),
            *comparison.excipients_of_a_day(ink_mg, units, first.weight_kg, composition, known.limits_mg_per_kg_day),
        )
        for _, calculation in step.doses:
            of_dose = comparison.usual_range_notices(calculation, calculation.dose_rounded_mg, single)
            doses.append((*of_dose, *of_day, *of_course))
    return tuple(doses)


def of_any_order(order: Prescription, calculation: DoseCalculation, known: Background) -> list[Finding]:
    """Return what does not depend on the dose: the weight before, the stated surface, allergies, unstated amounts."""
    findings: list[Finding] = []
    if known.history.weight_kg is not None and calculation.weight_kg is not None:
        findings += comparison.change_of_weight(calculation.weight_kg, known.history.weight_kg)
    if order.stated_bsa_m2 is not None:
        findings += comparison.stated_surface(calculation, order.stated_bsa_m2)
    drug_names = (order.product_code, order.product_text, known.rule.drug, known.rule.ordered_form, known.lot.form)
    excipients = known.site.synonyms(known.lot.excipients)
    findings += allergy_findings(order, drug_names, excipients)
    composition = known.site.composition(known.lot.ink_id)
    findings += unweighed_excipients(excipients, composition, known.limits_mg_per_kg_day)
    return findings


def cumulative(
    order: Prescription, calculation: DoseCalculation, planned_mg: Decimal, known: Background
) -> tuple[Finding, ...]:
    """Return the objections of the rule's limits over course and lifetime; without such limits nothing is asked."""
    limits = known.rule.cumulative_limits
    if not limits:
        return ()
    stated = (*order.given_before, *known.given_before)
    given = given_so_far(stated, known.history.lines, known.history.continues)
    return comparison.cumulative_objections(limits, given, planned_mg, calculation.weight_kg, surface_m2(calculation))


def surface_m2(calculation: DoseCalculation) -> Decimal | None:
    """Return the surface of a calculation as the ledger keeps it."""
    surface = comparison.surface_of(calculation)
    return None if surface is None else as_decimal(surface)


def course_mg(order: Prescription, dose_mg: Decimal) -> Decimal:
    """Return the amount of the whole course of equal doses."""
    return dose_mg * order.doses_per_day * order.duration_days


def total_mg(steps: tuple[CalculatedStep, ...]) -> Decimal:
    """Return the amount of all steps."""
    return sum((step.daily_dose_mg * step.days for step in steps), Decimal(0))


def background(
    order: Prescription,
    rule: DosingRule,
    lot: InkLot,
    site: SiteExcipients,
    history: History,
    given_before: tuple[GivenBefore, ...],
) -> Background:
    """Return what a dose of this order is held against, with the site's limits for the age when it was written."""
    limits = site.limits_at(age_years(order.patient.birth_date, order.authored_on))
    return Background(rule, lot, site, history, given_before, limits)


def _ink_mg(calculation: DoseCalculation) -> Fraction:
    return Fraction(calculation.units.unit_wet_mass_mg) * calculation.units.units_per_dose
