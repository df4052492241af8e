"""The process half of a recipe file: ink, nozzle, parameters with their ranges, and the in-process limits."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from decimal import Decimal
from typing import Any  # the keyword arguments of a dataclass that has fields of other types too

from printcare.domain.finishing import LONGEST_DAYS
from printcare.domain.process import CORRECTIONS, DRIVES, NOZZLE_SHAPES, SOFT_SENSOR_USES, CauseShares, ForceLimits
from printcare.domain.recipe import (
    Correction,
    DesignSpace,
    Detectors,
    Filament,
    InkRequirement,
    InProcessLimits,
    Nozzle,
    NozzleCone,
    ProcessParameters,
    Range,
    SoftSensor,
    UnitRange,
)
from printcare.errors import PrintcareError
from printcare.formats.tables import Table

ZERO = Decimal(0)
CONE_MOST_DEG = Decimal(30)  # of half-angle (process.md §1.2)
UNITS = {
    "cartridge_c": "degC",
    "nozzle_c": "degC",
    "bed_c": "degC",
    "soak_min": "min",
    "print_speed_mm_s": "mm/s",
    "layer_height_mm": "mm",
    "flow_mm3_s": "mm3/s",
    "prime_mm3": "mm3",
    "prime_pressure_fraction": "1",
    "set_pressure_kpa": "kPa",
    "dwell_s": "s",
    "retraction_mm3": "mm3",
    "unit_multiplier": "1",
}
EVERY_DRIVE = (
    "soak_min",
    "print_speed_mm_s",
    "layer_height_mm",
    "flow_mm3_s",
    "prime_mm3",
    "dwell_s",
    "unit_multiplier",
)
# By drive: what it needs beside, and what it may have. A filament has no cartridge, compressed air stores no stroke.
BY_DRIVE = {
    "syringe": (("cartridge_c", "prime_pressure_fraction", "retraction_mm3"), ("nozzle_c", "bed_c")),
    "pneumatic": (("cartridge_c", "prime_pressure_fraction", "set_pressure_kpa"), ("nozzle_c", "bed_c")),
    "filament": (("nozzle_c", "retraction_mm3"), ("bed_c",)),
}
# Of the detectors: one that stands at the whole would never be reached, and what waits for it would never judge.
SHARES = (
    *("unit_ewma_lambda", "unit_rho", "prime_alpha", "prime_beta", "adapt"),
    *("window_filled_pct", "fed_least_pct", "prime_begun_pct", "prime_through_pct"),
)
NOTHING_ASKED = Range("1", ZERO, (ZERO, ZERO), (ZERO, ZERO))  # of the prime's pressure, where none is felt


def read_ink(table: Table) -> InkRequirement:
    """Return what the recipe asks of its ink; rheology for a drive with a pressure, melt figures for a filament."""
    drive = table.one_of("drive", DRIVES)
    filament = _filament(table.table("filament")) if drive == "filament" else None
    flows = filament is None
    ink = InkRequirement(
        ink_id=table.text("id"),
        form=table.text("form"),
        nominal_strength_mg_per_g=table.decimal("nominal_strength_mg_per_g", above=ZERO),
        strength_basis=table.one_of("strength_basis", ("as_printed", "dried")),
        density_mg_mm3=table.decimal("density_mg_mm3", above=ZERO),
        corrects_assay=table.boolean("corrects_assay"),
        consistency_pa_sn=table.decimal("consistency_pa_sn", above=ZERO) if flows else ZERO,
        flow_index=table.decimal("flow_index", above=ZERO) if flows else Decimal(1),
        yield_stress_pa=table.decimal("yield_stress_pa") if flows else ZERO,
        reference_c=table.decimal("reference_c") if flows else ZERO,
        activation_kj_mol=table.decimal("activation_kj_mol") if flows else ZERO,
        degrades_above_c=table.decimal("degrades_above_c"),
        water_activity=table.one_of("water_activity", tuple(LONGEST_DAYS)),
        drive=drive,
        filament=filament,
    )
    table.close()
    return ink


def _filament(table: Table) -> Filament:
    filament = Filament(
        diameter_mm=table.interval("diameter_mm"),
        melts_above_c=table.decimal("melts_above_c"),
        flow_max_mm3_s=table.decimal("flow_max_mm3_s", above=ZERO),
        moisture_max_pct=table.decimal("moisture_max_pct"),
    )
    table.close()
    return filament


def read_nozzle(table: Table) -> Nozzle:
    """Return the nozzle; only a needle has a gauge."""
    nozzle = Nozzle(
        part_number=table.text("part_number"),
        gauge=table.text("gauge", default=""),
        bore_mm=table.decimal("bore_mm", above=ZERO),
        length_mm=table.decimal("length_mm", above=ZERO),
        shape=table.one_of("shape", NOZZLE_SHAPES),
        cone=_cone(table.table("cone")) if table.has("cone") else None,
    )
    table.close()
    return nozzle


def _cone(table: Table) -> NozzleCone:
    cone = NozzleCone(table.decimal("wide_mm", above=ZERO), table.decimal("half_angle_deg", above=ZERO))
    if cone.half_angle_deg > CONE_MOST_DEG:
        told = f"is {cone.half_angle_deg}"
        table.object("half_angle_deg", "F_KEY_RANGE", told, f"Use at most {CONE_MOST_DEG}; beyond it the theory ends.")
    table.close()
    return cone


def read_parameters(table: Table, drive: str, attributes: tuple[str, ...]) -> ProcessParameters:
    """Return every parameter the drive has; `attributes` are the ids a critical one may name."""
    needed, allowed = BY_DRIVE.get(drive, BY_DRIVE["syringe"])
    names = (*EVERY_DRIVE, *needed, *(name for name in allowed if table.has(name)))
    read = {name: _range(table.table(name), UNITS[name], attributes) for name in names}
    table.close()
    if drive == "filament":  # the nozzle is what its one heater holds
        read |= {"cartridge_c": read["nozzle_c"], "prime_pressure_fraction": NOTHING_ASKED}
    return ProcessParameters(**read)


def _range(table: Table, unit: str, attributes: tuple[str, ...]) -> Range:
    """Return a parameter's ranges in the recipe's own unit; another unit of the same dimension is converted."""
    stated = table.text("unit")
    values: tuple[Decimal, ...] = (
        table.decimal("target"),
        *table.interval("normal"),
        *table.interval("proven"),
        *table.interval("studied"),
    )
    is_critical = table.boolean("critical")
    affects = table.texts("affects") if table.has("affects") else ()
    risk = table.text("risk", default="")
    table.close()
    if stated and stated != unit:
        values = _converted(values, stated, unit, table)
    target, normal, proven, studied = values[0], values[1:3], values[3:5], values[5:7]
    if not normal[0] <= target <= normal[1]:
        table.object("target", "F_RANGE_NOR", f"{target} lies outside the NOR", "Put the target inside the NOR.")
    if not (proven[0] <= normal[0] and normal[1] <= proven[1]):
        table.object("normal", "F_RANGE_PAR", "reaches outside the PAR", "Narrow the NOR or prove a wider range.")
    if not (studied[0] <= proven[0] and proven[1] <= studied[1]):
        remedy = "Narrow the PAR; nothing outside what was studied is proven."
        table.object("proven", "F_RANGE_STUDIED", "reaches outside the studied range", remedy)
    unknown = [name for name in affects if name not in attributes]
    if unknown or (is_critical and not (affects and risk)):
        what = f"names {', '.join(unknown)}" if unknown else "is critical and names no attribute or no risk"
        remedy = "Name at least one id of [[attribute]] and the risk's number (ICH Q8, Q9)."
        table.object("affects", "F_CPP_UNTIED", what, remedy)
    return Range(
        unit,
        target,
        (normal[0], normal[1]),
        (proven[0], proven[1]),
        (studied[0], studied[1]),
        is_critical,
        affects,
        risk,
    )


def _converted(values: tuple[Decimal, ...], stated: str, unit: str, table: Table) -> tuple[Decimal, ...]:
    from printcare.units import convert  # pint is slow to load, and the shipped recipes state the units we reckon in

    try:
        return tuple(convert(value, stated, unit) for value in values)
    except PrintcareError as fault:
        table.object("unit", "F_UNIT", f"is {stated!r}: {fault.message}", f"Use {unit}, or another unit of that kind.")
        return values


def read_unit_range(table: Table) -> UnitRange:
    """Return the validated range of one unit."""
    limits = UnitRange(
        dose_mg=table.interval("dose_mg"),
        wet_mass_g=table.interval("wet_mass_g"),
        max_units_per_dose=table.integer("max_units_per_dose", least=1),
    )
    for key, low in (("dose_mg", limits.dose_mg[0]), ("wet_mass_g", limits.wet_mass_g[0])):
        if low <= 0:
            table.object(key, "F_KEY_RANGE", f"begins at {low}", "Use a number above 0.")
    table.close()
    return limits


def read_limits(table: Table, drive: str) -> InProcessLimits:
    """Return what stops the job; pressure and detectors only for a drive that shows a pressure."""
    presses = drive != "filament"
    limits = InProcessLimits(
        mass_pct=table.decimal("mass_pct", above=ZERO),
        u_assay_pct=table.decimal("u_assay_pct"),
        u_homogeneity_pct=table.decimal("u_homogeneity_pct"),
        pressure_max_kpa=table.decimal("pressure_max_kpa", above=ZERO) if presses else ZERO,
        pressure_min_kpa=table.decimal("pressure_min_kpa") if presses else ZERO,
        pressure_slope_kpa_s=table.decimal("pressure_slope_kpa_s", above=ZERO) if presses else ZERO,
        pressure_window_pct=table.decimal("pressure_window_pct", above=ZERO) if presses else ZERO,
        temperature_max_s=table.decimal("temperature_max_s", above=ZERO),
        settle_max_s=table.decimal("settle_max_s", above=ZERO),
        rejects_consecutive=table.integer("rejects_consecutive", least=1),
        rejects_total=table.integer("rejects_total", least=1),
        evaporation_mg_min=table.decimal("evaporation_mg_min"),
        restarts_max=table.integer("restarts_max") if presses and table.has("restarts_max") else 0,
        correction=_correction(table.table("correction")),
        soft_sensor=_soft_sensor(table.table("soft_sensor")),
        detectors=_detectors(table.table("detectors")) if presses else None,
        force=_force(table.table("force")) if not presses and table.has("force") else None,
    )
    if presses and limits.pressure_min_kpa >= limits.pressure_max_kpa:
        remedy = "Correct one of the two."
        table.object("pressure_min_kpa", "F_RANGE_ORDER", "is not below pressure_max_kpa", remedy)
    table.close()
    return limits


def _force(table: Table) -> ForceLimits:
    force = ForceLimits(**_positive(table, ForceLimits))
    if force.min_n >= force.max_n:
        table.object("min_n", "F_RANGE_ORDER", "is not below max_n", "Correct one of the two.")
    for name in ("window_filled_pct", "fed_least_pct"):
        _below_all(table, name, getattr(force, name), 100)
    table.close()
    return force


def _correction(table: Table) -> Correction:
    correction = Correction(
        table.boolean("on"), table.one_of("method", CORRECTIONS), table.decimal("ewma_lambda", above=ZERO)
    )
    if correction.ewma_lambda > 1:
        table.object("ewma_lambda", "F_KEY_RANGE", f"is {correction.ewma_lambda}", "Use a number above 0, at most 1.")
    table.close()
    return correction


def _soft_sensor(table: Table) -> SoftSensor:
    sensor = SoftSensor(table.one_of("use", SOFT_SENSOR_USES), table.text("evidence", default=""))
    if sensor.use != "none" and not sensor.evidence:
        remedy = "Name the validation record in [[evidence]], or use none."
        table.object("evidence", "F_SOFT_SENSOR", "is empty; what is not validated decides nothing", remedy)
    table.close()
    return sensor


def _detectors(table: Table) -> Detectors:
    positive = _positive(table, Detectors, but=("prime_flows_mm3_s", "prime_points", "cause"))
    for name in SHARES:
        _below_all(table, name, positive.get(name, ZERO), 100 if name.endswith("_pct") else 1)
    detectors = Detectors(**positive, prime_flows_mm3_s=_two_flows(table))
    if table.has("prime_points"):
        detectors = replace(detectors, prime_points=table.integer("prime_points", least=1))
    if table.has("cause"):
        shares = table.table("cause")
        detectors = replace(detectors, cause=CauseShares(**_positive(shares, CauseShares)))
        shares.close()
    table.close()
    return detectors


def _below_all(table: Table, name: str, value: Decimal, most: int) -> None:
    if value >= most:
        table.object(name, "F_KEY_RANGE", f"is {value}", f"Use a number above 0 and below {most}.")


def _positive(table: Table, of: type, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the numbers above 0 that a table states for a dataclass; one that has a default may be left out."""
    return {
        field.name: table.decimal(field.name, above=ZERO)
        for field in fields(of)
        if field.name not in but and (field.default is MISSING or table.has(field.name))
    }


def _two_flows(table: Table) -> tuple[Decimal, Decimal]:
    slow, fast = table.interval("prime_flows_mm3_s")
    if not ZERO < slow < fast:
        remedy = "State two different flows above 0; one tells the nozzle from the ink only beside another."
        table.object("prime_flows_mm3_s", "F_KEY_RANGE", f"is [{slow}, {fast}]", remedy)
    return slow, fast


def read_design_space(table: Table) -> DesignSpace:
    """Return the region in which several parameters may stand at their edge at once."""
    space = DesignSpace(table.text("model"), table.texts("covers"), table.text("evidence"))
    for name in space.covers:
        if name not in UNITS:
            table.object("covers", "F_KEY_CHOICE", f"names {name!r}", f"Use names of parameters: {', '.join(UNITS)}.")
    table.close()
    return space
