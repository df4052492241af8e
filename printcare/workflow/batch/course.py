"""Plan the course of a verified dose: its batches, their units by purpose, and the cartridges each is printed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.course import (
    BatchUnits,
    CartridgeUse,
    CartridgeYield,
    CoursePlan,
    cartridge_yield,
    lots_of_course,
    needs_cartridge,
    plan_course,
)
from printcare.domain.formulation import Cartridge
from printcare.domain.recipe import MasterRecipe
from printcare.domain.verification import VerifiedDose

CONFIDENCE = Decimal("0.99")


@dataclass(frozen=True, slots=True)
class CartridgeShare:
    """So many units of a batch out of one cartridge; the lot is marked on each of them."""

    cartridge_id: str
    lot_id: str
    units: int


@dataclass(frozen=True, slots=True)
class CourseBatch:
    """One batch of the course, with the cartridges it takes."""

    units: BatchUnits
    shares: tuple[CartridgeShare, ...]


@dataclass(frozen=True, slots=True)
class PlannedCourse:
    """A whole course; `findings` are warnings, such as several lots in it."""

    plan: CoursePlan
    batches: tuple[CourseBatch, ...]
    findings: tuple[Finding, ...]


def course_for(
    master: MasterRecipe,
    verified: VerifiedDose,
    cartridges: Sequence[Cartridge],
    days: int,
    good_share: Decimal,
    confidence: Decimal = CONFIDENCE,
) -> PlannedCourse | tuple[Finding, ...]:
    """Return the course printed from these cartridges in their order, or every reason why not.

    `good_share` is the share of units the process gives that are good, from its own batches. A cartridge serves one
    batch only, because it is primed once and its time at temperature is limited.
    """
    units_per_day = verified.units.units_per_dose * verified.doses_per_day
    allocation = master.allocation
    plan = plan_course(
        units_per_day,
        days,
        allocation.test,
        int(master.beyond_use_days),
        good_share,
        confidence,
        retain_units=allocation.retain,
    )
    if isinstance(plan, Finding):
        return (plan,)
    unit_wet_g = verified.units.target_wet_mass_mg / 1000
    waiting, batches, findings = list(cartridges), [], []
    for batch in plan.batches:
        shares: list[CartridgeShare] = []
        left = batch.units_total
        while left and waiting:
            cartridge = waiting.pop(0)
            yields = _yield(master, cartridge, unit_wet_g, left)
            objection = needs_cartridge(yields, unit_wet_g)
            if objection is not None:
                return (objection,)
            taken = min(left, yields.units_available)
            shares.append(CartridgeShare(cartridge.id, cartridge.lot_id, taken))
            left -= taken
        if left:
            told = f"{left} units of the batch for {batch.days} days are left without a cartridge."
            findings.append(error("E_CARTRIDGES_TOO_FEW", told, "Fill more cartridges.", "cartridge"))
        batches.append(CourseBatch(batch, tuple(shares)))
    if findings:
        return tuple(findings)
    lots = [share.lot_id for batch in batches for share in batch.shares]
    return PlannedCourse(plan, tuple(batches), lots_of_course(lots))


def _yield(master: MasterRecipe, cartridge: Cartridge, unit_wet_g: Decimal, units: int) -> CartridgeYield:
    """Return what is left in a cartridge in units: what was taken before is off, the dead volume and a prime too."""
    prime_g = master.parameters.prime_mm3.target * master.ink.density_mg_mm3 / 1000
    fill_g = cartridge.left_g + cartridge.dead_g
    return cartridge_yield(CartridgeUse(fill_g, cartridge.dead_g, prime_g, Decimal(0), 0), unit_wet_g, units, 0)
