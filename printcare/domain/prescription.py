"""What was ordered, for whom, as the message said it: numbers kept as received, nothing interpreted yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from printcare.domain.dose_case import DoseStep


@dataclass(frozen=True, slots=True)
class Measurement:
    """A body measurement; `value` is the text as received, so that 0.590 stays 0.590."""

    value: str
    unit: str
    measured_on: date | None


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """Who the medicine is for: personal data, kept apart from the events (records.md §8.10)."""

    identifier: str
    name: str
    birth_date: date
    sex: str | None  # F | M | None where it is not stated
    pseudonym: str


@dataclass(frozen=True, slots=True)
class OrderedBasis:
    """The dose per surface or weight the prescriber normalised to; `amount` in mg as received."""

    basis: str  # per_m2 | per_kg
    amount_mg: str
    per: str  # day | dose


@dataclass(frozen=True, slots=True)
class Reduction:
    """The prescriber's reduction of the dose in %, with the reason; never computed here (dosing.md §6)."""

    pct: str
    reason: str


@dataclass(frozen=True, slots=True)
class GivenBefore:
    """What the patient had of the drug before this order, as somebody states it: over course or lifetime."""

    over: str  # course | lifetime
    unit: str  # mg | mg/kg | mg/m2
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OrderedComponent:
    """One drug of a unit that holds several, with its own dose, basis and form."""

    product_code: str
    form: str
    indication: str
    ordered_dose_mg: Decimal | None
    basis: OrderedBasis | None


@dataclass(frozen=True, slots=True)
class Prescription:
    """One order of one product with one dose scheme.

    `ordered_dose_mg` is the amount per administration in mg when the prescriber wrote one, after any `reduction`: that
    is what is printed. `received_sha256` names the message kept unchanged. With `steps` the doses of a day are unequal
    or change in time, and `doses_per_day` is the most of a day; with `components` a unit holds several drugs.
    `previous_…` is what the message says of before; the record knows more. `prior_prescription` is the id of the order
    that this one replaces.
    """

    id: str
    source: str  # fhir | json | typed
    received_sha256: str
    patient: PatientIdentity
    product_code: str
    product_text: str
    form: str  # the chemical form the dose is expressed in, where the message says
    route: str
    indication: str
    prescriber: str
    authored_on: date
    ordered_dose_mg: Decimal | None
    basis: OrderedBasis | None
    doses_per_day: int
    duration_days: int
    weight: Measurement | None
    height: Measurement | None
    stated_bsa_m2: Decimal | None
    contraindicated_excipients: tuple[str, ...]
    notes: tuple[str, ...]
    allergies: tuple[str, ...] = ()  # substances by every name the message gives them
    gestational_weeks: str | None = None  # at birth; None where not stated
    reduction: Reduction | None = None
    previous_weight: Measurement | None = None
    previous_dose_mg: Decimal | None = None
    given_before: tuple[GivenBefore, ...] = ()
    steps: tuple[DoseStep, ...] = ()
    components: tuple[OrderedComponent, ...] = ()
    prior_prescription: str = ""


def age_years(birth_date: date, on: date) -> Decimal:
    """Return the age in years with three decimals, from calendar dates (interoperability.md §2)."""
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    last_birthday = _anniversary(birth_date, birth_date.year + years)
    next_birthday = _anniversary(birth_date, birth_date.year + years + 1)
    part = Decimal((on - last_birthday).days) / Decimal((next_birthday - last_birthday).days)
    return (Decimal(years) + part).quantize(Decimal("0.001"))


def _anniversary(birth_date: date, year: int) -> date:
    try:
        return birth_date.replace(year=year)
    except ValueError:  # 29 February outside leap years
        return date(year, 3, 1)
