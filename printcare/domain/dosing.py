"""From an order to the target mass of one unit, in the reference's fixed order of operations, or to a coded refusal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from printcare.domain import bsa
from printcare.domain.checks import Finding, blocking, error, warning
from printcare.domain.dose_basis import BasisDose, Caps, Situation, dose_by_basis, read_caps
from printcare.domain.dose_case import DoseCase, InkEntry, OrderEntry, RecipeEntry, Step
from printcare.domain.numbers import as_decimal, read_count, read_number, shown
from printcare.domain.plausibility import (
    Age,
    Body,
    growth_findings,
    overridden,
    override_objection,
    read_age,
    read_body,
    staleness,
    unit_suspicion,
)
from printcare.domain.rounding import RoundedDose, read_rounding, round_dose
from printcare.domain.strength import effective_strength
from printcare.domain.unit_count import UnitPlan, plan_units, read_unit_limits

_NEEDS_WEIGHT = frozenset({"per_m2", "per_kg", "weight_band"})


@dataclass(frozen=True, slots=True)
class CalculationLine:
    """One line of the calculation sheet: a step a pharmacist can redo by hand from the numbers in it."""

    number: int
    what: str
    formula_with_numbers: str
    result: str
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no dose; it holds findings only, so that nothing half done can be printed."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DoseCalculation:
    """Every figure from the order to the target mass, in mg, m², kg, cm and mg/g.

    Figures are exact where their decimals end within 40 digits. `flags` are the reference's warnings in the order of
    their codes; `notices` are further warnings to acknowledge. `caps` are those a written dose must not pass.
    """

    case: DoseCase
    weight_kg: Decimal | None
    height_cm: Decimal | None
    bsa_m2: Decimal | None
    calc_dose_mg: Decimal
    dose_after_reduction_and_caps_mg: Decimal
    dose_rounded_mg: Decimal
    rounding_deviation_pct: Decimal
    doses_per_day: int
    daily_dose_mg: Decimal
    effective_strength_mg_per_g_wet: Decimal
    units: UnitPlan
    flags: tuple[Finding, ...]
    notices: tuple[Finding, ...]
    lines: tuple[CalculationLine, ...]
    caps: Caps

    @property
    def flag_codes(self) -> list[str]:
        """Return the codes of the flags, sorted."""
        return sorted(flag.code for flag in self.flags)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a day, and the prescriber's reduction in %."""

    doses_per_day: int
    reduction_pct: Fraction


@dataclass(frozen=True, slots=True)
class LimitedDose:
    """One administration in mg after caps and reduction."""

    dose_mg: Fraction
    flags: tuple[Finding, ...]
    steps: tuple[Step, ...]


def calculate(case: DoseCase) -> DoseCalculation | Refusal:
    """Return the dose of one administration and its units, or a refusal with the first failing step's findings.

    The order of the steps is part of the specification (dosing reference 2): changing it changes answers.
    """
    patient, order = case.patient, case.order
    # 1 age
    age = read_age(patient)
    if isinstance(age, Finding):
        return Refusal((age,))
    # 2 weight and height
    body = read_body(patient, needs_weight=order.basis in _NEEDS_WEIGHT, needs_height=_needs_height(order))
    if isinstance(body, Finding):
        return Refusal((body,))
    # 3 absolute limits, 4 staleness, 5 limits for age, collected
    plausible = _plausible(case, age, body)
    if isinstance(plausible, Refusal):
        return plausible
    # 6 excipients
    excipient = _contraindicated_excipient(case)
    if excipient is not None:
        return Refusal((excipient,))
    # 7 ink
    strength = effective_strength(case.ink, order.form, assay_correction=case.recipe.assay_correction)
    if isinstance(strength, Finding):
        return Refusal((strength,))
    # 8 doses a day, reduction
    schedule = _read_schedule(order)
    if isinstance(schedule, Finding):
        return Refusal((schedule,))
    # 9 dose by basis, 10 one dose of the day
    caps = read_caps(order)
    if isinstance(caps, Finding):
        return Refusal((caps,))
    # An order by weight was refused in step 2 without one; a fixed dose does not look at it.
    weight_kg = body.weight_kg or Fraction(0)
    situation = Situation(order, age.years, weight_kg, body.height_cm, patient.sex, schedule.doses_per_day, caps)
    basis = dose_by_basis(situation)
    if isinstance(basis, Finding):
        return Refusal((basis,))
    # 11 highest single dose, 12 highest daily dose, 13 reduction of the capped dose
    limited = _capped_then_reduced(basis, schedule)
    # 14 rounding, 15 the cap again, 16 tolerance
    rounding = read_rounding(order.rounding)
    if isinstance(rounding, Finding):
        return Refusal((rounding,))
    rounded = round_dose(limited.dose_mg, rounding, basis.caps.limit_per_dose_mg(schedule.doses_per_day))
    if isinstance(rounded, Finding):
        return Refusal((rounded,))
    # 17 units, 18 wet mass, 19 dry and target mass
    limits = read_unit_limits(case.recipe)
    if isinstance(limits, Finding):
        return Refusal((limits,))
    units = plan_units(rounded.dose_mg, strength, limits)
    if isinstance(units, Finding):
        return Refusal((units,))
    growth_flags, growth_steps = plausible
    flags = (*growth_flags, *strength.flags, *basis.flags, *limited.flags, *rounded.flags, *units.flags)
    daily = _daily(rounded, schedule)
    steps = (
        *(*age.steps, *body.steps, *growth_steps, *strength.steps, *basis.steps, *limited.steps),
        *(*rounded.steps, daily, *units.steps),
    )
    return DoseCalculation(
        case=case,
        weight_kg=_optional(body.weight_kg),
        height_cm=_optional(body.height_cm),
        bsa_m2=_optional(basis.bsa_m2),
        calc_dose_mg=as_decimal(basis.dose_mg),
        dose_after_reduction_and_caps_mg=as_decimal(limited.dose_mg),
        dose_rounded_mg=as_decimal(rounded.dose_mg),
        rounding_deviation_pct=as_decimal(rounded.deviation_pct),
        doses_per_day=schedule.doses_per_day,
        daily_dose_mg=as_decimal(rounded.dose_mg * schedule.doses_per_day),
        effective_strength_mg_per_g_wet=as_decimal(strength.mg_per_g),
        units=units,
        flags=tuple(sorted(flags, key=lambda flag: flag.code)),
        notices=basis.notices,
        lines=numbered(steps),
        caps=caps,
    )


def units_for_printed_dose(
    dose_mg: Decimal, ink: InkEntry, ordered_form: str, recipe: RecipeEntry
) -> UnitPlan | Finding:
    """Return units and target mass for a dose that is printed whatever was computed, by steps 7 and 17 to 19.

    The ordered dose, not the computed one, decides; another lot than the one calculated with gives another mass.
    """
    strength = effective_strength(ink, ordered_form, assay_correction=recipe.assay_correction)
    if isinstance(strength, Finding):
        return strength
    limits = read_unit_limits(recipe)
    if isinstance(limits, Finding):
        return limits
    return plan_units(Fraction(dose_mg), strength, limits)


def numbered(steps: Iterable[Step], first: int = 1) -> tuple[CalculationLine, ...]:
    """Return the steps as the lines of a calculation sheet, counted from `first`."""
    return tuple(CalculationLine(number, *step) for number, step in enumerate(steps, start=first))


def _plausible(case: DoseCase, age: Age, body: Body) -> tuple[tuple[Finding, ...], tuple[Step, ...]] | Refusal:
    """Return the warnings and steps of the plausibility layers, or their refusal: all failures for age together."""
    suspect = unit_suspicion(body)
    if suspect is not None:
        return Refusal((suspect,))
    old = staleness(case.patient.measured_days_ago, age.years) if case.order.basis in _NEEDS_WEIGHT else None
    if old is not None and old.blocks:
        return Refusal((old,))
    findings, steps = growth_findings(body, age)
    failures = blocking(findings)
    if failures and case.override is None:
        return Refusal(failures)
    if failures and case.override is not None:
        objection = override_objection(case.override, body)
        if objection is not None:
            return Refusal((*failures, objection))
        findings = overridden(findings, case.override)
    return (*((old,) if old is not None else ()), *findings), steps


def _needs_height(order: OrderEntry) -> bool:
    """Return whether the order's formula uses the height, also where the infant rule will apply."""
    if order.basis != "per_m2":
        return False
    formula = bsa.FORMULAS.get((order.bsa.formula if order.bsa else None) or "")
    return formula is None or formula.needs_height


def _contraindicated_excipient(case: DoseCase) -> Finding | None:
    if case.ink.excipients is None:
        return error("E_MISSING", "The excipients of the ink are not stated.", "State them.", "ink.excipients")
    found = [name for name in case.ink.excipients if name in case.patient.contraindicated_excipients]
    if not found:
        return None
    told = f"The ink holds {', '.join(found)}, which this patient must not have."
    return error("E_EXCIPIENT_CONTRAINDICATED", told, "Use an ink without it.", "ink.excipients")


def _read_schedule(order: OrderEntry) -> Schedule | Finding:
    doses_per_day = read_count(order.doses_per_day, 1, 24, "E_DOSES_PER_DAY", "order.doses_per_day")
    if isinstance(doses_per_day, Finding):
        return doses_per_day
    reduction_pct = read_number(order.reduction_pct or "0", "order.reduction_pct")
    if isinstance(reduction_pct, Finding):
        return reduction_pct
    if not 0 <= reduction_pct < 100:
        told = f"The reduction is {shown(reduction_pct)} %; expected 0 up to but not including 100."
        return error("E_REDUCTION_RANGE", told, "Check the reduction with the prescriber.", "order.reduction_pct")
    return Schedule(doses_per_day, reduction_pct)


def _capped_then_reduced(basis: BasisDose, schedule: Schedule) -> LimitedDose:
    """Return the dose capped, single before daily, and then reduced: a reduction applies to the capped dose."""
    single_mg, daily_mg, times = basis.caps.max_single_mg, basis.caps.max_daily_mg, schedule.doses_per_day
    dose_mg = basis.dose_mg
    flags: list[Finding] = []
    steps: list[Step] = []
    if single_mg is not None and dose_mg > single_mg:
        told = f"The calculated dose of {shown(dose_mg)} mg is capped at the highest single dose."
        flags.append(warning("W_CAPPED_SINGLE", told, "Check that the cap is meant here.", "order.max_single_mg"))
        formula = f"{shown(dose_mg)}, at most {shown(single_mg)}"
        dose_mg = single_mg
        steps.append(Step("highest single dose", formula, shown(dose_mg), "mg", "dosing rule: caps"))
    # Multiplied, not divided, before comparing: a third of a daily cap times three must not pass it.
    if daily_mg is not None and dose_mg * times > daily_mg:
        told = f"{times} doses of {shown(dose_mg)} mg a day are capped at {shown(daily_mg)} mg a day."
        flags.append(warning("W_CAPPED_DAILY", told, "Check that the cap is meant here.", "order.max_daily_mg"))
        dose_mg = daily_mg / times
        formula = f"{shown(daily_mg)} ÷ {times}"
        steps.append(Step("highest daily dose", formula, shown(dose_mg), "mg", "dosing rule: caps"))
    reduction_pct = schedule.reduction_pct
    if reduction_pct:
        told = f"The prescriber reduces the dose by {shown(reduction_pct)} %."
        flags.append(warning("W_REDUCED", told, "Confirm with the prescriber's reason.", "order.reduction_pct"))
        formula = f"{shown(dose_mg)} × (1 − {shown(reduction_pct)} ÷ 100)"
        dose_mg = dose_mg * (1 - reduction_pct / 100)
        steps.append(Step("dose after reduction", formula, shown(dose_mg), "mg", "order: reduction"))
    return LimitedDose(dose_mg, tuple(flags), tuple(steps))


def _daily(rounded: RoundedDose, schedule: Schedule) -> Step:
    formula = f"{shown(rounded.dose_mg)} × {schedule.doses_per_day}"
    total = shown(rounded.dose_mg * schedule.doses_per_day)
    return Step("daily dose", formula, total, "mg", "order: doses a day")


def _optional(number: Fraction | None) -> Decimal | None:
    return None if number is None else as_decimal(number)
