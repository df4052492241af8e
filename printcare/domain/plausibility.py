"""Whether age, weight and height can be true: absolute limits, limits for age, and how old the measurement is.

All limits are placeholders for a site's policy, derived from the CDC 2000 growth reference (dosing reference 4); they
do not catch pounds typed as kilograms between 6 and 16 years, which the previous weight and the second entry do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from printcare.domain.checks import Finding, error, warning
from printcare.domain.dose_case import Override, PatientEntry, Quantity, Step
from printcare.domain.numbers import HEIGHT_UNITS_CM, WEIGHT_UNITS_KG, read_number, read_quantity, shown

# Age in years, then weight kg, height cm and BMI kg/m², each: hard low, soft low, soft high, hard high.
_TABLE = """
0     0.4  1.6   5.0   7.4   37  42  58  60   7.5 10.0 24.0 30.0
0.25  2.2  3.5   8.5  12.5   47  52  69  72   7.5 10.0 24.0 30.0
0.5   3.3  4.9  11.0  16.2   52  57  76  79   7.5 10.0 24.0 30.0
0.75  4.2  5.9  12.9  18.8   56  61  81  84   7.5 10.0 24.0 30.0
1     5.0  6.8  14.2  20.7   59  65  85  88   7.5 10.0 24.0 30.0
1.5   6.0  8.0  16.0  23.3   64  71  92  95   7.5 10.0 24.0 30.0
2     6.6  8.8  17.4  25.2   68  75  97 100  11.6 12.8 21.9 30.8
3     7.2  9.9  20.4  31.2   75  82 107 111  11.7 12.7 20.7 28.9
4     7.7 10.9  24.5  39.1   80  88 115 119  11.6 12.5 20.7 29.8
5     8.4 12.2  29.2  47.9   85  94 123 128  11.4 12.3 21.5 32.1
6     9.0 13.5  34.3  57.7   90 100 131 137  11.1 12.1 22.8 35.4
7     9.4 14.7  40.0  68.6   95 106 139 145  10.8 12.0 24.4 39.2
8     9.5 16.0  46.6  81.5  100 111 146 152  10.5 11.9 26.1 43.4
9     9.4 17.2  54.3  96.4  103 115 153 159  10.4 11.9 28.0 47.5
10    9.3 18.8  62.9 113.0  106 119 159 166  10.3 12.0 29.9 51.5
11    9.7 20.7  72.1 130.3  108 122 166 173  10.4 12.2 31.6 55.3
12   10.9 23.0  81.1 146.9  113 127 173 180  10.6 12.4 33.3 58.7
13   12.1 25.5  89.3 161.7  117 133 180 188  10.8 12.8 34.9 61.8
14   14.0 28.8  96.0 173.8  122 139 187 195  11.2 13.2 36.3 64.6
15   17.1 32.4 101.3 183.3  128 142 192 200  11.6 13.7 37.6 67.1
16   20.8 34.9 106.4 190.4  130 143 195 202  12.0 14.1 38.9 69.6
17   24.2 36.6 112.2 195.1  131 143 196 204  12.4 14.5 40.2 72.3
18   24.9 37.4 116.4 198.4  131 144 197 204  12.7 14.8 41.5 75.3
19   24.6 37.7 118.4 200.4  131 144 198 205  12.8 15.0 43.1 79.0
20   25   35   160   300    100 140 205 230  10.0 15.0 45.0 80.0
"""
GROWTH_LIMITS = tuple(tuple(Fraction(cell) for cell in line.split()) for line in _TABLE.strip().splitlines())
_ADULT_FROM_YEARS = 20
_CORRECTED_UNTIL_YEARS = 2
_TERM_WEEKS, _FULL_TERM_WEEKS, _WEEKS_PER_YEAR = 37, 40, Fraction("52.18")

# Below this age in years: days above which a measurement is flagged, and above which it is refused.
FRESHNESS_DAYS = ((1, 7, 14), (2, 7, 30), (12, 30, 90), (18, 90, 90), (121, 90, 365))


@dataclass(frozen=True, slots=True)
class Age:
    """Years since birth, and the age the growth limits are read at: corrected for birth before 37 weeks."""

    years: Fraction
    for_growth_years: Fraction
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """Weight in kg and height in cm; None where the order does not need them and none was given."""

    weight_kg: Fraction | None
    height_cm: Fraction | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Range4:
    """Hard and soft limits of one measure at one age, all inclusive."""

    hard_low: Fraction
    soft_low: Fraction
    soft_high: Fraction
    hard_high: Fraction

    def __str__(self) -> str:
        low, soft_low, soft_high, high = map(shown, (self.hard_low, self.soft_low, self.soft_high, self.hard_high))
        return f"possible {low} to {high}, usual {soft_low} to {soft_high}"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured quantity that has limits for age: where its columns begin and what its objections are called."""

    name: str
    unit: str
    column: int
    hard_code: str
    soft_code: str


_WEIGHT = Measure("weight", "kg", 1, "E_WEIGHT_FOR_AGE", "W_GROWTH_CONFIRM_WEIGHT")
_HEIGHT = Measure("height", "cm", 5, "E_HEIGHT_FOR_AGE", "W_GROWTH_CONFIRM_HEIGHT")
_BMI = Measure("body mass index", "kg/m²", 9, "E_BMI_IMPLAUSIBLE", "W_GROWTH_CONFIRM_BMI")


def read_age(patient: PatientEntry) -> Age | Finding:
    """Return the age in years (0 to 120 inclusive), with the corrected one for a child born before 37 weeks."""
    years = read_number(patient.age_years, "patient.age_years")
    if isinstance(years, Finding):
        return years
    if not 0 <= years <= 120:
        return error(
            "E_AGE_RANGE",
            f"The age is {shown(years)} years; expected 0 to 120.",
            "Check the birth date and the date of measurement.",
            "patient.age_years",
        )
    step = Step("age", f"{patient.age_years} years since birth", shown(years), "years", "birth date")
    if patient.gestational_weeks is None:
        return Age(years, years, (step,))
    weeks = read_number(patient.gestational_weeks, "patient.gestational_weeks")
    if isinstance(weeks, Finding):
        return weeks
    if not 20 <= weeks <= 45:
        return error(
            "E_GESTATION_RANGE",
            f"The gestational age at birth is {shown(weeks)} weeks; expected 20 to 45.",
            "Check it against the birth record, or leave it out if unknown.",
            "patient.gestational_weeks",
        )
    if weeks >= _TERM_WEEKS or years >= _CORRECTED_UNTIL_YEARS:
        return Age(years, years, (step,))
    corrected = max(Fraction(0), years - (_FULL_TERM_WEEKS - weeks) / _WEEKS_PER_YEAR)
    formula = f"{shown(years)} − (40 − {shown(weeks)}) ÷ 52.18, not below 0"
    correction = Step("corrected age for growth limits", formula, shown(corrected), "years", "born before 37 weeks")
    return Age(years, corrected, (step, correction))


def read_body(patient: PatientEntry, *, needs_weight: bool, needs_height: bool) -> Body | Finding:
    """Return weight and height in kg and cm; given ones are read even where the order does not need them."""
    weight_kg = _measured(patient.weight, WEIGHT_UNITS_KG, "patient.weight", needed=needs_weight)
    if isinstance(weight_kg, Finding):
        return weight_kg
    height_cm = _measured(patient.height, HEIGHT_UNITS_CM, "patient.height", needed=needs_height)
    if isinstance(height_cm, Finding):
        return height_cm
    weight_step = _measured_step("weight", patient.weight, weight_kg, "kg", WEIGHT_UNITS_KG)
    return Body(
        weight_kg, height_cm, weight_step + _measured_step("height", patient.height, height_cm, "cm", HEIGHT_UNITS_CM)
    )


def unit_suspicion(body: Body) -> Finding | None:
    """Return the objection to a weight or height no human has; weight is tested first."""
    if body.weight_kg is not None and not Fraction("0.15") <= body.weight_kg <= 500:
        return error(
            "E_WEIGHT_UNIT_SUSPECT",
            f"The weight reads as {shown(body.weight_kg)} kg; expected 0.15 to 500 kg.",
            "Check the unit: grams or pounds may have been typed as kilograms.",
            "patient.weight",
        )
    if body.height_cm is not None and not 20 <= body.height_cm <= 300:
        return error(
            "E_HEIGHT_UNIT_SUSPECT",
            f"The height reads as {shown(body.height_cm)} cm; expected 20 to 300 cm.",
            "Check the unit: metres may have been typed as centimetres, or weight and height swapped.",
            "patient.height",
        )
    return None


def staleness(measured_days_ago: str | None, age_years: Fraction) -> Finding | None:
    """Return the objection to a measurement too old for this age: E_ refuses, W_ is acknowledged with a reason."""
    where = "patient.measured_days_ago"
    days = read_number(measured_days_ago, where)
    if isinstance(days, Finding):
        return days
    if days < 0:
        return error(
            "E_MEASUREMENT_FUTURE",
            f"The measurement is dated {shown(-days)} days in the future.",
            "Correct the date of measurement.",
            where,
        )
    flag_above, refuse_above = next((flag, refuse) for below, flag, refuse in FRESHNESS_DAYS if age_years < below)
    if days > refuse_above:
        return error(
            "E_MEASUREMENT_STALE",
            f"The weight is {shown(days)} days old; at this age at most {refuse_above} days are allowed.",
            "Measure weight and height again.",
            where,
        )
    if days > flag_above:
        return warning(
            "W_MEASUREMENT_OLD",
            f"The weight is {shown(days)} days old; at this age it should be at most {flag_above}.",
            "Measure again, or acknowledge with a reason.",
            where,
        )
    return None


def limits_for_age(age_years: Fraction, column: int) -> Range4:
    """Return the four limits whose columns begin at `column`, interpolated in age between the rows of the table."""
    if age_years >= _ADULT_FROM_YEARS:
        return Range4(*GROWTH_LIMITS[-1][column : column + 4])
    children = GROWTH_LIMITS[:-1]
    below = next(row for row in reversed(children) if row[0] <= age_years)
    above = next((row for row in children if row[0] > age_years), below)
    share = Fraction(0) if above is below else (age_years - below[0]) / (above[0] - below[0])
    return Range4(*(below[i] + share * (above[i] - below[i]) for i in range(column, column + 4)))


def body_mass_index(body: Body) -> Fraction | None:
    """Return kg/m² where both are known."""
    if body.weight_kg is None or body.height_cm is None:
        return None
    return body.weight_kg / (body.height_cm / 100) ** 2


def growth_findings(body: Body, age: Age) -> tuple[tuple[Finding, ...], tuple[Step, ...]]:
    """Return all objections of the limits for age, hard ones as errors and soft ones as warnings, and their steps."""
    measured = (_WEIGHT, body.weight_kg), (_HEIGHT, body.height_cm), (_BMI, body_mass_index(body))
    findings: list[Finding] = []
    steps: list[Step] = []
    for measure, value in measured:
        if value is None:
            continue
        limits = limits_for_age(age.for_growth_years, measure.column)
        formula = f"{_written(measure, body)}; {limits}"
        steps.append(Step(f"{measure.name} for age", formula, shown(value), measure.unit, "growth limits of the site"))
        findings.extend(_outside(measure, value, limits))
    return tuple(findings), tuple(steps)


def override_objection(override: Override, body: Body) -> Finding | None:
    """Return why two pharmacists' override of the limits for age does not count, or None.

    It never covers the absolute limits; it needs two people, two reasons and the weight measured again.
    """
    again = read_number(override.remeasured_weight_kg, "override.remeasured_weight_kg")
    if isinstance(again, Finding):
        return again
    signed = bool(override.first_id.strip() and override.second_id.strip()) and override.first_id != override.second_id
    reasoned = bool(override.first_reason.strip() and override.second_reason.strip())
    if signed and reasoned and again == body.weight_kg:
        return None
    return error(
        "E_OVERRIDE_INCOMPLETE",
        "The limits for age were to be passed without two different pharmacists, a reason from each, "
        "and a repeated weight equal to the one calculated with.",
        "Weigh again, enter that weight, and let two pharmacists each give a reason.",
        "override",
    )


def overridden(findings: tuple[Finding, ...], override: Override) -> tuple[Finding, ...]:
    """Return the findings with those for age turned into warnings that name who let them pass and why."""
    by = f"{override.first_id} ({override.first_reason}) and {override.second_id} ({override.second_reason})"
    return tuple(
        warning(
            "W_LIMIT_OVERRIDDEN", f"{finding.reason} Let pass by {by}.", "Acknowledge with a reason.", finding.where
        )
        if finding.blocks
        else finding
        for finding in findings
    )


def _written(measure: Measure, body: Body) -> str:
    if measure is _BMI:
        return f"{shown(body.weight_kg or 0)} ÷ ({shown(body.height_cm or 0)} ÷ 100)²"
    return f"{measure.name} at this age"


def _outside(measure: Measure, value: Fraction, limits: Range4) -> list[Finding]:
    where = "patient" if measure is _BMI else f"patient.{measure.name}"
    told = f"The {measure.name} is {shown(value)} {measure.unit}; for this age {limits}."
    if not limits.hard_low <= value <= limits.hard_high:
        return [error(measure.hard_code, told, "Check units, weigh and measure again, check the birth date.", where)]
    if not limits.soft_low <= value <= limits.soft_high:
        return [warning(measure.soft_code, told, "Confirm with a reason and a second person.", where)]
    return []


def _measured(
    quantity: Quantity | None, units: Mapping[str, Fraction], field: str, *, needed: bool
) -> Fraction | Finding | None:
    if quantity is None:
        return read_number(None, field) if needed else None
    return read_quantity(quantity.value, quantity.unit, units, field)


def _measured_step(
    name: str, quantity: Quantity | None, base: Fraction | None, base_unit: str, units: Mapping[str, Fraction]
) -> tuple[Step, ...]:
    if quantity is None or quantity.unit is None or base is None:
        return ()
    factor = units[quantity.unit]
    formula = f"{quantity.value} {quantity.unit}" + (f" × {shown(factor)}" if factor != 1 else "")
    return (Step(name, formula, shown(base), base_unit, "as measured"),)
