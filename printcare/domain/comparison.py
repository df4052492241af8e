"""A dose held against what is usual, what was before and what may add up: warnings to acknowledge, limits that stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from printcare.domain.bsa import body_surface_area_m2
from printcare.domain.checks import Finding, error, warning
from printcare.domain.dosing import DoseCalculation
from printcare.domain.dosing_rule import CumulativeLimit, UsualRange
from printcare.domain.numbers import shown

# A difference above this share from the previous measurement or order is shown (verify before clinical use).
CHANGE_SHOWN_ABOVE = Fraction(1, 10)
SURFACE_SHOWN_ABOVE, SURFACE_STOPS_ABOVE = Fraction(1, 100), Fraction(5, 100)  # interoperability.md F10, as F9
_POUNDS_PER_KG, _POUNDS_WITHIN = 1 / Fraction("0.45359237"), Fraction(1, 20)


def usual_range_notices(calculation: DoseCalculation, dose_mg: Decimal, usual: UsualRange) -> tuple[Finding, ...]:
    """Return a warning for each way of counting in which a dose is unusual, as a multiple of the limit it passes."""
    daily_mg = Fraction(dose_mg) * calculation.doses_per_day
    surface_m2 = surface_of(calculation)
    weight_kg = calculation.weight_kg
    counted = (
        ("mg per dose", Fraction(dose_mg), usual.dose_mg),
        ("mg/kg a day", None if weight_kg is None else daily_mg / Fraction(weight_kg), usual.mg_per_kg_day),
        ("mg/m² a day", None if surface_m2 is None else daily_mg / surface_m2, usual.mg_per_m2_day),
    )
    return tuple(
        finding
        for unit, value, limits in counted
        if value is not None and limits is not None
        for finding in _outside(value, unit, limits)
    )


def change_of_weight(weight_kg: Decimal, previous_kg: Decimal) -> tuple[Finding, ...]:
    """Return warnings for a weight more than 10 % from the previous one, and for one that looks like its pounds."""
    ratio = Fraction(weight_kg) / Fraction(previous_kg)
    findings = []
    if abs(ratio - 1) > CHANGE_SHOWN_ABOVE:
        told = f"The weight is {shown(weight_kg)} kg; before it was {shown(previous_kg)} kg ({_percent(ratio)})."
        remedy = "Weigh again or acknowledge with a reason; recalculate the course."
        findings.append(warning("W_WEIGHT_CHANGED", told, remedy, "patient.weight"))
    if abs(ratio / _POUNDS_PER_KG - 1) <= _POUNDS_WITHIN:
        told = f"{shown(weight_kg)} kg is about the previous {shown(previous_kg)} kg in pounds."
        findings.append(warning("W_POUNDS_SUSPECTED", told, "Check the unit of the scale.", "patient.weight"))
    return tuple(findings)


def change_of_dose(dose_mg: Decimal, previous_mg: Decimal) -> tuple[Finding, ...]:
    """Return a warning for a dose more than 10 % from the one of the patient's previous order."""
    ratio = Fraction(dose_mg) / Fraction(previous_mg)
    if abs(ratio - 1) <= CHANGE_SHOWN_ABOVE:
        return ()
    told = f"The dose is {shown(dose_mg)} mg; in the previous order it was {shown(previous_mg)} mg ({_percent(ratio)})."
    return (warning("W_DOSE_CHANGED", told, "Compare both orders and acknowledge with a reason.", "order.amount"),)


def change_of_schedule(doses_per_day: int, previous_per_day: int) -> tuple[Finding, ...]:
    """Return a warning where the previous order was given another number of times a day."""
    if doses_per_day == previous_per_day:
        return ()
    told = f"The dose is given {doses_per_day} times a day; in the previous order it was {previous_per_day}."
    return (warning("W_SCHEDULE_CHANGED", told, "Compare both orders and acknowledge with a reason.", "order.times"),)


def stated_surface(calculation: DoseCalculation, stated_m2: Decimal) -> tuple[Finding, ...]:
    """Return what a received body surface says against the recomputed one: above 1 % a warning, above 5 % a stop (F10).

    Without weight or height there is nothing to recompute it from, which stops.
    """
    surface_m2 = surface_of(calculation)
    if surface_m2 is None:
        told = f"The order states {shown(stated_m2)} m²; weight or height to recompute it from is missing."
        return (error("E_BSA_DISAGREES", told, "Measure weight and height.", "patient.bsa"),)
    ratio = Fraction(stated_m2) / surface_m2
    told = f"The order states {shown(stated_m2)} m², recomputed are {shown(surface_m2, 12)} m² ({_percent(ratio)})."
    if abs(ratio - 1) > SURFACE_STOPS_ABOVE:
        return (error("E_BSA_DISAGREES", told, "Check weight, height and formula with the prescriber.", "patient.bsa"),)
    if abs(ratio - 1) > SURFACE_SHOWN_ABOVE:
        return (warning("W_BSA_DIFFERS", told, "Compare the formulas and acknowledge with a reason.", "patient.bsa"),)
    return ()


def cumulative_objections(
    limits: Iterable[CumulativeLimit],
    given: Mapping[tuple[str, str], Decimal],
    planned_mg: Decimal,
    weight_kg: Decimal | None,
    bsa_m2: Decimal | None,
) -> tuple[Finding, ...]:
    """Return a refusal for each limit over course or lifetime that the planned amount would pass.

    `given` is the ledger: what the patient had so far by (over, unit) of the limit; an absent entry refuses, because
    nothing given and nothing known are not the same.
    """
    per = {"mg": Fraction(1), "mg/kg": _share(weight_kg), "mg/m2": _share(bsa_m2)}
    findings = []
    for limit in limits:
        before, share = given.get((limit.over, limit.unit)), per[limit.unit]
        named = f"{shown(limit.limit)} {limit.unit} over {limit.over}"
        if before is None or share is None:
            told = f"The limit of {named} cannot be checked: ledger, weight or surface is missing."
            findings.append(error("E_CUMULATIVE_UNKNOWN", told, "Complete the ledger.", "ledger"))
            continue
        total = Fraction(before) + Fraction(planned_mg) * share
        if total > Fraction(limit.limit):
            told = f"With this course the patient has {shown(total)} {limit.unit}; the limit is {named}."
            findings.append(error("E_CUMULATIVE_LIMIT", told, "Ask the prescriber.", "ledger"))
    return tuple(findings)


def excipient_notices(
    calculation: DoseCalculation, mg_per_g: Mapping[str, Decimal], limits_mg_per_kg_day: Mapping[str, Decimal]
) -> tuple[Finding, ...]:
    """Return a warning for each excipient above the site's limit in mg/kg/day, for this number of units a day.

    `mg_per_g` is mg of excipient per g of ink as printed; an excipient without a limit is not judged here.
    """
    units_a_day = calculation.units.units_per_dose * calculation.doses_per_day
    ink_mg_a_day = Fraction(calculation.units.unit_wet_mass_mg) * units_a_day
    return excipients_of_a_day(ink_mg_a_day, units_a_day, calculation.weight_kg, mg_per_g, limits_mg_per_kg_day)


def excipients_of_a_day(
    ink_mg_a_day: Fraction,
    units_a_day: int,
    weight_kg: Decimal | None,
    mg_per_g: Mapping[str, Decimal],
    limits_mg_per_kg_day: Mapping[str, Decimal],
) -> tuple[Finding, ...]:
    """Return the same for a day whose doses are unequal: so much ink in so many units."""
    if weight_kg is None:
        told = "Without a weight, excipients per kilogram and day cannot be judged."
        unknown = warning("W_EXCIPIENT_UNKNOWN", told, "Weigh the patient or give a reason.", "ink.excipients")
        return (unknown,) if limits_mg_per_kg_day.keys() & mg_per_g.keys() else ()
    ink_g_kg_day = ink_mg_a_day / 1000 / Fraction(weight_kg)
    findings = []
    for name, limit in limits_mg_per_kg_day.items():
        amount = Fraction(mg_per_g.get(name, Decimal(0))) * ink_g_kg_day
        if amount > Fraction(limit):
            told = (
                f"{name}: {shown(amount, 12)} mg/kg a day from {units_a_day} units; the site's limit is {shown(limit)}."
            )
            remedy = "Use a stronger ink with fewer units, or acknowledge with a reason."
            findings.append(warning("W_EXCIPIENT_AMOUNT", told, remedy, "ink.excipients"))
    return tuple(findings)


def _outside(value: Fraction, unit: str, limits: tuple[Decimal, Decimal]) -> tuple[Finding, ...]:
    low, high = Fraction(limits[0]), Fraction(limits[1])
    if low <= value <= high:
        return ()
    side, limit = ("upper", high) if value > high else ("lower", low)
    multiple = f"{float(value / limit):.2g} × the usual {side} limit"
    told = f"{shown(value, 12)} {unit} is {multiple} ({shown(low)} to {shown(high)})."
    return (warning("W_USUAL_RANGE", told, "Compare with the source and acknowledge with a reason.", "order.amount"),)


def surface_of(calculation: DoseCalculation) -> Fraction | None:
    """Return the surface of the calculation, else by Mosteller, else None without both measures."""
    if calculation.bsa_m2 is not None:
        return Fraction(calculation.bsa_m2)
    if calculation.weight_kg is None or calculation.height_cm is None:
        return None
    return body_surface_area_m2("mosteller", Fraction(calculation.weight_kg), Fraction(calculation.height_cm))


def _share(per: Decimal | None) -> Fraction | None:
    return None if per is None else 1 / Fraction(per)


def _percent(ratio: Fraction) -> str:
    return f"{float((ratio - 1) * 100):+.1f} %"
