"""The mass of a unit before it is weighed: from the plunger's way, from pressure, and both fused (process.md §5)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date


def displacement_mass_mg(
    pushed_mm3: float, compliance_mm3_kpa: float, start_kpa: float, end_kpa: float, density_mg_mm3: float
) -> float:
    """Return m = ρ·(A·Δx − C·(P_end − P_start)): what the plunger pushed and the syringe did not keep."""
    return density_mg_mm3 * (pushed_mm3 - compliance_mm3_kpa * (end_kpa - start_kpa))


@dataclass(slots=True)
class PressureMass:
    """Extended Kalman filter of [P, m]: Ṗ = (u − q)/C, ṁ = ρ·q, measured by P (process.md §5.2).

    Explicit Euler with the Jacobian at the prior mean. `flow` is q(P) and `flow_slope` dq/dP; variances in kPa², mg²,
    process noise a second.
    """

    flow: Callable[[float], float]
    flow_slope: Callable[[float], float]
    compliance_mm3_kpa: float
    density_mg_mm3: float
    pressure_kpa: float
    pressure_var: float
    mass_mg: float = 0.0
    mass_var: float = 1e-6
    noise_pressure: float = 4.0
    noise_mass: float = 0.01
    shared_var: float = 0.0  # covariance of pressure and mass
    innovation: float = 0.0
    innovation_var: float = 0.0

    def step(self, plunger_mm3_s: float, measured_kpa: float, measured_var: float, dt_s: float) -> None:
        """Predict over `dt_s` of a plunger flow and correct by one measured pressure."""
        q, slope = self.flow(self.pressure_kpa), self.flow_slope(self.pressure_kpa)
        kept = 1 - dt_s * slope / self.compliance_mm3_kpa
        gained = dt_s * self.density_mg_mm3 * slope
        p, m, c = self.pressure_var, self.mass_var, self.shared_var
        self.pressure_kpa += dt_s * (plunger_mm3_s - q) / self.compliance_mm3_kpa
        self.mass_mg += dt_s * self.density_mg_mm3 * q
        p, c, m = (
            kept * kept * p + self.noise_pressure * dt_s,
            kept * (gained * p + c),
            gained * gained * p + 2 * gained * c + m + self.noise_mass * dt_s,
        )
        self.innovation = measured_kpa - self.pressure_kpa
        self.innovation_var = p + measured_var
        gain_p, gain_m = p / self.innovation_var, c / self.innovation_var
        self.pressure_kpa += gain_p * self.innovation
        self.mass_mg += gain_m * self.innovation
        self.pressure_var, self.shared_var, self.mass_var = (1 - gain_p) * p, (1 - gain_p) * c, m - gain_m * c


@dataclass(frozen=True, slots=True)
class Fused:
    """Two estimates of one mass as one, and how far apart they stand in their common standard deviation."""

    mass_mg: float
    sd_mg: float
    z: float


def fuse(model_mg: float, model_sd_mg: float, weighed_mg: float, weighed_sd_mg: float) -> Fused:
    """Return Σ(mᵢ/σᵢ²)/Σ(1/σᵢ²); where |z| is beyond the recipe's limit the two must not be fused (A15)."""
    a, b = 1 / model_sd_mg**2, 1 / weighed_sd_mg**2
    z = (weighed_mg - model_mg) / math.hypot(model_sd_mg, weighed_sd_mg)
    return Fused((a * model_mg + b * weighed_mg) / (a + b), 1 / math.sqrt(a + b), z)


@dataclass(frozen=True, slots=True)
class Validation:
    """How well the predicted mass met the weighed one: what a recipe refers to before it may use the prediction."""

    units: int
    bias_pct: float
    rmse_pct: float
    range_mg: tuple[float, float]
    validated_on: date

    def covers(self, mass_mg: float) -> bool:
        """Whether a mass lies in the validated range."""
        return self.range_mg[0] <= mass_mg <= self.range_mg[1]


def validate(predicted_mg: Sequence[float], weighed_mg: Sequence[float], on: date) -> Validation:
    """Return bias and root mean square error of predictions, in % of the weighed mass, and the range they cover."""
    off = [100 * (p - w) / w for p, w in zip(predicted_mg, weighed_mg, strict=True)]
    rmse = math.sqrt(math.fsum(each * each for each in off) / len(off))
    return Validation(len(off), math.fsum(off) / len(off), rmse, (min(weighed_mg), max(weighed_mg)), on)
