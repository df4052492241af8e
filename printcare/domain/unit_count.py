"""How many equal units carry a dose, and what each must weigh: the recipe's validated range, without extrapolation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from printcare.domain.checks import Finding, error, warning
from printcare.domain.dose_case import RecipeEntry, Step
from printcare.domain.numbers import as_decimal, read_count, read_positive, rounded_half_up, shown
from printcare.domain.strength import EffectiveStrength

# More units than this for one dose is not a dosage form any more.
_MOST_UNITS = 100


@dataclass(frozen=True, slots=True)
class UnitLimits:
    """The validated range of one unit: dose in mg, wet mass in g, and how many may make up one dose."""

    dose_mg: tuple[Fraction, Fraction]
    wet_mass_g: tuple[Fraction, Fraction]
    max_units: int


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """One dose as equal printed units. Masses in mg; the target is what the balance is asked for, to 0.1 mg."""

    dose_mg: Decimal
    units_per_dose: int
    dose_per_unit_mg: Decimal
    unit_wet_mass_mg: Decimal
    unit_dry_mass_mg: Decimal
    target_wet_mass_mg: Decimal
    dose_at_target_mass_mg: Decimal
    flags: tuple[Finding, ...]
    steps: tuple[Step, ...]


def read_unit_limits(recipe: RecipeEntry) -> UnitLimits | Finding:
    """Return the recipe's range of one unit, or what it lacks."""
    dose_mg = _range(recipe.dose_per_unit_mg, "recipe.dose_per_unit_mg")
    if isinstance(dose_mg, Finding):
        return dose_mg
    wet_mass_g = _range(recipe.unit_wet_mass_g, "recipe.unit_wet_mass_g")
    if isinstance(wet_mass_g, Finding):
        return wet_mass_g
    where = "recipe.max_units_per_dose"
    max_units = read_count(recipe.max_units_per_dose, 1, _MOST_UNITS, "E_RECIPE_RANGE", where)
    if isinstance(max_units, Finding):
        return max_units
    return UnitLimits(dose_mg, wet_mass_g, max_units)


def plan_units(dose_mg: Fraction, strength: EffectiveStrength, limits: UnitLimits) -> UnitPlan | Finding:
    """Return the smallest number of equal units within the recipe's range, with their masses, or why there is none."""
    mg_per_g = strength.mg_per_g
    low_mg = max(limits.dose_mg[0], limits.wet_mass_g[0] * mg_per_g)
    high_mg = min(limits.dose_mg[1], limits.wet_mass_g[1] * mg_per_g)
    units = max(1, ceil(dose_mg / high_mg))
    reach = f"one unit carries {shown(low_mg)} to {shown(high_mg)} mg, at most {limits.max_units} make up a dose"
    if units > limits.max_units:
        told = f"{shown(dose_mg)} mg is more than the recipe makes: {reach}."
        return error("E_DOSE_ABOVE_RECIPE", told, "Use a stronger ink or another recipe.", "recipe")
    per_unit_mg = dose_mg / units
    if per_unit_mg < low_mg:
        told = f"{units} unit(s) of {shown(per_unit_mg)} mg are less than the recipe makes: {reach}."
        return error("E_DOSE_BELOW_RECIPE", told, "Use a weaker ink or another recipe.", "recipe")
    told = f"One dose is {units} units of {shown(per_unit_mg)} mg."
    multi = warning("W_MULTI_UNIT", told, "Tell ward and family how many units make up a dose.", "recipe")
    most = f"the smaller of {shown(limits.dose_mg[1])} and {shown(limits.wet_mass_g[1])} × {shown(mg_per_g)}"
    wet_mg = per_unit_mg / mg_per_g * 1000
    dry_mg = wet_mg * (1 - strength.lod_pct / 100)
    target_mg = rounded_half_up(wet_mg, 1)
    at_target_mg = target_mg / 1000 * mg_per_g * units
    steps = (
        Step(
            "units per dose", f"{shown(dose_mg)} ÷ {most}, up to a whole unit", str(units), "units", f"recipe: {reach}"
        ),
        Step("dose per unit", f"{shown(dose_mg)} ÷ {units}", shown(per_unit_mg), "mg", "equal units"),
        Step("wet mass per unit", f"{shown(per_unit_mg)} ÷ {shown(mg_per_g)} × 1000", shown(wet_mg), "mg", "ink lot"),
        Step(
            "dry mass per unit", f"{shown(wet_mg)} × (1 − {shown(strength.lod_pct)} ÷ 100)", shown(dry_mg), "mg", "LOD"
        ),
        Step("target wet mass", f"{shown(wet_mg)} to 0.1, a tie up", shown(target_mg), "mg", "balance"),
        Step(
            "dose at target mass",
            f"{shown(target_mg)} ÷ 1000 × {shown(mg_per_g)} × {units}",
            shown(at_target_mg),
            "mg",
            "whole dose",
        ),
    )
    return UnitPlan(
        dose_mg=as_decimal(dose_mg),
        units_per_dose=units,
        dose_per_unit_mg=as_decimal(per_unit_mg),
        unit_wet_mass_mg=as_decimal(wet_mg),
        unit_dry_mass_mg=as_decimal(dry_mg),
        target_wet_mass_mg=as_decimal(target_mg),
        dose_at_target_mass_mg=as_decimal(at_target_mg),
        flags=(multi,) if units > 1 else (),
        steps=steps,
    )


def _range(bounds: tuple[str | None, str | None] | None, field: str) -> tuple[Fraction, Fraction] | Finding:
    low_text, high_text = bounds or (None, None)
    low = read_positive(low_text, f"{field}[0]")
    if isinstance(low, Finding):
        return low
    high = read_positive(high_text, f"{field}[1]")
    if isinstance(high, Finding):
        return high
    if low > high:
        told = f"{field} runs from {shown(low)} to {shown(high)}."
        return error("E_RECIPE_RANGE", told, "State the lower limit first.", field)
    return low, high
