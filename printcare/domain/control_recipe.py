"""Control recipe: exactly what to make in one batch (ISA-88), of every drug its units hold, and why not to make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from printcare.domain.checks import Finding, error
from printcare.domain.formulation import Cartridge, InkLot
from printcare.domain.numbers import plain
from printcare.domain.recipe import MasterRecipe, Part, recipe_fits, unit_volume_mm3
from printcare.domain.verification import VerifiedDose


@dataclass(frozen=True, slots=True)
class DoseTime:
    """Which dose of an order in steps a batch is made of: the step, 1-based, and its time of the day."""

    step: int
    time_of_day: str


@dataclass(frozen=True, slots=True)
class PartDose:
    """What one drug of a unit is made of: the dose two people stand for, and the lot and cartridge it comes from."""

    verified: VerifiedDose
    lot: InkLot
    cartridge: Cartridge


@dataclass(frozen=True, slots=True)
class ControlPart:
    """One drug of every unit of the batch: how it is printed, from what, and what it shall weigh."""

    number: int  # 1-based, in the order of printing
    part: Part
    verified: VerifiedDose
    lot: InkLot
    cartridge: Cartridge
    dose_per_unit_mg: Decimal
    strength_mg_per_g: Decimal  # effective, as printed
    target_mass_mg: Decimal
    target_volume_mm3: float
    dose_at_target_mg: Decimal

    @property
    def drug(self) -> str:
        """Return the name of the drug."""
        return self.part.product.inn


@dataclass(frozen=True, slots=True)
class ControlRecipe:
    """Exactly what to make in this batch; built by `control_recipe` alone, from verified doses.

    What is asked without naming a part is the first one's, the only one of most units.
    """

    master: MasterRecipe
    parts: tuple[ControlPart, ...]
    units_for_patient: int
    units_total: int

    @property
    def first(self) -> ControlPart:
        """Return the part that is printed first."""
        return self.parts[0]

    @property
    def verified(self) -> VerifiedDose:
        """Return the first drug's verified dose."""
        return self.first.verified

    @property
    def lot(self) -> InkLot:
        """Return the first drug's lot."""
        return self.first.lot

    @property
    def dose_per_unit_mg(self) -> Decimal:
        """Return the first drug's dose of one unit."""
        return self.first.dose_per_unit_mg

    @property
    def strength_mg_per_g(self) -> Decimal:
        """Return the effective strength of the first drug's ink."""
        return self.first.strength_mg_per_g

    @property
    def target_mass_mg(self) -> Decimal:
        """Return what the first part of a unit shall weigh."""
        return self.first.target_mass_mg


def control_recipe(master: MasterRecipe, doses: Sequence[PartDose], days: int) -> ControlRecipe:
    """Return exactly what to make for `days` days of the verified doses, one for each part in the order of printing.

    Units for the patient = units per dose × doses a day × days; retain, test and spare units come on top. The type of
    the doses is the gate; a part without one, or a dose without a part, is told by `before_print` and `unmatched`.
    """
    first = doses[0].verified
    for_patient = first.units.units_per_dose * first.doses_per_day * days
    extra = master.allocation.retain + master.allocation.test + master.allocation.spare
    parts = zip(master.parts, doses, strict=False)
    return ControlRecipe(
        master=master,
        parts=tuple(_control_part(number, part, dose) for number, (part, dose) in enumerate(parts, start=1)),
        units_for_patient=for_patient,
        units_total=for_patient + extra,
    )


def _control_part(number: int, part: Part, dose: PartDose) -> ControlPart:
    units = dose.verified.units
    return ControlPart(
        number=number,
        part=part,
        verified=dose.verified,
        lot=dose.lot,
        cartridge=dose.cartridge,
        dose_per_unit_mg=units.dose_per_unit_mg,
        strength_mg_per_g=dose.verified.calculation.effective_strength_mg_per_g_wet,
        target_mass_mg=units.target_wet_mass_mg,
        target_volume_mm3=unit_volume_mm3(units.target_wet_mass_mg, part.ink),
        dose_at_target_mg=units.dose_at_target_mass_mg,
    )


def unmatched(master: MasterRecipe, doses: Sequence[PartDose]) -> tuple[Finding, ...]:
    """Return what was verified and is no part of the recipe's units: it would be missing from them."""
    if len(doses) <= len(master.parts):
        return ()
    told = f"{len(doses)} drugs were verified, a unit of {master.id} holds {len(master.parts)}."
    return (error("E_DOSE_WITHOUT_PART", told, "Use a recipe of all the ordered drugs.", "recipe"),)


def before_print(recipe: ControlRecipe, printer_class: str, today: date) -> tuple[Finding, ...]:
    """Return every objection to this batch, each with reason and remedy (architecture.md §3)."""
    master = recipe.master
    findings = [finding for part in recipe.parts for finding in _objections(recipe, part, today)]
    if printer_class not in master.printer_classes:
        known = ", ".join(master.printer_classes)
        told = f"The recipe is qualified for {known}, the printer is {printer_class}."
        findings.append(error("E_PRINTER_CLASS", told, "Use a qualified printer.", "printer"))
    missing = master.parts[len(recipe.parts) :]
    if missing:
        others = ", ".join(part.product.inn for part in missing)
        told = f"A unit of {master.id} also holds {others}, of which no verified dose is at hand."
        findings.append(error("E_PART_WITHOUT_DOSE", told, "Use a recipe of the ordered drug alone.", "recipe"))
    counts = {(part.verified.units.units_per_dose, part.verified.doses_per_day) for part in recipe.parts}
    if len(counts) > 1:
        told = "One dose would be " + ", ".join(
            f"{part.verified.units.units_per_dose} units for {part.drug}" for part in recipe.parts
        )
        findings.append(error("E_COMPONENT_UNITS", f"{told}.", "Use inks that give the same number.", "order"))
    if len({part.cartridge.id for part in recipe.parts}) < len(recipe.parts):
        told = f"Cartridge {recipe.first.cartridge.id} is named for more than one drug."
        findings.append(error("E_CARTRIDGE_TWICE", told, "Name a cartridge for each part.", "cartridge"))
    return tuple(findings)


def ink_needed_g(recipe: ControlRecipe, part: ControlPart) -> Decimal:
    """Return the ink of one drug that the batch takes, in g: of every unit at its target, and of the prime."""
    own = part.part
    prime_g = own.parameters.prime_mm3.target * own.ink.density_mg_mm3 / 1000
    return part.target_mass_mg * recipe.units_total / 1000 + prime_g


def _objections(recipe: ControlRecipe, part: ControlPart, today: date) -> list[Finding]:
    """Return what speaks against one drug's lot, cartridge and dose."""
    own = part.part
    findings = [
        *recipe_fits(recipe.master.of_part(part.number), part.lot),
        *part.lot.objections(today),
        *part.cartridge.objections(ink_needed_g(recipe, part), part.lot),
    ]
    low, high = own.unit_range.dose_mg
    if not low <= part.dose_per_unit_mg <= high:
        told = f"{plain(part.dose_per_unit_mg)} mg per unit lies outside the validated {low} to {high} mg."
        findings.append(error("E_DOSE_OUT_OF_RANGE", told, "Use another recipe; nothing is extrapolated.", "dose"))
    return findings
