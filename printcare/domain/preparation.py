"""How a lot was made in house: every ingredient with its lot, weighed by one person and checked by another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.formulation import PharmaInk
from printcare.domain.numbers import plain
from printcare.domain.substances import substance_name

PLAN_TOLERANCE_PCT = Decimal("0.5")  # of a planned mass, for rounding to what a balance shows


@dataclass(frozen=True, slots=True)
class WeighedIngredient:
    """One ingredient as it went in; `limit_pct` is how far the weighed mass may lie from the planned one."""

    name: str
    lot: str
    expires_on: str  # ISO date, as on its label
    planned_g: Decimal
    limit_pct: Decimal
    weighed_g: Decimal
    balance: str
    weighed_by: str  # login names
    checked_by: str
    weighed_at: datetime

    @property
    def is_within(self) -> bool:
        """Whether the weighed mass lies within its limit, ends included."""
        return abs(self.weighed_g - self.planned_g) <= self.planned_g * self.limit_pct / 100


@dataclass(frozen=True, slots=True)
class Preparation:
    """The record of one in-house lot; `yield_limits_pct` are of the sum of the weighed masses."""

    lot_id: str
    ink_id: str
    formulation_version: int
    ingredients: tuple[WeighedIngredient, ...]
    equipment: tuple[str, ...]
    deviations: tuple[str, ...]
    yield_g: Decimal
    yield_limits_pct: tuple[Decimal, Decimal]

    @property
    def weighed_g(self) -> Decimal:
        """Return the sum of everything weighed in."""
        return sum((each.weighed_g for each in self.ingredients), Decimal(0))

    @property
    def people(self) -> frozenset[str]:
        """Return the login names of everybody who weighed or checked."""
        return frozenset(name for each in self.ingredients for name in (each.weighed_by, each.checked_by))

    def objections(self, ink: PharmaInk) -> tuple[Finding, ...]:
        """Return every reason why this is no complete record of a lot of that formulation."""
        return (*self._composition(ink), *self._weighings(), *self._outcome(ink))

    def _composition(self, ink: PharmaInk) -> Iterator[Finding]:
        wanted = {substance_name(name): mg_per_g for name, mg_per_g in ink.composition()}
        planned_g = sum((each.planned_g for each in self.ingredients), Decimal(0))
        found = [substance_name(each.name) for each in self.ingredients]
        wrong = sorted({*(wanted.keys() - set(found)), *(set(found) - wanted.keys())})
        if wrong:
            told = f"Ingredients missing or foreign to {ink.id}: {', '.join(wrong)}."
            yield error("E_PREPARATION_INGREDIENT", told, "Weigh in what the formulation says.", "ingredients")
            return
        for name, mg_per_g in wanted.items():
            own_g = sum((each.planned_g for each in self.ingredients if substance_name(each.name) == name), Decimal(0))
            right_g = planned_g * mg_per_g / 1000
            if abs(own_g - right_g) > right_g * PLAN_TOLERANCE_PCT / 100:
                told = f"{plain(own_g)} g of {name} are planned; the formulation gives {right_g:.4f} g."
                yield error("E_PREPARATION_PLAN", told, "Plan by the formulation.", "ingredients")

    def _weighings(self) -> Iterator[Finding]:
        for each in self.ingredients:
            if not each.is_within:
                told = f"{plain(each.weighed_g)} g of {each.name} were weighed, {plain(each.planned_g)} g planned, "
                told += f"± {plain(each.limit_pct)} %."
                yield error("E_PREPARATION_MASS", told, "Reject what was made, and prepare it again.", "ingredients")
            if each.weighed_by == each.checked_by:
                told = f"{each.name} was weighed and checked by {each.weighed_by}."
                yield error("E_PREPARATION_ONE_PERSON", told, "Two people prepare an ink.", "ingredients")
            if each.expires_on < each.weighed_at.date().isoformat():
                told = f"{each.name}, lot {each.lot}, expired on {each.expires_on}."
                yield error("E_INGREDIENT_EXPIRED", told, "Reject what was made of it.", "ingredients")

    def _outcome(self, ink: PharmaInk) -> Iterator[Finding]:
        if (self.ink_id, self.formulation_version) != (ink.id, ink.version):
            told = (
                f"The preparation is of {self.ink_id} version {self.formulation_version}, not {ink.id} {ink.version}."
            )
            yield error("E_PREPARATION_FORMULATION", told, "Name the approved formulation.", "formulation")
        if not self.equipment:
            told = "The preparation names no equipment."
            yield error("E_PREPARATION_EQUIPMENT", told, "Name balance, mixer and vessel.", "equipment")
        low, high = self.yield_limits_pct
        share_pct = self.yield_g * 100 / self.weighed_g if self.weighed_g else Decimal(0)
        if not low <= share_pct <= high and not self.deviations:
            told = f"The yield is {share_pct:.1f} %, outside {plain(low)} to {plain(high)} %, and no deviation is told."
            yield error("E_PREPARATION_YIELD", told, "Find the cause and state the deviation.", "yield_g")
