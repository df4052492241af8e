"""Master recipe: the approved process for one product (ISA-88), of one drug or of several in one unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from printcare.domain.checks import Finding, error
from printcare.domain.finishing import BeyondUse, Cleaning, FinishingStep, Handling
from printcare.domain.process import (
    Correction,
    DesignSpace,
    Detectors,
    InProcessLimits,
    Nozzle,
    NozzleCone,
    ProcessParameters,
    Range,
    SoftSensor,
    UnitRange,
)
from printcare.domain.quality_plan import Acceptance, Attribute, Evidence, QualityTest
from printcare.domain.shape import ARRANGEMENTS, LATTICES, SHAPES, Shape, Vessel

if TYPE_CHECKING:  # `gcode` and `check` read recipes and calculate no dose; loading that costs as much as they do
    from printcare.domain.formulation import InkLot
    from printcare.domain.policy import Policy

__all__ = [
    "ARRANGEMENTS",
    "LATTICES",
    "SHAPES",
    "Acceptance",
    "Allocation",
    "Attribute",
    "BeyondUse",
    "Cleaning",
    "Correction",
    "DesignSpace",
    "Detectors",
    "Evidence",
    "Filament",
    "FinishingStep",
    "Handling",
    "InProcessLimits",
    "InkRequirement",
    "MasterRecipe",
    "Nozzle",
    "NozzleCone",
    "Part",
    "ProcessParameters",
    "Product",
    "QualityTest",
    "Range",
    "Shape",
    "SoftSensor",
    "UnitRange",
    "Vessel",
    "only_for_research",
    "recipe_fits",
    "unit_volume_mm3",
]


@dataclass(frozen=True, slots=True)
class Product:
    """What is made, in the words of the label."""

    inn: str
    tall_man: str
    dosage_form: str
    route: str
    strength_form: str  # the chemical form the strength is expressed in
    give: str  # the instruction for giving the whole unit
    drug_class: str = ""  # a platform's children keep it


@dataclass(frozen=True, slots=True)
class Filament:
    """What printing from a filament needs to know of it (process.md §1.5)."""

    diameter_mm: tuple[Decimal, Decimal]  # measured for each lot; E counts its volume
    melts_above_c: Decimal
    flow_max_mm3_s: Decimal  # melt limit of the ink in this nozzle
    moisture_max_pct: Decimal


@dataclass(frozen=True, slots=True)
class InkRequirement:
    """Which ink, and what of it the process relies on.

    `consistency_pa_sn`, `flow_index` and `yield_stress_pa` are K, n and τ0 at `reference_c` (process.md §1.1), from
    the ink's validation. A filament has none: K is 0, no pressure is predicted and none compared. Its density is that
    of the solid filament, because E counts what is fed.
    """

    ink_id: str
    form: str
    nominal_strength_mg_per_g: Decimal
    strength_basis: str  # as_printed | dried
    density_mg_mm3: Decimal
    corrects_assay: bool  # a signed choice of the recipe (dosing.md §9)
    consistency_pa_sn: Decimal
    flow_index: Decimal
    yield_stress_pa: Decimal
    reference_c: Decimal
    activation_kj_mol: Decimal
    degrades_above_c: Decimal
    water_activity: str  # of LONGEST_DAYS: aqueous | aqueous-preserved | non-aqueous | solid
    drive: str = "syringe"  # of DRIVES
    filament: Filament | None = None

    @property
    def predicts_pressure(self) -> bool:
        """Whether its flow has a pressure we reckon."""
        return self.filament is None


@dataclass(frozen=True, slots=True)
class Allocation:
    """How many units of a batch are not for the patient."""

    retain: int
    test: int
    spare: int


@dataclass(frozen=True, slots=True)
class Part:
    """One drug of a unit: its ink and everything that is the ink's own. Parts are printed in order, each weighed."""

    tool: int  # of the profile's tools, 0 the first
    product: Product
    ink: InkRequirement
    nozzle: Nozzle
    parameters: ProcessParameters
    unit_range: UnitRange
    limits: InProcessLimits


@dataclass(frozen=True, slots=True)
class MasterRecipe:
    """An approved process for one product; the digest binds every approval to its content.

    A unit of several drugs states its first part like any other recipe and the others in `further`; `parts` is all.
    """

    id: str
    version: int
    title: str
    demonstration: bool
    author: str
    product: Product
    ink: InkRequirement
    nozzle: Nozzle
    shape: Shape
    parameters: ProcessParameters
    unit_range: UnitRange
    limits: InProcessLimits
    allocation: Allocation
    hold_max_min: Decimal  # t_hold
    weighing: str  # of WEIGHING
    weighs_after_each_ink: bool
    research_only: bool  # never released, whatever the mode
    finishing: tuple[FinishingStep, ...]
    hazard_class: str
    handling: Handling
    room_class: str
    beyond_use_days: Decimal  # of the label: the first of `beyond_use`
    storage: str
    beyond_use: tuple[BeyondUse, ...]
    cleaning: Cleaning
    printer_classes: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    acceptance: Acceptance
    quality_plan: tuple[QualityTest, ...]
    evidence: tuple[Evidence, ...]
    digest: str  # of the file's content, and of its platform's where it has one
    design_space: DesignSpace | None = None
    platform: str = ""  # id/version of the parent
    further: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return every part in the order they are printed; one for most recipes."""
        first = Part(0, self.product, self.ink, self.nozzle, self.parameters, self.unit_range, self.limits)
        return (first, *self.further)

    def of_part(self, number: int) -> MasterRecipe:
        """Return one part, 1-based, as a recipe of its own: the calculation and the gate of a drug look at one drug."""
        if not self.further:
            return self
        part = self.parts[number - 1]
        return replace(
            self,
            product=part.product,
            ink=part.ink,
            nozzle=part.nozzle,
            parameters=part.parameters,
            unit_range=part.unit_range,
            limits=part.limits,
            further=(),
        )


def unit_volume_mm3(mass_mg: Decimal, ink: InkRequirement) -> float:
    """Return the volume that weighs `mass_mg`, for path planning only; units are released on mass."""
    return float(mass_mg / ink.density_mg_mm3)


def recipe_fits(master: MasterRecipe, lot: InkLot) -> tuple[Finding, ...]:
    """Return every objection to making this recipe from that lot."""
    findings = []
    if lot.ink_id != master.ink.ink_id:
        findings.append(
            error(
                "E_INK_WRONG",
                f"The recipe needs ink {master.ink.ink_id}, the lot is {lot.ink_id}.",
                "Scan a lot of the right ink.",
                "lot",
            )
        )
    if lot.form != master.ink.form:
        findings.append(
            error(
                "E_INK_FORM",
                f"The recipe is validated for {master.ink.form}, the lot holds {lot.form}.",
                "Use a lot of that form.",
                "lot",
            )
        )
    return tuple(findings)


def only_for_research(master: MasterRecipe, policy: Policy) -> tuple[Finding, ...]:
    """Return why a mode that releases may not print this recipe: not every drug of its units is weighed."""
    if not (master.research_only and policy.allows_release):
        return ()
    told = f"Recipe {master.id} is for research only, and {policy.mode} mode prints what can be released."
    return (error("E_RESEARCH_ONLY", told, "Use a recipe that weighs after each ink, or research mode.", "recipe"),)
