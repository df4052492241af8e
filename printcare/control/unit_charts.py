"""What units say one after the other: charts of mass and pressure, and prediction against balance (process.md §5)."""

from __future__ import annotations

import math

from printcare.control.alarms import Trip, trip
from printcare.control.cause import likely_cause_of_mass
from printcare.control.plan import JobPart
from printcare.domain.recipe import Detectors
from printcare.extrusion.detectors import Ewma
from printcare.extrusion.soft_sensor import Fused, fuse

LIKELY = {
    "mass": "trapped air, another lot, or a drift of ink, drive, supply or balance",
    "pressure": "liquid-phase migration, a colder or hotter ink, a nozzle that closes slowly, or a sensor that drifts",
}


class UnitCharts:
    """The EWMA charts of one part over the units of a batch; their λ, limit, ρ and σ are the recipe's."""

    def __init__(self, part: JobPart, detectors: Detectors) -> None:
        self._target_mg = float(part.gate.target_mg)
        self._detectors = detectors
        low, high = part.parameters.unit_multiplier.proven
        self._gain = 1.0  # weighed over predicted, of this cartridge
        self._gain_sd = float(high - low) / 2 / math.sqrt(3)  # anything the proven range can correct is expected
        self._balance_sd_mg = float(part.gate.expanded_mg) / 2
        self._charts = {name: self._chart() for name in LIKELY}
        self._sd_pct = {"mass": float(detectors.unit_mass_sd_pct), "pressure": float(detectors.prime_sd_pct)}

    def judge(self, predicted_mg: float, mass_mg: float, pressure_share: float) -> Trip | None:
        """Take one good unit, its pressure as a share of the prime's, and return A09 where a chart left its limits.

        The mass is charted against what the units before it let expect: a bias that is corrected is no trend.
        """
        mass_sd = math.hypot(self._sd_pct["mass"] / 100, self._gain_sd)
        off = {"mass": (mass_mg / (self._gain * predicted_mg) - 1) / mass_sd}
        off["pressure"] = 100 * (pressure_share - 1) / self._sd_pct["pressure"]
        self._learn(predicted_mg, mass_mg)
        for name, chart in self._charts.items():
            chart.add(off[name])
        out = next(((name, chart) for name, chart in self._charts.items() if chart.is_out), None)
        if out is None:
            return None
        name, chart = out
        self._charts[name] = self._chart()  # the job holds until this one is answered: it is not told twice
        told = f"the {name} of units stands at {chart.value:+.1f} σ, limit {chart.limit:.1f} σ"
        return trip("A09", f"{told}, over {chart.count} units; {LIKELY[name]}")

    def compare(self, predicted_mg: float, weighed_mg: float) -> Fused:
        """Return prediction and weighed mass together; beyond `model_z` they must not be averaged.

        The prediction knows this cartridge's bias only from the units before it: the first may differ by more.
        """
        sd_mg = self._target_mg * math.hypot(self._sd_pct["mass"] / 100, self._gain_sd)
        return fuse(self._gain * predicted_mg, sd_mg, weighed_mg, self._balance_sd_mg)

    def _chart(self) -> Ewma:
        told = self._detectors
        return Ewma(float(told.unit_ewma_lambda), float(told.unit_ewma_sigma), float(told.unit_rho))

    def _learn(self, predicted_mg: float, weighed_mg: float) -> None:
        """Take the bias of a good unit into the next prediction."""
        known, seen = self._gain_sd**2, (self._sd_pct["mass"] / 100) ** 2
        share = max(known / (known + seen), float(self._detectors.unit_ewma_lambda))
        self._gain += share * (weighed_mg / predicted_mg - self._gain)
        self._gain_sd *= math.sqrt(1 - share)

    def disagreement(self, fused: Fused, predicted_mg: float, weighed_mg: float) -> Trip | None:
        """Return A15 where prediction and balance disagree by more than chance."""
        if abs(fused.z) <= float(self._detectors.model_z):
            return None
        told = f"predicted {predicted_mg:.1f} mg, weighed {weighed_mg:.1f} mg, z {fused.z:+.1f}"
        likely = likely_cause_of_mass(weighed_mg / predicted_mg)
        return trip("A15", f"{told}, limit {self._detectors.model_z}; {likely}")
