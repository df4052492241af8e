"""An order of several parts: unequal doses of a day, tapers, and units of several drugs; one refusal refuses all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from printcare.domain.checks import Finding, error
from printcare.domain.dose_case import DoseCase, DoseStep
from printcare.domain.dosing import DoseCalculation, Refusal, calculate
from printcare.domain.numbers import as_decimal, shown

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class CalculatedStep:
    """One step with each of its doses calculated, in the order of the day."""

    days: int
    doses: tuple[tuple[str, DoseCalculation], ...]

    @property
    def daily_dose_mg(self) -> Decimal:
        """Return the sum of one day."""
        return as_decimal(sum((Fraction(dose.dose_rounded_mg) for _, dose in self.doses), Fraction(0)))

    @property
    def units(self) -> int:
        """Return how many units the whole step needs."""
        return self.days * sum(dose.units.units_per_dose for _, dose in self.doses)


def calculate_steps(case: DoseCase, steps: tuple[DoseStep, ...]) -> tuple[CalculatedStep, ...] | Refusal:
    """Return every step with its doses, each calculated, capped and rounded by itself, or the refusal of all.

    `case` holds all but the amounts. The highest daily dose is compared with the sum of a step's day; a sum above it
    is refused, because nobody said which of the unequal doses to lower.
    """
    if not steps:
        return Refusal((error("E_STEPS_EMPTY", "The order has no step.", "State at least one step.", "order.steps"),))
    calculated = []
    for index, step in enumerate(steps):
        outcome = _step(case, step, f"order.steps[{index}]")
        if isinstance(outcome, Refusal):
            return outcome
        calculated.append(outcome)
    return tuple(calculated)


def calculate_components(cases: Mapping[str, DoseCase]) -> Mapping[str, DoseCalculation] | Refusal:
    """Return the calculation of each drug of one unit by its name; one refusal refuses the unit, all are told."""
    outcomes = {name: calculate(case) for name, case in cases.items()}
    findings = tuple(
        replace(finding, where=f"{name}.{finding.where}" if finding.where else name)
        for name, outcome in outcomes.items()
        if isinstance(outcome, Refusal)
        for finding in outcome.findings
    )
    if findings:
        return Refusal(findings)
    return {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, DoseCalculation)}


def _step(case: DoseCase, step: DoseStep, where: str) -> CalculatedStep | Refusal:
    objection = _shape(step, where)
    if objection is not None:
        return Refusal((objection,))
    doses = []
    for index, timed in enumerate(step.doses):
        order = replace(case.order, amount=timed.amount, per="dose", doses_per_day="1")
        outcome = calculate(replace(case, order=order))
        if isinstance(outcome, Refusal):
            found = (replace(finding, where=f"{where}.doses[{index}]: {finding.where}") for finding in outcome.findings)
            return Refusal(tuple(found))
        doses.append((timed.time_of_day, outcome))
    calculated = CalculatedStep(step.days, tuple(doses))
    over = _over_daily(calculated, where)
    return calculated if over is None else Refusal((over,))


def _shape(step: DoseStep, where: str) -> Finding | None:
    if step.days < 1:
        return error("E_STEP_DAYS", f"The step lasts {step.days} days.", "State at least one day.", where)
    times = [dose.time_of_day for dose in step.doses]
    if not times:
        return error("E_STEPS_EMPTY", "The step has no dose.", "State at least one dose of the day.", where)
    if not all(_TIME.fullmatch(time) for time in times) or sorted(set(times)) != times:
        told = f"The times of the day are {', '.join(times)}."
        return error("E_STEP_TIMES", told, "State each time once, as HH:MM, in the order of the day.", where)
    return None


def _over_daily(step: CalculatedStep, where: str) -> Finding | None:
    highest = step.doses[0][1].caps.max_daily_mg
    if highest is None or Fraction(step.daily_dose_mg) <= highest:
        return None
    told = (
        f"The doses of a day add up to {shown(step.daily_dose_mg)} mg; the highest daily dose is {shown(highest)} mg."
    )
    return error("E_MAX_DOSE_EXCEEDED", told, "Ask the prescriber; no dose is lowered by itself.", where)
