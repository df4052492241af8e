"""A dosing rule: how one drug is dosed for one indication in one age group, as data that is approved like a recipe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from printcare.domain.checks import Finding, error
from printcare.domain.dose_case import (
    BsaEntry,
    InfantRuleEntry,
    OrderEntry,
    Quantity,
    RoundingEntry,
    WeightBand,
)
from printcare.domain.numbers import plain


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """From an age in years, inclusive, to below another."""

    from_years: Decimal
    below_years: Decimal

    def holds(self, age_years: Decimal) -> bool:
        """Whether an age belongs to the group."""
        return self.from_years <= age_years < self.below_years


@dataclass(frozen=True, slots=True)
class SurfaceRule:
    """The body-surface formula of the rule, the decimals it is rounded to before use, and its cap in m²."""

    formula: str
    round_dp: int | None
    cap_m2: Decimal | None


@dataclass(frozen=True, slots=True)
class InfantDivisor:
    """mg/m² ÷ divisor × weight, strictly below either stated limb."""

    weight_lt_kg: Decimal | None
    age_lt_years: Decimal | None
    divisor: Decimal


@dataclass(frozen=True, slots=True)
class RuleBand:
    """The amount in mg per dose up to and including a weight; None is the open end."""

    max_kg: Decimal | None
    amount_mg: Decimal


@dataclass(frozen=True, slots=True)
class RoundingRule:
    """Mode, step in mg where the mode has one, and the tolerance in %, which every rule states."""

    mode: str
    step_mg: Decimal | None
    tolerance_pct: Decimal


@dataclass(frozen=True, slots=True)
class UsualRange:
    """What is usual, lower and upper limit inclusive: mg per dose, mg/kg and mg/m² per day; None where not stated."""

    dose_mg: tuple[Decimal, Decimal] | None = None
    mg_per_kg_day: tuple[Decimal, Decimal] | None = None
    mg_per_m2_day: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class CumulativeLimit:
    """The most over a course or a lifetime, in mg, mg/kg or mg/m²."""

    over: str  # course | lifetime
    unit: str  # mg | mg/kg | mg/m2
    limit: Decimal


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where the rule comes from, and who compared it with that when."""

    citation: str
    edition: str
    compared_by: str
    compared_on: date


@dataclass(frozen=True, slots=True)
class DosingRule:
    """One rule of one version; `digest` binds its approvals to its content. Assay correction is the recipe's."""

    id: str
    version: int
    demonstration: bool
    drug: str
    indication: str
    age_group: AgeGroup
    ordered_form: str
    basis: str
    surface: SurfaceRule | None
    infant_rule: InfantDivisor | Literal["none"] | None
    bands: tuple[RuleBand, ...]
    max_single_mg: Decimal | None
    max_daily_mg: Decimal | None
    rounding: RoundingRule
    usual_range: UsualRange
    cumulative_limits: tuple[CumulativeLimit, ...]
    source: RuleSource
    digest: str


def rule_for(
    rules: Iterable[DosingRule], drug: str, indication: str | None, age_years: Decimal
) -> DosingRule | Finding:
    """Return the one rule that fits; none, a gap between age groups, or two refuse. `rules` are the approved ones.

    Names are compared without regard to case; an order that states no indication fits a drug's rules of any.
    """
    of_drug = [rule for rule in rules if rule.drug.casefold() == drug.casefold()]
    of_indication = [rule for rule in of_drug if not indication or rule.indication.casefold() == indication.casefold()]
    fitting = [rule for rule in of_indication if rule.age_group.holds(age_years)]
    asked = f"{drug}, {indication or 'no indication stated'}, {plain(age_years)} years"
    if not fitting:
        known = ", ".join(f"{rule.indication} from {rule.age_group.from_years} years" for rule in of_drug) or "none"
        told = f"No approved dosing rule fits {asked}; for this drug: {known}."
        return error("E_RULE_NONE", told, "Approve a rule that covers this order, or correct the order.", "rule")
    if len(fitting) > 1:
        told = f"{len(fitting)} dosing rules fit {asked}: {', '.join(rule.id for rule in fitting)}."
        return error("E_RULE_AMBIGUOUS", told, "State the indication, or retire one of the rules.", "rule")
    return fitting[0]


def order_under(
    rule: DosingRule,
    amount: Quantity | None,
    per: str | None,
    doses_per_day: str,
    reduction_pct: str | None = None,
    basis: str | None = None,
) -> OrderEntry:
    """Return the order with what the rule adds to it; `basis` is the order's own where only mg were written."""
    return OrderEntry(
        form=rule.ordered_form,
        basis=basis or rule.basis,
        per=per,
        doses_per_day=doses_per_day,
        rounding=RoundingEntry(rule.rounding.mode, _text(rule.rounding.step_mg), plain(rule.rounding.tolerance_pct)),
        amount=amount,
        reduction_pct=reduction_pct,
        max_single_mg=_text(rule.max_single_mg),
        max_daily_mg=_text(rule.max_daily_mg),
        bsa=_surface_entry(rule.surface),
        infant_rule=_infant_entry(rule.infant_rule),
        bands=tuple(WeightBand(_text(band.max_kg), Quantity(plain(band.amount_mg), "mg")) for band in rule.bands),
    )


def _surface_entry(surface: SurfaceRule | None) -> BsaEntry | None:
    if surface is None:
        return None
    round_dp = None if surface.round_dp is None else str(surface.round_dp)
    return BsaEntry(surface.formula, round_dp, _text(surface.cap_m2))


def _infant_entry(rule: InfantDivisor | Literal["none"] | None) -> InfantRuleEntry | Literal["none"] | None:
    if rule is None or rule == "none":
        return rule
    return InfantRuleEntry(_text(rule.weight_lt_kg), _text(rule.age_lt_years), plain(rule.divisor))


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
