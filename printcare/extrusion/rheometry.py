"""Rheology of an ink from the printer's own pressure: K, n and τ0 with confidence (process.md §1.1–1.3).

The nozzle is a capillary rheometer: each flow has its steady pressure, and the model that predicts the pressure of a
recipe is fitted to them. A friction of the plunger is taken out before, since it cannot be told from a yield stress.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from printcare.errors import PrintcareError
from printcare.extrusion.rheology import Cone, Ink, Tube, cone_pressure_kpa, tube_pressure_kpa

Array = npt.NDArray[np.float64]
CONFIDENCE = 0.95
LEAST_FLOW_RATIO = 3.0  # a flow index is the slope of a logarithm: over less than half a decade it is a guess
START_FLOW_INDEX = 0.5
START_YIELD_SHARE = 0.1  # of the least wall stress


@dataclass(frozen=True, slots=True)
class SteadyPressure:
    """The gauge pressure, kPa, that a flow in mm³/s settles at."""

    flow_mm3_s: float
    pressure_kpa: float


@dataclass(frozen=True, slots=True)
class Channel:
    """What the ink flows through, from the plunger down: barrel and hub only where they are known."""

    needle: Tube
    cone: Cone | None = None
    barrel: Tube | None = None

    def pressure_kpa(self, ink: Ink, flow_mm3_s: float) -> float:
        """Return the pressure the flow needs, kPa."""
        pressure = tube_pressure_kpa(ink, self.needle, flow_mm3_s)
        pressure += cone_pressure_kpa(ink, self.cone, flow_mm3_s) if self.cone else 0.0
        return pressure + (tube_pressure_kpa(ink, self.barrel, flow_mm3_s) if self.barrel else 0.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, in the unit of the value."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rheogram:
    """The fitted ink: K in Pa·sⁿ, n, τ0 in Pa, the scatter about the curve in % and the wall shear rates covered."""

    consistency_pa_sn: Estimate
    flow_index: Estimate
    yield_stress_pa: Estimate | None  # None for the power law
    residual_pct: float
    shear_rates_per_s: tuple[float, float]
    points: int

    @property
    def ink(self) -> Ink:
        """Return the ink as the pressure model takes it."""
        plug = self.yield_stress_pa.value if self.yield_stress_pa else 0.0
        return Ink(self.consistency_pa_sn.value, self.flow_index.value, plug)


def fitted(measured: Sequence[SteadyPressure], channel: Channel) -> Rheogram:
    """Return the simplest ink that explains the pressures: a yield stress only where its interval excludes zero.

    Raises PrintcareError RHEOLOGY_DATA for too few flows, flows too much alike, or a pressure that is none.
    """
    _refuse_poor_data(measured)
    power_law = _fit(measured, channel, has_yield=False)
    if len(measured) <= 3:
        return power_law
    with_yield = _fit(measured, channel, has_yield=True)
    plug = with_yield.yield_stress_pa
    # A term more always fits closer: it has to be both certain and better by what its freedom costs.
    return with_yield if plug and plug.low > 0 and with_yield.residual_pct < power_law.residual_pct else power_law


def _refuse_poor_data(measured: Sequence[SteadyPressure]) -> None:
    flows = sorted({point.flow_mm3_s for point in measured})
    if any(point.flow_mm3_s <= 0 or point.pressure_kpa <= 0 for point in measured):
        told = "A flow or a pressure is zero or below it."
        raise PrintcareError(
            "RHEOLOGY_DATA", told, "Leave such points out, and set the sensor's zero with an open tip."
        )
    if len(flows) < 3 or flows[-1] < LEAST_FLOW_RATIO * flows[0]:
        told = f"{len(flows)} different flows were measured, in mm³/s: {', '.join(f'{flow:g}' for flow in flows)}."
        remedy = f"Print at three flows or more, the fastest at least {LEAST_FLOW_RATIO:g} times the slowest."
        raise PrintcareError("RHEOLOGY_DATA", told, remedy)


def _fit(measured: Sequence[SteadyPressure], channel: Channel, *, has_yield: bool) -> Rheogram:
    from scipy.optimize import least_squares

    flows = np.array([point.flow_mm3_s for point in measured])
    logs = np.log([point.pressure_kpa for point in measured])

    def residuals(parameters: Array) -> Array:
        """Return the misfit as a share of each pressure: a sensor's and a process's scatter both grow with it."""
        ink = _ink(parameters, has_yield=has_yield)
        return np.log([channel.pressure_kpa(ink, float(flow)) for flow in flows]) - logs

    found = least_squares(residuals, _start(measured, channel, has_yield=has_yield), method="trf", x_scale="jac")
    freedom = max(1, len(measured) - len(found.x))
    variance = float(np.sum(found.fun**2)) / freedom
    covariance = np.linalg.pinv(found.jac.T @ found.jac) * variance
    reach = _student(freedom) * np.sqrt(np.diag(covariance))
    estimates = [
        Estimate(math.exp(value), math.exp(value - width), math.exp(value + width))
        for value, width in zip(found.x[:2], reach[:2], strict=True)
    ]
    plug = None
    if has_yield:
        at, width = float(found.x[2]), float(reach[2])
        plug = Estimate(max(0.0, at), max(0.0, at - width), max(0.0, at + width))
    rates = 32 * flows / (math.pi * channel.needle.bore_mm**3)
    return Rheogram(
        estimates[0],
        estimates[1],
        plug,
        100 * math.sqrt(variance),
        (float(rates.min()), float(rates.max())),
        len(measured),
    )


def _ink(parameters: Array, *, has_yield: bool) -> Ink:
    plug = max(0.0, float(parameters[2])) if has_yield else 0.0
    return Ink(math.exp(parameters[0]), math.exp(parameters[1]), plug)


def _start(measured: Sequence[SteadyPressure], channel: Channel, *, has_yield: bool) -> Array:
    """Return where the search begins: K by the first pressure under a usual flow index."""
    trial = channel.pressure_kpa(Ink(1.0, START_FLOW_INDEX), measured[0].flow_mm3_s)
    start = [math.log(measured[0].pressure_kpa / trial), math.log(START_FLOW_INDEX)]
    least_kpa = min(point.pressure_kpa for point in measured)
    stress_pa = least_kpa * 1000 * channel.needle.bore_mm / (4 * channel.needle.length_mm)
    return np.array([*start, START_YIELD_SHARE * stress_pa] if has_yield else start)


def _student(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
