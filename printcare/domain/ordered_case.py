"""The dose case of a prescription: the order, its rule, the lot and the recipe's unit range, as texts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.dose_case import DoseCase, InkEntry, OrderEntry, Override, PatientEntry, Quantity, RecipeEntry
from printcare.domain.dosing_rule import DosingRule, order_under
from printcare.domain.formulation import InkLot
from printcare.domain.numbers import normalised_unit, plain
from printcare.domain.prescription import Measurement, OrderedComponent, Prescription, age_years
from printcare.domain.recipe import MasterRecipe
from printcare.domain.substances import substance_name


def case_for(
    prescription: Prescription,
    rule: DosingRule,
    ink: InkEntry,
    recipe: RecipeEntry,
    today: date,
    override: Override | None = None,
) -> DoseCase | Finding:
    """Return what `calculate` needs, or `calculate_steps` for an order of steps, or why rule and order do not fit.

    With a dose per surface or weight in the order, that is recomputed; with mg alone, the mg are the order.
    """
    return component_case(prescription, whole(prescription), rule, ink, recipe, today, override)


def whole(prescription: Prescription) -> OrderedComponent:
    """Return the one drug of an order of one drug, as a component like any other."""
    return OrderedComponent(
        product_code=prescription.product_code,
        form=prescription.form,
        indication=prescription.indication,
        ordered_dose_mg=prescription.ordered_dose_mg,
        basis=prescription.basis,
    )


def component_case(
    prescription: Prescription,
    component: OrderedComponent,
    rule: DosingRule,
    ink: InkEntry,
    recipe: RecipeEntry,
    today: date,
    override: Override | None = None,
) -> DoseCase | Finding:
    """Return the case of one drug of the order under its own rule, ink and range, or why they do not fit."""
    order = _order(prescription, component, rule)
    if isinstance(order, Finding):
        return order
    return DoseCase(_patient(prescription, today), order, ink, recipe, override)


def ink_entry(lot: InkLot) -> InkEntry:
    """Return a lot as the calculation reads it."""
    low, high = lot.assay_limits_pct
    return InkEntry(
        strength_mg_per_g=plain(lot.strength_mg_per_g),
        form=lot.form,
        assay_pct_of_label=plain(lot.assay_pct_of_label),
        assay_limits_pct=(plain(low), plain(high)),
        lod_pct=plain(lot.lod_pct),
        strength_basis=lot.strength_basis,
        excipients=tuple(substance_name(excipient) for excipient in lot.excipients),
    )


def calculated_for(case: DoseCase, lot: InkLot, master: MasterRecipe) -> tuple[Finding, ...]:
    """Return why a calculation says nothing of this lot and recipe: a lot of another assay is another mass."""
    findings = []
    if case.ink != ink_entry(lot):
        told = f"The dose was calculated for an ink of other figures than lot {lot.id}."
        findings.append(error("E_LOT_NOT_CALCULATED", told, "Have the order verified again, with this lot.", "lot"))
    limits = master.unit_range
    entry = recipe_entry(
        limits.dose_mg, limits.wet_mass_g, limits.max_units_per_dose, corrects_assay=master.ink.corrects_assay
    )
    if case.recipe != entry or case.order.form != master.product.strength_form:
        told = f"The dose was calculated for another recipe than {master.id} version {master.version}."
        findings.append(error("E_RECIPE_NOT_CALCULATED", told, "Have it verified again, with this recipe.", "recipe"))
    return tuple(findings)


def recipe_entry(
    dose_mg: tuple[Decimal, Decimal], wet_mass_g: tuple[Decimal, Decimal], max_units: int, *, corrects_assay: bool
) -> RecipeEntry:
    """Return a master recipe's unit range and its choice about the assay as the calculation reads them."""
    return RecipeEntry(
        dose_per_unit_mg=(plain(dose_mg[0]), plain(dose_mg[1])),
        unit_wet_mass_g=(plain(wet_mass_g[0]), plain(wet_mass_g[1])),
        max_units_per_dose=str(max_units),
        assay_correction=corrects_assay,
    )


def _order(prescription: Prescription, component: OrderedComponent, rule: DosingRule) -> OrderEntry | Finding:
    times, basis = str(prescription.doses_per_day), component.basis
    reduction_pct = None if prescription.reduction is None else prescription.reduction.pct
    if component.form and component.form != rule.ordered_form:
        told = f"The order means {component.form}, the rule {rule.id} doses {rule.ordered_form}."
        return error("E_RULE_FORM", told, "Use a rule for that form, or have the order clarified.", "order.form")
    if prescription.steps:
        return order_under(rule, None, "dose", times, basis="fixed")
    if basis is not None:
        if basis.basis != rule.basis:
            told = f"The order is {basis.basis}, the rule {rule.id} is {rule.basis}."
            return error("E_RULE_BASIS", told, "Use a rule of that basis, or have the order clarified.", "order.basis")
        return order_under(rule, Quantity(basis.amount_mg, "mg"), basis.per, times, reduction_pct)
    if rule.basis == "weight_band":
        return order_under(rule, None, "dose", times, reduction_pct)
    if component.ordered_dose_mg is None:
        told = "The order states neither an amount in mg nor one per surface or weight."
        return error("E_MISSING", told, "Have the order completed.", "order.amount")
    # The written mg stand after the prescriber's reduction; taking it off once more would be a second one.
    return order_under(rule, Quantity(plain(component.ordered_dose_mg), "mg"), "dose", times, basis="fixed")


def _patient(prescription: Prescription, today: date) -> PatientEntry:
    return PatientEntry(
        age_years=plain(age_years(prescription.patient.birth_date, today)),
        sex=prescription.patient.sex,
        measured_days_ago=_days_ago((prescription.weight, prescription.height), today),
        weight=_quantity(prescription.weight),
        height=_quantity(prescription.height),
        contraindicated_excipients=tuple(
            substance_name(name) for name in (*prescription.contraindicated_excipients, *prescription.allergies)
        ),
        gestational_weeks=prescription.gestational_weeks,
    )


def _quantity(measurement: Measurement | None) -> Quantity | None:
    return None if measurement is None else Quantity(measurement.value, normalised_unit(measurement.unit))


def _days_ago(measurements: tuple[Measurement | None, ...], today: date) -> str | None:
    """Return the age of the oldest measurement in days; one without a date leaves the age unknown."""
    dates = [measurement.measured_on for measurement in measurements if measurement is not None]
    days = [(today - measured_on).days for measured_on in dates if measured_on is not None]
    return str(max(days)) if days and len(days) == len(dates) else None
