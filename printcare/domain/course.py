"""From one dose to a course: how many units, spares and cartridges, and in how many batches before they expire."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, comb

from printcare.domain.checks import Finding, error, warning
from printcare.domain.numbers import as_decimal, plain, shown
from printcare.errors import PrintcareError

# More spares than units means the process is not fit for the course, whatever the arithmetic says.
_MOST_SPARES_PER_UNIT = 2


@dataclass(frozen=True, slots=True)
class CartridgeUse:
    """What one filled cartridge gives up besides units, in g: device data of syringe, nozzle and recipe.

    `purge_g` is spent before every `purge_every_units`-th further unit; 0 units means never.
    """

    fill_g: Decimal
    dead_g: Decimal
    prime_g: Decimal
    purge_g: Decimal
    purge_every_units: int


@dataclass(frozen=True, slots=True)
class CartridgeYield:
    """Units out of one cartridge, cartridges for a course (None: not one unit comes out), ink left in a used-up one."""

    units_available: int
    units_needed: int
    cartridges_needed: int | None
    ink_left_g: Decimal


@dataclass(frozen=True, slots=True)
class BatchUnits:
    """What one batch of a course prints, unit by unit of purpose, for the days it covers."""

    days: int
    units_for_patient: int
    quality_units: int
    retain_units: int
    spare_units: int

    @property
    def units_total(self) -> int:
        """Return how many units the batch prints."""
        return self.units_for_patient + self.quality_units + self.retain_units + self.spare_units


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """What to print for one course: its batches, none of whose units is kept past its beyond-use date."""

    batches: tuple[BatchUnits, ...]

    @property
    def units_for_patient(self) -> int:
        """Return the units the patient takes."""
        return sum(batch.units_for_patient for batch in self.batches)

    @property
    def quality_units(self) -> int:
        """Return the units for quality control."""
        return sum(batch.quality_units for batch in self.batches)

    @property
    def retain_units(self) -> int:
        """Return the units that are kept as samples."""
        return sum(batch.retain_units for batch in self.batches)

    @property
    def spare_units(self) -> int:
        """Return the units printed because some will be rejected."""
        return sum(batch.spare_units for batch in self.batches)

    @property
    def units_total(self) -> int:
        """Return how many units the course prints."""
        return sum(batch.units_total for batch in self.batches)

    @property
    def days_per_batch(self) -> tuple[int, ...]:
        """Return the days each batch covers."""
        return tuple(batch.days for batch in self.batches)


def cartridge_yield(use: CartridgeUse, unit_wet_g: Decimal, units_wanted: int, quality_units: int) -> CartridgeYield:
    """Return what a cartridge yields; a unit counts only if it fits whole, with the purge before it.

    Raises PrintcareError for a unit without mass, of which there is no number.
    """
    if unit_wet_g <= 0:
        raise PrintcareError("UNIT_MASS_ZERO", f"A unit of {unit_wet_g} g was planned.", "Plan units with a mass.")
    used = Fraction(use.dead_g) + Fraction(use.prime_g)
    fill, wet = Fraction(use.fill_g), Fraction(unit_wet_g)
    units = 0
    while True:
        purges = units > 0 and use.purge_every_units > 0 and units % use.purge_every_units == 0
        after = used + (Fraction(use.purge_g) if purges else 0) + wet
        if after > fill:
            break
        used, units = after, units + 1
    needed = units_wanted + quality_units
    cartridges = ceil(Fraction(needed, units)) if units else None
    return CartridgeYield(units, needed, cartridges, as_decimal(fill - used))


def print_count(units_needed: int, good_share: Decimal, confidence: Decimal) -> int | Finding:
    """Return the smallest N with P(Binomial(N, good_share) ≥ units_needed) ≥ confidence, computed exactly."""
    good, sure = Fraction(good_share), Fraction(confidence)
    if units_needed < 1 or not 0 < good <= 1 or not 0 < sure < 1:
        told = f"{units_needed} units, {plain(good_share)} good, confidence {plain(confidence)}."
        remedy = "State at least 1 unit, a share above 0 and at most 1, a confidence between 0 and 1."
        return error("E_SPARES_RANGE", told, remedy, "course")
    for count in range(units_needed, units_needed * (1 + _MOST_SPARES_PER_UNIT) + 1):
        if probability_of_enough(count, units_needed, good_share) >= sure:
            return count
    told = f"{plain(good_share)} good units do not give {units_needed} with confidence {plain(confidence)}."
    return error("E_SPARES_RANGE", told, "Improve the process before printing this course.", "course")


def probability_of_enough(count: int, units_needed: int, good_share: Decimal) -> Fraction:
    """Return P(at least `units_needed` good of `count`), each good with the same share, independently."""
    good, every = Fraction(good_share).as_integer_ratio()
    bad = every - good
    too_few = sum(comb(count, k) * good**k * bad ** (count - k) for k in range(units_needed))
    return 1 - Fraction(too_few, every**count)


def plan_course(
    units_per_day: int,
    days: int,
    quality_units: int,
    beyond_use_days: int,
    good_share: Decimal,
    confidence: Decimal = Decimal("0.99"),
    retain_units: int = 0,
) -> CoursePlan | Finding:
    """Return the units to print and the batches they come in; no unit is planned past its beyond-use date.

    Quality-control and retain units are needed good as well, so spares cover them too; each batch has its own.
    """
    if units_per_day < 1 or days < 1 or quality_units < 0 or retain_units < 0:
        told = (
            f"{units_per_day} units a day for {days} days, {quality_units} for quality control, {retain_units} to keep."
        )
        return error("E_COURSE_RANGE", told, "State at least one unit a day for at least one day.", "course")
    days_per_batch = split_by_beyond_use(days, beyond_use_days)
    if isinstance(days_per_batch, Finding):
        return days_per_batch
    batches = []
    for batch_days in days_per_batch:
        for_patient = units_per_day * batch_days
        needed = for_patient + quality_units + retain_units
        counted = print_count(needed, good_share, confidence)
        if isinstance(counted, Finding):
            return counted
        batches.append(BatchUnits(batch_days, for_patient, quality_units, retain_units, counted - needed))
    return CoursePlan(tuple(batches))


def split_by_beyond_use(days: int, beyond_use_days: int) -> tuple[int, ...] | Finding:
    """Return the days each batch covers, none longer than its units keep; refused where they do not keep one day."""
    if beyond_use_days < 1:
        told = f"The units keep {beyond_use_days} days."
        return error("E_BEYOND_USE", told, "Use a product that keeps at least the day it is given.", "course")
    whole, rest = divmod(days, beyond_use_days)
    return (beyond_use_days,) * whole + ((rest,) if rest else ())


def lots_of_course(lot_ids: Collection[str]) -> tuple[Finding, ...]:
    """Return the warning that several lots go into one course: two assays, two target masses, a mark on each unit."""
    lots = sorted(set(lot_ids))
    if len(lots) < 2:
        return ()
    told = f"The course is made of the lots {', '.join(lots)}: each has its own assay and target mass."
    return (warning("W_SEVERAL_LOTS", told, "Use one lot, or record the lot of every unit.", "course"),)


def needs_cartridge(found: CartridgeYield, unit_wet_g: Decimal) -> Finding | None:
    """Return the refusal of a cartridge out of which not one unit comes, or None."""
    if found.units_available:
        return None
    told = (
        f"No unit of {shown(unit_wet_g)} g comes out of the cartridge; {shown(found.ink_left_g)} g are left for units."
    )
    return error("E_CARTRIDGE_TOO_SMALL", told, "Fill a larger cartridge.", "cartridge")
