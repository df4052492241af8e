"""A dose brought to what can be made: step modes, dose bands as data, the cap kept, the tolerance held."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from printcare.domain.checks import Finding, error, warning
from printcare.domain.dose_case import RoundingEntry, Step
from printcare.domain.numbers import read_number, read_positive, shown

_HALF = Fraction(1, 2)
# Which multiple of the step, from dose ÷ step.
STEP_MODES: Mapping[str, tuple[str, Callable[[Fraction], int]]] = {
    "nearest_half_up": ("to the nearest step, a tie up", lambda steps: floor(steps + _HALF)),
    "nearest_half_even": ("to the nearest step, a tie to the even multiple", round),
    "down": ("down to a step", floor),
    "up": ("up to a step", ceil),
}


@dataclass(frozen=True, slots=True)
class BandTable:
    """Dose bands in mg, ascending, with the stored edge from which (≥) each band but the first applies.

    Edges are data: the rule that made a published table does not reproduce each of its edges.
    """

    name: str
    source: str
    bands_mg: tuple[Fraction, ...]
    from_mg: tuple[Fraction, ...]

    def band_for(self, dose_mg: Fraction) -> Fraction:
        """Return the band of a dose; an exact edge goes up, beyond the table its first or last band."""
        return self.bands_mg[bisect_right(self.from_mg, dose_mg)]

    def highest_within(self, limit_mg: Fraction) -> Fraction:
        """Return the highest band not above a limit, 0 where there is none."""
        fitting = bisect_right(self.bands_mg, limit_mg)
        return self.bands_mg[fitting - 1] if fitting else Fraction(0)


def _numbers(text: str) -> tuple[Fraction, ...]:
    return tuple(Fraction(word) for word in text.split())


BAND_TABLES: Mapping[str, BandTable] = {
    "band_5_40": BandTable(
        "band_5_40",
        "pattern of the NHS England dose banding tables; from 18 mg an extension (verify before clinical use)",
        _numbers("4.8 5.4 6 6.6 7.4 8.2 9 10 11 12 13 14 15 16 18 20 22 24 26 28 30 32 34 36 40 44"),
        _numbers(
            "5.09 5.69 6.29 6.99 7.79 8.59 9.49 10.49 11.49 12.49 13.49 14.49 "
            "15.49 16.97 18.97 20.98 22.98 24.98 26.98 28.98 30.98 32.98 34.99 37.95 41.95"
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """A rounding rule read from its texts: a mode, its step in mg where it has one, the tolerance in %."""

    mode: str
    step_mg: Fraction
    max_deviation_pct: Fraction | None


@dataclass(frozen=True, slots=True)
class RoundedDose:
    """The dose to be made in mg, and how far it stands from the dose before rounding in %."""

    dose_mg: Fraction
    deviation_pct: Fraction
    flags: tuple[Finding, ...]
    steps: tuple[Step, ...]


def read_rounding(entry: RoundingEntry | None) -> Rounding | Finding:
    """Return the rule, or what it lacks; a step mode needs a step, an unknown mode is refused."""
    if entry is None or entry.mode is None:
        return error("E_MISSING", "No rounding mode is stated.", "State how the dose is rounded.", "order.rounding")
    if entry.mode != "none" and entry.mode not in STEP_MODES and entry.mode not in BAND_TABLES:
        known = ", ".join(["none", *STEP_MODES, *BAND_TABLES])
        told = f"The rounding mode “{entry.mode}” is not known."
        return error("E_ROUNDING_MODE", told, f"Use one of {known}.", "order.rounding.mode")
    tolerance = _tolerance(entry.max_deviation_pct)
    if isinstance(tolerance, Finding):
        return tolerance
    if entry.mode not in STEP_MODES:
        return Rounding(entry.mode, Fraction(0), tolerance)
    step_mg = read_positive(entry.step_mg, "order.rounding.step_mg")
    if isinstance(step_mg, Finding):
        return step_mg
    return Rounding(entry.mode, step_mg, tolerance)


def round_dose(dose_mg: Fraction, rule: Rounding, limit_mg: Fraction | None) -> RoundedDose | Finding:
    """Return the dose rounded, brought back under `limit_mg` where rounding passed it, and within the tolerance.

    Equality with the tolerance passes; the reference is the dose after caps and reduction, `dose_mg`.
    """
    if rule.mode == "none":
        step = Step("dose to make", f"{shown(dose_mg)}, not rounded", shown(dose_mg), "mg", "dosing rule: rounding")
        return RoundedDose(dose_mg, Fraction(0), (), (step,))
    nearest = _nearest(dose_mg, rule)
    flags = list(_banded(nearest, rule))
    rounded = nearest
    steps = [_rounding_step(dose_mg, nearest, rule)]
    if limit_mg is not None and nearest > limit_mg:
        rounded = _within(limit_mg, rule)
        told = (
            f"Rounding gave {shown(nearest)} mg, above the limit of {shown(limit_mg)} mg; {shown(rounded)} mg is used."
        )
        flags.append(warning("W_ROUNDED_DOWN_TO_CAP", told, "Check the limit of the dosing rule.", "order.rounding"))
        formula = f"largest amount that can be made up to {shown(limit_mg)}"
        steps.append(Step("rounded dose within the limit", formula, shown(rounded), "mg", "dosing rule: caps"))
    deviation_pct = (rounded / dose_mg - 1) * 100
    if rounded <= 0 or (rule.max_deviation_pct is not None and abs(deviation_pct) > rule.max_deviation_pct):
        return _out_of_tolerance(dose_mg, rounded, deviation_pct, rule)
    allowed = "no limit" if rule.max_deviation_pct is None else f"at most ±{shown(rule.max_deviation_pct)} %"
    formula = f"({shown(rounded)} ÷ {shown(dose_mg)} − 1) × 100; {allowed}"
    steps.append(Step("deviation by rounding", formula, shown(deviation_pct, 12), "%", "dosing rule: tolerance"))
    return RoundedDose(rounded, deviation_pct, tuple(flags), tuple(steps))


def _tolerance(max_deviation_pct: str | None) -> Fraction | Finding | None:
    where = "order.rounding.max_deviation_pct"
    if max_deviation_pct is None:
        return None
    tolerance = read_number(max_deviation_pct, where)
    if isinstance(tolerance, Finding) or tolerance >= 0:
        return tolerance
    return error("E_NON_POSITIVE", f"The tolerance is {max_deviation_pct} %.", "State a tolerance of 0 or more.", where)


def _nearest(dose_mg: Fraction, rule: Rounding) -> Fraction:
    if rule.mode in BAND_TABLES:
        return BAND_TABLES[rule.mode].band_for(dose_mg)
    return STEP_MODES[rule.mode][1](dose_mg / rule.step_mg) * rule.step_mg


def _within(limit_mg: Fraction, rule: Rounding) -> Fraction:
    if rule.mode in BAND_TABLES:
        return BAND_TABLES[rule.mode].highest_within(limit_mg)
    return floor(limit_mg / rule.step_mg) * rule.step_mg


def _banded(band_mg: Fraction, rule: Rounding) -> tuple[Finding, ...]:
    if rule.mode not in BAND_TABLES:
        return ()
    told = f"The dose falls into the band of {shown(band_mg)} mg."
    return (warning("W_BANDED", told, "Compare band and calculated dose.", "order.rounding"),)


def _rounding_step(dose_mg: Fraction, rounded: Fraction, rule: Rounding) -> Step:
    if rule.mode in BAND_TABLES:
        formula, source = f"{shown(dose_mg)} in the bands {rule.mode}, an edge goes up", BAND_TABLES[rule.mode].source
    else:
        formula = f"{shown(dose_mg)} in steps of {shown(rule.step_mg)}, {STEP_MODES[rule.mode][0]}"
        source = "dosing rule: rounding"
    return Step("dose to make", formula, shown(rounded), "mg", source)


def _out_of_tolerance(dose_mg: Fraction, rounded: Fraction, deviation_pct: Fraction, rule: Rounding) -> Finding:
    allowed = "" if rule.max_deviation_pct is None else f"; at most ±{shown(rule.max_deviation_pct)} % are allowed"
    return error(
        "E_ROUNDING_TOLERANCE",
        f"Rounding {shown(dose_mg)} mg gives {shown(rounded)} mg, {shown(deviation_pct, 12)} % away{allowed}.",
        "Use a finer step, another strength, or ask the prescriber.",
        "order.rounding",
    )
