"""A twin of a planned print: pressure and mass of each unit with their interval, compared with what came of it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any  # a state is parsed JSON

from printcare.control.plan import JobPlan
from printcare.domain.checks import error
from printcare.domain.recipe import unit_volume_mm3
from printcare.extrusion.rheology import barrel_of, predicted_pressure_kpa
from printcare.records.accounts import Account
from printcare.records.store import Store
from printcare.workflow.authority import Refused, allowed, refuse
from printcare.workflow.batch.plan import units_of
from printcare.workflow.study.experiments import TABLE, WRITE

KIND = "forecast"
NORMAL_95 = 1.959964
PRINT = "research.print"
USUAL_MASS_SD_PCT, USUAL_PRESSURE_SD_PCT = 1.5, 5.0  # of a recipe that states none of its own
LEAST_UNITS = 6  # of earlier batches, before they say more than the recipe does


@dataclass(frozen=True, slots=True)
class Expected:
    """What was planned, what is expected of it, and the interval the next value lies in with 95 % probability."""

    planned: float
    value: float
    low: float
    high: float

    def has(self, found: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= found <= self.high


@dataclass(frozen=True, slots=True)
class UnitForecast:
    """One unit: mass in mg, and the highest pressure in kPa where the ink's drive shows one."""

    index: int
    mass_mg: Expected
    pressure_kpa: Expected | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Every unit of a batch, and what its intervals rest on."""

    batch_id: str
    basis: str
    units: tuple[UnitForecast, ...]

    def as_state(self) -> dict[str, Any]:
        """Return the forecast as the record keeps it."""
        return {
            "basis": self.basis,
            "units": [
                {
                    "index": unit.index,
                    "mass_mg": _told(unit.mass_mg, 2),
                    "pressure_kpa": None if unit.pressure_kpa is None else _told(unit.pressure_kpa, 1),
                }
                for unit in self.units
            ],
        }


@dataclass(frozen=True, slots=True)
class _Scatter:
    """How far units of this recipe lie from plan, % of it: mean and standard deviation of mass and pressure."""

    mass: tuple[float, float]
    pressure: tuple[float, float]
    basis: str


def forecast(records: Store, account: Account, job: JobPlan) -> Forecast:
    """Forecast the first part of each unit of a planned job, and put it on record before anything is printed.

    The pressure falls as the barrel empties. What the next unit scatters by is taken from earlier batches of the same
    recipe where there are enough weighed units, else from the recipe's own qualification figures.
    """
    actor = allowed(records, account, PRINT)
    scatter = _scatter(records, job)
    part = job.first
    target_mg = float(part.gate.target_mg)
    unit_mm3 = unit_volume_mm3(part.gate.target_mg, part.ink)
    units = []
    for index in range(1, job.units + 1):
        left_mm3 = part.ink_available_mm3 - float(part.parameters.prime_mm3.target) - (index - 1) * unit_mm3
        pressure = None
        if part.ink.predicts_pressure:
            barrel = barrel_of(job.tool(part), left_mm3)
            at_c = float(part.parameters.cartridge_c.target)
            kpa = predicted_pressure_kpa(part.ink, part.nozzle, part.flow_mm3_s, at_c, barrel)
            pressure = _expected(kpa, *scatter.pressure)
        units.append(UnitForecast(index, _expected(target_mg, *scatter.mass), pressure))
    made = Forecast(job.batch_id, scatter.basis, tuple(units))
    row = made.as_state() | {"status": "forecast", "kind": KIND, "batch": job.batch_id, "recipe": _recipe(job)}
    with records.transaction(actor) as tx:
        tx.record("trial.forecast", TABLE, key_of(job.batch_id), row | {"by": account.id, "compared": None})
    return made


def key_of(batch_id: str) -> str:
    """Return the key of a batch's forecast."""
    return f"F-{batch_id}"


def compare_forecast(records: Store, account: Account, batch_id: str) -> dict[str, Any]:
    """Compare a printed batch with its forecast, keep the comparison on record, and return it.

    Raises Refused, recorded, for a batch without a forecast or without a weighed unit.
    """
    actor = allowed(records, account, WRITE)
    key = key_of(batch_id)
    state, rows = records.get(TABLE, key), {row["index"]: row for row in units_of(records, batch_id)}
    weighed = {index: row for index, row in rows.items() if row.get("mass_mg") is not None}
    if state is None or not weighed:
        told = f"Batch {batch_id} has {'no forecast' if state is None else 'no weighed unit'}."
        stops = (error("E_FORECAST_NONE", told, "Plan it with `printcare trial`, and print it.", "batch"),)
        refuse(records, actor, WRITE, TABLE, key, stops)
        raise Refused(stops)
    compared = {
        name: _compared(
            [(unit[name], weighed[unit["index"]].get(seen)) for unit in state["units"] if unit["index"] in weighed]
        )
        for name, seen in (("mass_mg", "mass_mg"), ("pressure_kpa", "pressure_max_kpa"))
    }
    with records.transaction(actor) as tx:
        row = (tx.get(TABLE, key) or {}) | {"status": "compared", "compared": compared}
        tx.record("trial.compared", TABLE, key, row)
    return {"batch": batch_id, "basis": state["basis"], **compared}


def _compared(pairs: Sequence[tuple[Sequence[str] | None, Any]]) -> dict[str, Any] | None:
    """Return how many values fell inside their interval, and how far they lie from what was expected, in %."""
    known = [
        (Expected(*(float(each) for each in hoped)), float(seen)) for hoped, seen in pairs if hoped and seen is not None
    ]
    if not known:
        return None
    off = [100 * (seen / hoped.value - 1) for hoped, seen in known]
    return {
        "units": len(known),
        "inside": sum(hoped.has(seen) for hoped, seen in known),
        "bias_pct": f"{statistics.fmean(off):.3f}",
        "worst_pct": f"{max(off, key=abs):.3f}",
    }


def _scatter(records: Store, job: JobPlan) -> _Scatter:
    masses, pressures = [], []
    for state in records.all(TABLE, kind=KIND).values():
        if state["recipe"] == _recipe(job) and state["batch"] != job.batch_id:
            rows = {row["index"]: row for row in units_of(records, state["batch"])}
            masses += _off_pct(state, rows, "mass_mg", "mass_mg")
            pressures += _off_pct(state, rows, "pressure_kpa", "pressure_max_kpa")
    detectors = job.first.limits.detectors
    stated = (USUAL_MASS_SD_PCT, USUAL_PRESSURE_SD_PCT)
    if detectors is not None:
        stated = (float(detectors.unit_mass_sd_pct), float(detectors.prime_sd_pct))
    basis = "the recipe's qualification figures"
    if len(masses) >= LEAST_UNITS:
        basis = f"{len(masses)} weighed units of earlier trials of this recipe"
    mass = _mean_and_sd(masses) if len(masses) >= LEAST_UNITS else (0.0, stated[0])
    pressure = _mean_and_sd(pressures) if len(pressures) >= LEAST_UNITS else (0.0, stated[1])
    return _Scatter(mass, pressure, basis)


def _off_pct(state: Mapping[str, Any], rows: Mapping[int, Mapping[str, Any]], name: str, seen: str) -> list[float]:
    found = []
    for unit in state["units"]:
        value = rows.get(unit["index"], {}).get(seen)
        if value is not None and unit[name] is not None:
            found.append(100 * (float(value) / float(unit[name][0]) - 1))
    return found


def _mean_and_sd(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean, and the standard deviation of the next value as if it were known: few values widen it."""
    from scipy.special import stdtrit

    widened = float(stdtrit(len(values) - 1, 0.975)) / NORMAL_95
    return statistics.fmean(values), statistics.stdev(values) * math.sqrt(1 + 1 / len(values)) * widened


def _expected(planned: float, bias_pct: float, sd_pct: float) -> Expected:
    at, reach = planned * (1 + bias_pct / 100), planned * NORMAL_95 * sd_pct / 100
    return Expected(planned, at, at - reach, at + reach)


def _told(found: Expected, digits: int) -> list[str]:
    return [str(Decimal(str(round(each, digits)))) for each in (found.planned, found.value, found.low, found.high)]


def _recipe(job: JobPlan) -> str:
    return f"{job.master.id}/{job.master.version}"
