"""The rule that replaces the body surface in infants: mg/m² ÷ divisor × weight, for a named drug and protocol only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from printcare.domain.checks import Finding, error
from printcare.domain.dose_case import InfantRuleEntry
from printcare.domain.numbers import read_limit, read_positive

# Within this share of the rule's edge both values are shown: at 10 kg the dose jumps by a third.
_NEAR_EDGE = Fraction(1, 10)
_INFANT_BELOW_KG, _INFANT_BELOW_YEARS = 10, 1


@dataclass(frozen=True, slots=True)
class InfantRule:
    """A rule object read from its texts; it applies below either stated limb."""

    weight_lt_kg: Fraction | None
    age_lt_years: Fraction | None
    divisor: Fraction

    def applies(self, weight_kg: Fraction, age_years: Fraction) -> bool:
        """Return whether the patient is strictly below a stated limb."""
        light = self.weight_lt_kg is not None and weight_kg < self.weight_lt_kg
        return light or (self.age_lt_years is not None and age_years < self.age_lt_years)

    def is_near(self, weight_kg: Fraction, age_years: Fraction) -> bool:
        """Return whether the patient stands within a tenth of a stated limb, on either side."""
        limbs = (self.weight_lt_kg, weight_kg), (self.age_lt_years, age_years)
        return any(limb is not None and abs(value - limb) <= limb * _NEAR_EDGE for limb, value in limbs)


def read_infant_rule(
    entry: InfantRuleEntry | Literal["none"] | None, weight_kg: Fraction, age_years: Fraction
) -> InfantRule | Finding | None:
    """Return the rule, None where `none` is stated or the patient is no infant, or why there must be one."""
    if entry == "none":
        return None
    if entry is None:
        if weight_kg >= _INFANT_BELOW_KG and age_years >= _INFANT_BELOW_YEARS:
            return None
        told = "mg/m² below 10 kg or 1 year, and no infant rule is stated."
        remedy = "Use a dosing rule that states an infant rule for this drug, or explicitly none."
        return error("E_INFANT_RULE_REQUIRED", told, remedy, "order.infant_rule")
    return _read_rule(entry)


def _read_rule(entry: InfantRuleEntry) -> InfantRule | Finding:
    where = "order.infant_rule"
    weight_lt_kg = read_limit(entry.weight_lt_kg, f"{where}.weight_lt_kg")
    if isinstance(weight_lt_kg, Finding):
        return weight_lt_kg
    age_lt_years = read_limit(entry.age_lt_years, f"{where}.age_lt_years")
    if isinstance(age_lt_years, Finding):
        return age_lt_years
    divisor = read_positive(entry.divisor, f"{where}.divisor")
    if isinstance(divisor, Finding):
        return divisor
    if weight_lt_kg is None and age_lt_years is None:
        return error("E_MISSING", "The infant rule states neither weight nor age.", "State where it applies.", where)
    return InfantRule(weight_lt_kg, age_lt_years, divisor)
