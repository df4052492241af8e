"""One dose to be calculated, as it was typed or received: texts, units and choices, nothing interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Step(NamedTuple):
    """One step of a calculation before it has its number on the sheet."""

    what: str
    formula: str
    result: str
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value and its unit, both as written."""

    value: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class TimedDose:
    """One dose of the day: at `time_of_day` (HH:MM), so much on the order's basis."""

    time_of_day: str
    amount: Quantity


@dataclass(frozen=True, slots=True)
class DoseStep:
    """The doses of one day, the same for so many days; a taper is several steps."""

    days: int
    doses: tuple[TimedDose, ...]


@dataclass(frozen=True, slots=True)
class PatientEntry:
    """What the dose needs to know of the patient.

    `measured_days_ago` is the age of weight and height in days, None where no date is known. `gestational_weeks` is the
    gestational age at birth, None where unknown. Excipient names are normalised by whoever fills this in.
    """

    age_years: str | None
    sex: str | None
    measured_days_ago: str | None
    weight: Quantity | None
    height: Quantity | None
    contraindicated_excipients: tuple[str, ...] = ()
    gestational_weeks: str | None = None


@dataclass(frozen=True, slots=True)
class RoundingEntry:
    """How a dose is rounded; an absent deviation limit means unlimited, which only test data may say."""

    mode: str | None
    step_mg: str | None = None
    max_deviation_pct: str | None = None


@dataclass(frozen=True, slots=True)
class BsaEntry:
    """Which body-surface formula the dosing rule names, and how its result is rounded and capped."""

    formula: str | None
    round_dp: str | None = None
    cap_m2: str | None = None


@dataclass(frozen=True, slots=True)
class InfantRuleEntry:
    """mg/m² ÷ divisor × weight, below either stated limb; the divisor belongs to a named drug and protocol."""

    weight_lt_kg: str | None
    age_lt_years: str | None
    divisor: str | None


@dataclass(frozen=True, slots=True)
class WeightBand:
    """The amount per dose up to and including a weight; `max_kg` None is the open end."""

    max_kg: str | None
    amount: Quantity | None


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """The order and what its dosing rule adds to it."""

    form: str | None
    basis: str | None
    per: str | None
    doses_per_day: str | None
    rounding: RoundingEntry | None
    amount: Quantity | None = None
    reduction_pct: str | None = None
    max_single_mg: str | None = None
    max_daily_mg: str | None = None
    bsa: BsaEntry | None = None
    infant_rule: InfantRuleEntry | Literal["none"] | None = None
    bands: tuple[WeightBand, ...] | None = None


@dataclass(frozen=True, slots=True)
class InkEntry:
    """The ink lot: strength in mg of its form per g on its basis, assay, loss on drying and excipients."""

    strength_mg_per_g: str | None
    form: str | None
    assay_pct_of_label: str | None
    assay_limits_pct: tuple[str | None, str | None] | None
    lod_pct: str | None
    strength_basis: str | None
    excipients: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class RecipeEntry:
    """The validated range of one printed unit, and whether the recipe corrects for the assay (a signed choice)."""

    dose_per_unit_mg: tuple[str | None, str | None] | None
    unit_wet_mass_g: tuple[str | None, str | None] | None
    max_units_per_dose: str | None
    assay_correction: bool


@dataclass(frozen=True, slots=True)
class Override:
    """Two pharmacists let one order pass the limits for age, each with a reason, after weighing again."""

    first_id: str
    first_reason: str
    second_id: str
    second_reason: str
    remeasured_weight_kg: str


@dataclass(frozen=True, slots=True)
class DoseCase:
    """Everything one calculation stands on."""

    patient: PatientEntry
    order: OrderEntry
    ink: InkEntry
    recipe: RecipeEntry
    override: Override | None = None
