"""Master recipe, the approved process, and control recipe, that process for one batch (ISA-88)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from printcare.domain.checks import Finding, error

if TYPE_CHECKING:  # `gcode` and `check` read recipes and calculate no dose; loading that costs as much as they do
    from printcare.domain.formulation import Cartridge, InkLot
    from printcare.domain.verification import VerifiedDose


@dataclass(frozen=True, slots=True)
class Range:
    """One process parameter: target, normal operating range (NOR) and proven acceptable range (PAR), ICH Q8."""

    unit: str
    target: Decimal
    normal: tuple[Decimal, Decimal]
    proven: tuple[Decimal, Decimal]

    def is_normal(self, value: Decimal | float) -> bool:
        """Whether a value lies in the NOR, its ends included."""
        return self.normal[0] <= Decimal(str(value)) <= self.normal[1]

    def is_proven(self, value: Decimal | float) -> bool:
        """Whether a value lies in the PAR, its ends included."""
        return self.proven[0] <= Decimal(str(value)) <= self.proven[1]


@dataclass(frozen=True, slots=True)
class Product:
    """What is made, in the words of the label."""

    inn: str
    tall_man: str
    dosage_form: str
    route: str
    strength_form: str  # the chemical form the strength is expressed in
    give: str  # the instruction for giving the whole unit


@dataclass(frozen=True, slots=True)
class Nozzle:
    """The nozzle by what the physics sees, not by its gauge alone (process.md §0.5)."""

    part_number: str
    gauge: str
    bore_mm: Decimal
    length_mm: Decimal


@dataclass(frozen=True, slots=True)
class InkRequirement:
    """Which ink, and what of it the process relies on.

    `consistency_pa_sn`, `flow_index` and `yield_stress_pa` are K, n and τ0 at `reference_c` (process.md §1.1), from
    the ink's validation.
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
    water_activity: str  # aqueous-preserved | aqueous | non-aqueous


# Every kind of shape, with the proportions it needs and the paths that fill it.
SHAPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "cylinder": ((), ("spiral", "concentric", "rectilinear", "honeycomb", "gyroid")),
    "caplet": (("width_to_length",), ("concentric", "rectilinear", "honeycomb", "gyroid")),
    "oblong": (("width_to_length",), ("concentric", "rectilinear", "honeycomb", "gyroid")),
    "ring": (("hole_to_diameter",), ("concentric", "rectilinear")),
    "torus": (("hole_to_diameter",), ("concentric", "rectilinear")),
    "dome": ((), ("spiral", "concentric", "rectilinear")),
    "biconvex": (("band_to_height",), ("spiral", "concentric", "rectilinear")),
    "capsule": (("width_to_length",), ("concentric", "rectilinear")),
    "film": (("width_to_length",), ("concentric", "rectilinear")),
    "heart": ((), ("concentric", "rectilinear")),
    "star": ((), ("concentric", "rectilinear")),
    "fill": (("vessel",), ("spiral", "concentric", "rectilinear")),
}
LATTICES = frozenset({"honeycomb", "gyroid"})  # these need a cell


@dataclass(frozen=True, slots=True)
class Vessel:
    """What a fill goes into: a capsule body, a blister cavity, a mould or a vial, round inside."""

    name: str  # a shell's part number, or the vessel's own name
    inner_mm: Decimal
    depth_mm: Decimal
    fill_share: Decimal  # of the depth, at most


@dataclass(frozen=True, slots=True)
class Shape:
    """The dosage form's shape and the limits it keeps over the dose range."""

    kind: str  # of SHAPES
    path: str
    diameter_mm: tuple[Decimal, Decimal]  # of the circle that holds the form; a caplet's length, a film's diagonal
    height_mm: tuple[Decimal, Decimal]
    height_to_diameter: Decimal  # aimed at; whole layers decide
    bead_width_ratio: tuple[Decimal, Decimal]  # width over bore, process.md §8.2
    width_to_length: Decimal | None = None
    hole_to_diameter: Decimal | None = None
    band_to_height: Decimal | None = None
    cell_mm: Decimal | None = None  # of a lattice
    vessel: Vessel | None = None
    arrangement: str = "single"  # of ARRANGEMENTS; how the parts of a unit lie to one another


ARRANGEMENTS = ("single", "layers", "core-shell", "side-by-side")


@dataclass(frozen=True, slots=True)
class ProcessParameters:
    """Every parameter with unit, target, NOR and PAR."""

    cartridge_c: Range
    soak_min: Range
    print_speed_mm_s: Range
    layer_height_mm: Range
    prime_mm3: Range  # at most this much is spent until pressure stands at reference
    prime_pressure_fraction: Range  # of the predicted pressure, at which priming ends
    dwell_s: Range  # from the end of a unit to its weighing
    unit_multiplier: Range  # run-to-run correction of E


@dataclass(frozen=True, slots=True)
class UnitRange:
    """The validated range of one printed unit (dosing.md §10)."""

    dose_mg: tuple[Decimal, Decimal]
    wet_mass_g: tuple[Decimal, Decimal]
    max_units_per_dose: int


@dataclass(frozen=True, slots=True)
class InProcessLimits:
    """What stops the job or rejects a unit; the limits of locked mode come from here alone."""

    mass_pct: Decimal  # L of the unit gate
    u_assay_pct: Decimal
    u_homogeneity_pct: Decimal
    pressure_max_kpa: Decimal
    pressure_min_kpa: Decimal  # while extruding
    pressure_slope_kpa_s: Decimal  # of the residual, over its window
    pressure_window_pct: Decimal  # of the residual, over its window
    temperature_max_s: Decimal  # outside the PAR before the ink is discarded
    settle_max_s: Decimal
    rejects_consecutive: int
    rejects_total: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """How many units of a batch are not for the patient."""

    retain: int
    test: int
    spare: int


@dataclass(frozen=True, slots=True)
class QualityTest:
    """One test of the quality-control plan, or the justification for leaving it out."""

    name: str
    method: str
    limit: str
    omitted_because: str


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
    finishing: str
    hazard_class: str
    room_class: str
    beyond_use_days: Decimal
    storage: str
    printer_classes: tuple[str, ...]
    quality_plan: tuple[QualityTest, ...]
    evidence: tuple[str, ...]
    digest: str
    further: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return every part in the order they are printed; one for most recipes."""
        first = Part(0, self.product, self.ink, self.nozzle, self.parameters, self.unit_range, self.limits)
        return (first, *self.further)


@dataclass(frozen=True, slots=True)
class ControlRecipe:
    """Exactly what to make in this batch; built by `control_recipe` alone, from a verified dose."""

    master: MasterRecipe
    verified: VerifiedDose
    lot: InkLot
    dose_per_unit_mg: Decimal
    units_for_patient: int
    units_total: int
    strength_mg_per_g: Decimal  # effective, as printed
    target_mass_mg: Decimal
    target_volume_mm3: float
    dose_at_target_mg: Decimal


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


def control_recipe(master: MasterRecipe, verified: VerifiedDose, lot: InkLot, days: int) -> ControlRecipe:
    """Return exactly what to make for `days` days of a verified dose; the type of `verified` is the gate.

    Units for the patient = units per dose × doses a day × days; retain, test and spare units come on top.
    """
    units = verified.units
    for_patient = units.units_per_dose * verified.doses_per_day * days
    extra = master.allocation.retain + master.allocation.test + master.allocation.spare
    return ControlRecipe(
        master=master,
        verified=verified,
        lot=lot,
        dose_per_unit_mg=units.dose_per_unit_mg,
        units_for_patient=for_patient,
        units_total=for_patient + extra,
        strength_mg_per_g=verified.calculation.effective_strength_mg_per_g_wet,
        target_mass_mg=units.target_wet_mass_mg,
        target_volume_mm3=unit_volume_mm3(units.target_wet_mass_mg, master.ink),
        dose_at_target_mg=units.dose_at_target_mass_mg,
    )


def before_print(recipe: ControlRecipe, cartridge: Cartridge, printer_class: str, today: date) -> tuple[Finding, ...]:
    """Return every objection to this batch, each with reason and remedy (architecture.md §3)."""
    master, lot = recipe.master, recipe.lot
    mass_g = recipe.target_mass_mg * recipe.units_total / 1000
    prime_g = master.parameters.prime_mm3.target * master.ink.density_mg_mm3 / 1000
    findings = [
        *recipe_fits(master, lot),
        *lot.objections(today),
        *cartridge.objections(mass_g + prime_g, lot),
    ]
    if printer_class not in master.printer_classes:
        known = ", ".join(master.printer_classes)
        told = f"The recipe is qualified for {known}, the printer is {printer_class}."
        findings.append(error("E_PRINTER_CLASS", told, "Use a qualified printer.", "printer"))
    low, high = master.unit_range.dose_mg
    if not low <= recipe.dose_per_unit_mg <= high:
        told = f"{recipe.dose_per_unit_mg} mg per unit lies outside the validated {low} to {high} mg."
        findings.append(error("E_DOSE_OUT_OF_RANGE", told, "Use another recipe; nothing is extrapolated.", "dose"))
    return tuple(findings)
