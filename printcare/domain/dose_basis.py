"""What one administration comes to before caps: by surface, by weight, by weight band or as ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from printcare.domain import bsa
from printcare.domain.checks import Finding, error, warning
from printcare.domain.dose_case import BsaEntry, OrderEntry, Quantity, Step
from printcare.domain.infant_rule import InfantRule, read_infant_rule
from printcare.domain.numbers import (
    DOSE_UNITS_MG,
    read_count,
    read_limit,
    read_quantity,
    rounded_half_up,
    shown,
)


@dataclass(frozen=True, slots=True)
class Caps:
    """The highest single and daily dose in mg, None where the rule states none."""

    max_single_mg: Fraction | None
    max_daily_mg: Fraction | None

    def limit_per_dose_mg(self, doses_per_day: int) -> Fraction | None:
        """Return the lowest of the stated limits as one administration, None where none is stated."""
        daily = None if self.max_daily_mg is None else self.max_daily_mg / doses_per_day
        return min((limit for limit in (self.max_single_mg, daily) if limit is not None), default=None)


@dataclass(frozen=True, slots=True)
class Situation:
    """What every basis works from: the order, the patient in base units, the doses a day and the caps."""

    order: OrderEntry
    age_years: Fraction
    weight_kg: Fraction
    height_cm: Fraction | None
    sex: str | None
    doses_per_day: int
    caps: Caps


@dataclass(frozen=True, slots=True)
class BasisDose:
    """One administration in mg before caps and reduction, and the surface in m² before its cap, if one was used.

    `caps` are those that apply from here on; `notices` are warnings beyond the reference's flags.
    """

    dose_mg: Fraction
    bsa_m2: Fraction | None
    caps: Caps
    flags: tuple[Finding, ...]
    notices: tuple[Finding, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How a dosing rule wants the surface: formula, decimals it is rounded to before use, cap in m²."""

    formula: bsa.BsaFormula
    decimals: int | None
    cap_m2: Fraction | None


@dataclass(frozen=True, slots=True)
class Surface:
    """The surface that doses, in m², before and after its cap."""

    bsa_m2: Fraction
    used_m2: Fraction
    flags: tuple[Finding, ...]
    steps: tuple[Step, ...]


def read_caps(order: OrderEntry) -> Caps | Finding:
    """Return the order's highest doses."""
    single = read_limit(order.max_single_mg, "order.max_single_mg")
    if isinstance(single, Finding):
        return single
    daily = read_limit(order.max_daily_mg, "order.max_daily_mg")
    if isinstance(daily, Finding):
        return daily
    return Caps(single, daily)


def dose_by_basis(situation: Situation) -> BasisDose | Finding:
    """Return one administration before caps and reduction; a basis outside the table is refused."""
    by_basis = _BASES.get(situation.order.basis or "")
    if by_basis is None:
        told = f"The basis of the order is “{situation.order.basis or ''}”."
        return error("E_BASIS", told, f"Use one of {', '.join(_BASES)}.", "order.basis")
    return by_basis(situation)


def _per_surface(situation: Situation) -> BasisDose | Finding:
    order = situation.order
    amount = _amount_and_split(order, situation.doses_per_day)
    if isinstance(amount, Finding):
        return amount
    method = _method(order)
    if isinstance(method, Finding):
        return method
    infant_rule = read_infant_rule(order.infant_rule, situation.weight_kg, situation.age_years)
    if isinstance(infant_rule, Finding):
        return infant_rule
    if infant_rule is not None and infant_rule.applies(situation.weight_kg, situation.age_years):
        return _by_infant_rule(situation, method, infant_rule, *amount)
    return _by_surface(situation, method, infant_rule, *amount)


def _by_infant_rule(
    situation: Situation, method: Method, rule: InfantRule, amount_mg: Fraction, split: int
) -> BasisDose:
    per_day_or_dose_mg = amount_mg / rule.divisor * situation.weight_kg
    told = f"The infant rule applies: mg/m² ÷ {shown(rule.divisor)} × weight instead of the body surface."
    flag = warning("W_INFANT_RULE", told, "Compare with the protocol named in the dosing rule.", "order.infant_rule")
    formula = f"{shown(amount_mg)} mg/m² ÷ {shown(rule.divisor)} × {shown(situation.weight_kg)} kg"
    steps = _divided("dose by infant rule", formula, per_day_or_dose_mg, split, "dosing rule: infant rule")
    notices: tuple[Finding, ...] = ()
    if rule.is_near(situation.weight_kg, situation.age_years):
        surface = _surface(situation, method)
        if isinstance(surface, Surface):
            notices = (_near_edge(per_day_or_dose_mg / split, surface.used_m2 * amount_mg / split),)
    return BasisDose(per_day_or_dose_mg / split, None, situation.caps, (flag,), notices, steps)


def _by_surface(
    situation: Situation, method: Method, rule: InfantRule | None, amount_mg: Fraction, split: int
) -> BasisDose | Finding:
    surface = _surface(situation, method)
    if isinstance(surface, Finding):
        return surface
    per_day_or_dose_mg = amount_mg * surface.used_m2
    formula = f"{shown(amount_mg)} mg/m² × {shown(surface.used_m2)} m²"
    steps = surface.steps + _divided("dose by body surface", formula, per_day_or_dose_mg, split, "order: mg/m²")
    notices: tuple[Finding, ...] = ()
    if rule is not None and rule.is_near(situation.weight_kg, situation.age_years):
        by_rule_mg = amount_mg / rule.divisor * situation.weight_kg / split
        notices = (_near_edge(by_rule_mg, per_day_or_dose_mg / split),)
    return BasisDose(per_day_or_dose_mg / split, surface.bsa_m2, situation.caps, surface.flags, notices, steps)


def _near_edge(by_rule_mg: Fraction, by_surface_mg: Fraction) -> Finding:
    told = (
        f"The patient stands near the edge of the infant rule: it gives {shown(by_rule_mg, 12)} mg, "
        f"the body surface {shown(by_surface_mg, 12)} mg."
    )
    return warning("W_INFANT_EDGE", told, "Compare both and acknowledge with a reason.", "order.infant_rule")


def _per_weight(situation: Situation) -> BasisDose | Finding:
    amount = _amount_and_split(situation.order, situation.doses_per_day)
    if isinstance(amount, Finding):
        return amount
    amount_mg, split = amount
    formula = f"{shown(amount_mg)} mg/kg × {shown(situation.weight_kg)} kg"
    dose_mg = amount_mg * situation.weight_kg
    steps = _divided("dose by weight", formula, dose_mg, split, "order: mg/kg")
    return BasisDose(dose_mg / split, None, situation.caps, (), (), steps)


def _fixed(situation: Situation) -> BasisDose | Finding:
    """Return the ordered amount; a person wrote it, so above a cap it is refused, never lowered."""
    amount = _amount_and_split(situation.order, situation.doses_per_day)
    if isinstance(amount, Finding):
        return amount
    amount_mg, split = amount
    objection = over_caps(amount_mg / split, situation.caps, situation.doses_per_day)
    if objection is not None:
        return objection
    steps = _divided("dose as ordered", shown(amount_mg), amount_mg, split, "order")
    return BasisDose(amount_mg / split, None, situation.caps, (), (), steps)


def over_caps(dose_mg: Fraction, caps: Caps, doses_per_day: int) -> Finding | None:
    """Return the refusal of a dose a person wrote that passes a cap; multiplied, not divided, before comparing."""
    single, daily = caps.max_single_mg, caps.max_daily_mg
    told = ""
    if single is not None and dose_mg > single:
        told = f"{shown(dose_mg)} mg is above the highest single dose of {shown(single)} mg."
    elif daily is not None and dose_mg * doses_per_day > daily:
        told = f"{shown(dose_mg)} mg × {doses_per_day} a day is above the highest daily dose of {shown(daily)} mg."
    if not told:
        return None
    return error("E_MAX_DOSE_EXCEEDED", told, "Ask the prescriber; a written dose is never lowered.", "order.amount")


def _weight_band(situation: Situation) -> BasisDose | Finding:
    """Return the amount of the first band whose upper weight, inclusive, is not passed; always per dose, uncapped."""
    order = situation.order
    if order.per not in (None, "dose"):
        told = f"A weight band states the amount per dose; the order says per “{order.per}”."
        return error("E_PER", told, "State the bands per dose.", "order.per")
    if not order.bands:
        return error("E_MISSING", "No weight bands are stated.", "State the table of weight bands.", "order.bands")
    chosen: tuple[str, Fraction] | None = None
    previous_kg: Fraction | None = Fraction(0)
    for index, band in enumerate(order.bands):
        where = f"order.bands[{index}]"
        limit_kg = read_limit(band.max_kg, f"{where}.max_kg")
        if isinstance(limit_kg, Finding):
            return limit_kg
        amount_mg = _amount(band.amount, f"{where}.amount")
        if isinstance(amount_mg, Finding):
            return amount_mg
        if previous_kg is None or (limit_kg is not None and limit_kg <= previous_kg):
            return error("E_BASIS", "The weight bands do not ascend.", "Sort them, the open end last.", where)
        if chosen is None and (limit_kg is None or situation.weight_kg <= limit_kg):
            chosen = ("open end" if limit_kg is None else f"up to {shown(limit_kg)} kg", amount_mg)
        previous_kg = limit_kg
    if chosen is None:
        told = f"No weight band holds {shown(situation.weight_kg)} kg."
        return error("E_BASIS", told, "Use a rule that covers this weight.", "order.bands")
    formula = f"weight {shown(situation.weight_kg)} kg, band {chosen[0]}"
    step = Step("dose by weight band", formula, shown(chosen[1]), "mg", "dosing rule: weight bands")
    return BasisDose(chosen[1], None, Caps(None, None), (), (), (step,))


_BASES: Mapping[str, Callable[[Situation], BasisDose | Finding]] = {
    "per_m2": _per_surface,
    "per_kg": _per_weight,
    "weight_band": _weight_band,
    "fixed": _fixed,
}


def _amount(quantity: Quantity | None, field: str) -> Fraction | Finding:
    if quantity is None:
        return error("E_MISSING", f"{field} is not stated.", "State the amount and its unit.", field)
    return read_quantity(quantity.value, quantity.unit, DOSE_UNITS_MG, field)


def _amount_and_split(order: OrderEntry, doses_per_day: int) -> tuple[Fraction, int] | Finding:
    """Return the amount in mg and by how many doses it is to be divided; `per` has no default."""
    amount_mg = _amount(order.amount, "order.amount")
    if isinstance(amount_mg, Finding):
        return amount_mg
    if order.per is None:
        told = "The order does not say whether the amount is per dose or per day."
        return error("E_MISSING", told, "State it; the two differ by the number of doses.", "order.per")
    if order.per not in ("dose", "day"):
        return error("E_PER", f"The amount is per “{order.per}”.", "State per dose or per day.", "order.per")
    return amount_mg, doses_per_day if order.per == "day" else 1


def _divided(what: str, formula: str, amount_mg: Fraction, split: int, source: str) -> tuple[Step, ...]:
    first = Step(what, formula, shown(amount_mg), "mg", source)
    if split == 1:
        return (first,)
    return first._replace(what=f"{what}, per day"), Step(
        "one dose of the day", f"{shown(amount_mg)} ÷ {split}", shown(amount_mg / split), "mg", "order"
    )


def _method(order: OrderEntry) -> Method | Finding:
    """Return how the rule wants the surface computed; a formula has no default and comparisons may not dose."""
    where = "order.bsa.formula"
    if order.bsa is None or order.bsa.formula is None:
        told = "No body-surface formula is stated."
        return error("E_MISSING", told, "Use the formula of an approved dosing rule.", where)
    formula = bsa.FORMULAS.get(order.bsa.formula)
    if formula is None or not formula.may_dose:
        told = f"“{order.bsa.formula}” is not a body-surface formula that may dose."
        offered = ", ".join(key for key, known in bsa.FORMULAS.items() if known.may_dose)
        return error("E_FORMULA_UNKNOWN", told, f"Use one of {offered}.", where)
    return _read_method(order.bsa, formula)


def _read_method(entry: BsaEntry, formula: bsa.BsaFormula) -> Method | Finding:
    where = "order.bsa.round_dp"
    decimals = None if entry.round_dp is None else read_count(entry.round_dp, 0, 6, "E_NUMBER_FORMAT", where)
    if isinstance(decimals, Finding):
        return decimals
    cap_m2 = read_limit(entry.cap_m2, "order.bsa.cap_m2")
    if isinstance(cap_m2, Finding):
        return cap_m2
    return Method(formula, decimals, cap_m2)


def _surface(situation: Situation, method: Method) -> Surface | Finding:
    """Return the surface by the rule's formula, rounded before use where the rule says so, then capped."""
    key = method.formula.key
    objection = bsa.objection_to(key, situation.age_years, situation.sex, "order.bsa.formula")
    if objection is not None:
        return objection
    measured = situation.weight_kg, situation.height_cm, situation.sex
    computed_m2 = bsa.body_surface_area_m2(key, *measured)
    area_m2 = computed_m2 if method.decimals is None else rounded_half_up(computed_m2, method.decimals)
    if area_m2 <= 0:
        told = f"The formula {method.formula.name} gives {shown(area_m2)} m² for this patient."
        return error("E_BSA_NOT_POSITIVE", told, "Use a formula meant for this body size.", "order.bsa")
    steps = [
        Step(
            f"body surface ({method.formula.name})",
            bsa.written(key, *measured),
            shown(computed_m2),
            "m²",
            method.formula.citation,
        ),
        _cross_check(key, computed_m2, situation),
    ]
    if method.decimals is not None:
        formula = f"{shown(computed_m2)} to {method.decimals} decimals, a tie up"
        steps.append(Step("body surface, rounded", formula, shown(area_m2), "m²", "dosing rule: BSA rounding"))
    cap_m2 = method.cap_m2
    if cap_m2 is None or area_m2 <= cap_m2:
        return Surface(area_m2, area_m2, (), tuple(steps))
    told = f"The body surface is {shown(area_m2, 12)} m²; the rule's cap of {shown(cap_m2)} m² is used."
    steps.append(Step("body surface, capped", f"at most {shown(cap_m2)}", shown(cap_m2), "m²", "dosing rule: BSA cap"))
    flag = warning("W_BSA_CAPPED", told, "Check that the cap is meant for this patient.", "order.bsa.cap_m2")
    return Surface(area_m2, cap_m2, (flag,), tuple(steps))


def _cross_check(key: str, area_m2: Fraction, situation: Situation) -> Step:
    second = bsa.FORMULAS[bsa.cross_check_key(key, situation.height_cm is not None)]
    measured = situation.weight_kg, situation.height_cm, situation.sex
    other_m2 = bsa.body_surface_area_m2(second.key, *measured)
    formula = f"{bsa.written(second.key, *measured)}; differs by {shown((other_m2 / area_m2 - 1) * 100, 3)} %"
    return Step(f"cross-check ({second.name}), not used", formula, shown(other_m2), "m²", second.citation)
